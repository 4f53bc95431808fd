import DescentPlots
import Foundation

/// Every kind of chart and block on one page: `swift run -c release example-charts` writes charts.html.
@main
enum Charts {
  static func main() throws {
    let path = CommandLine.arguments.dropFirst().first ?? "charts.html"
    try Data(gallery.html().utf8).write(to: URL(filePath: path), options: .atomic)
    print("Wrote \(path).")
  }

  private static var gallery: Report {
    Report(
      "Charts", subtitle: "Every kind of chart and block that DescentPlots has.", footer: "Made by example-charts."
    ) {
      KeyFacts(["accuracy": "0.9333", "log loss": "0.1876", "parameters": "4675", "best epoch": "231 of 261"])
      Section("Lines") {
        learning
        LineChart(
          "Time against size", x: Axis("rows", scale: .logarithmic), y: Axis("time", unit: "ms", scale: .logarithmic),
          series: (0..<7).map { index in
            PlotSeries(
              "engine \(index + 1)", x: (0..<7).map { pow(10, Double($0)) },
              y: (0..<7).map { pow(10, Double($0) * 0.9 - 2) * Double(index + 1) })
          })
        LineChart(
          "Accuracy with its interval", x: Axis("strength"), y: Axis("accuracy", range: 0.4...1),
          series: [
            PlotSeries(
              "network", points: (0...10).map { PlotSeries.Point(Double($0) / 10, 0.5 + 0.045 * Double($0)) },
              style: .lineWithDots,
              intervals: (0...10).map { (0.45 + 0.045 * Double($0))...(0.55 + 0.04 * Double($0)) })
          ], marks: [.horizontal(0.5, "chance")])
        LineChart(
          "A run that diverged", x: Axis("step", isWhole: true), y: Axis("loss", scale: .automatic),
          series: [PlotSeries("loss", (0..<60).map { $0 < 50 ? exp(Double($0) / 3) : .nan })])
      }
      Section("Dots") {
        ScatterChart(
          "Predicted against actual", of: "weight (g)", actual: noise.map { 500 + 300 * $0 },
          predicted: zip(noise, noise.reversed()).map { 500 + 300 * $0 + 60 * $1 })
        ReliabilityDiagram(
          "Calibration", probabilities: noise.map { 1 / (1 + exp(-2 * $0)) },
          outcomes: zip(noise, noise.reversed()).map { $0 + 0.7 * $1 > 0 })
        Histogram("Errors", x: Axis("error", unit: "g"), counting: "rows", values: noise)
        BarChart(
          "Importance", axis: Axis("loss of accuracy when shuffled"),
          bars: [
            BarChart.Bar("petal_width", 0.41, interval: 0.36...0.46, isHighlighted: true),
            BarChart.Bar("petal_length", 0.22, interval: 0.19...0.25),
            BarChart.Bar("a column whose name is far too long for the room that there is", 0.03),
            BarChart.Bar("sepal_width", -0.012, interval: -0.03...0.01), BarChart.Bar("عرض البتلة <b>&", 0.002),
          ])
      }
      Section("Shades") {
        HeatMap(
          confusion: "Confusion", counts: [[10, 0, 0], [0, 9, 1], [0, 1, 9]],
          classNames: ["setosa", "versicolor", "virginica"])
        HeatMap(
          "Attention", rowTitle: "from", rows: tokens, columnTitle: "to", columns: tokens, values: attention,
          range: 0...1)
        HeatMap(
          "Correlations", rows: ["a", "b", "c"], columns: ["a", "b", "c"],
          values: [[1, -0.7, 0.1], [-0.7, 1, .nan], [0.1, .nan, 1]], range: -1...1)
        FilterGrid("Filters", pictures: filters)
      }
      Section("Text") {
        Prose("A paragraph.\n\nAnother one, with <tags> & \"quotes\", control\u{7} characters and 🐟.")
        Points(["1 row repeats an earlier row.", "Nothing is missing."])
        DataTable(
          ["model", "accuracy", "log loss"],
          rows: [["network", "0.9333", "0.1876"], ["majority class", "0.3333", "1.099"]], caption: "Scores")
        TextSamples([("temperature 0.8", "To be, or not to be:\nthat is the question.")])
        CodeBlock("descent train iris.csv --predict species --seed 0", caption: "To get this again:")
      }
    }
  }

  private static let learning = LineChart(
    "Loss", x: Axis("epoch", isWhole: true), y: Axis("loss"),
    series: [
      PlotSeries("training", decay(from: 1.4, to: 0.30, drift: 0)),
      PlotSeries("validation", decay(from: 1.3, to: 0.34, drift: 0.0008)),
    ], marks: [.vertical(52, "best epoch, 52")], note: "The weights of the best epoch are kept.")

  private static func decay(from start: Double, to end: Double, drift: Double) -> [Double] {
    (1...80).map { epoch in
      let time = Double(epoch)
      return end + (start - end) * exp(-time / 13) + drift * time
    }
  }

  private static let tokens = "The quick brown fox jumps over the lazy dog and runs away from it all today ."
    .split(separator: " ").map(String.init)

  private static let attention: [[Double]] = tokens.indices.map { row in
    tokens.indices.map { column in column > row ? 0 : exp(-Double((row - column) % 5)) }
  }

  private static let filters: [[[Double]]] = (1...10).map { filter in
    (0..<5).map { y in (0..<5).map { x in sin(Double(x * filter) + Double(y * 3)) } }
  }

  /// 400 numbers, normal enough.
  private static let noise: [Double] = (0..<400).map { index in
    let waves = (1...6).map { wave in sin(Double(index * wave * wave) * 12.9898 + Double(wave)) }
    return waves.reduce(0, +) * 0.577
  }
}
