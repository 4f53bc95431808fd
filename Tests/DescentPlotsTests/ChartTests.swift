import DescentPlots
import Foundation
import Testing

@Suite struct ChartTests {
  @Test func linesGoWhereTheirValuesAre() throws {
    let chart = LineChart(
      "Loss", x: Axis("epoch", range: 1...3), y: Axis("loss", range: 0...2),
      series: [PlotSeries("training", [2, 1, 0])])
    let path = try #require(ParsedMarkup(chart.svg()).elements.first { $0.name == "path" })
    let frame = try #require(ParsedMarkup(chart.svg()).elements.last { $0.name == "svg" })
    let size = try #require(frame.attributes["viewBox"]).split(separator: " ").compactMap { Double($0) }
    // The frame has a margin of 4 on all sides.
    let (width, height) = (size[2] - 8, size[3] - 8)
    let places = try #require(path.attributes["d"]).split { "ML ".contains($0) }.compactMap { Double($0) }
    let expected = [0, 0, width / 2, height / 2, width, height]
    #expect(places.count == 6 && zip(places, expected).allSatisfy { abs($0 - $1) <= 0.1 })
  }

  @Test func describesItselfInWords() {
    let chart = LineChart(
      "Loss", x: Axis("epoch"), y: Axis("loss", unit: "nats"), series: [PlotSeries("training", [2, 1, 1.5])],
      marks: [.vertical(2, "best epoch, 2")])
    #expect(
      chart.html.contains(
        "<desc>Line chart of loss (nats) over epoch. training: 3 points, from 2 at 1 to 1.5 at 3, lowest 1, highest 2. "
          + "Marked: best epoch, 2.</desc>"))
    #expect(chart.html.contains("role=\"img\""))
    #expect(chart.html.contains("<title>Loss</title>"))
  }

  @Test func countsIntoRanges() {
    let chart = Histogram("", x: Axis("x"), values: [0, 1, 2, 3, 4, 5, 6, 7, 8, 10], bins: 5)
    let tips = ["2 from 0 to 2", "2 from 2 to 4", "2 from 4 to 6", "2 from 6 to 8", "2 from 8 to 10"]
    for tip in tips { #expect(chart.svg().contains("<title>\(tip)</title>")) }
    let few = Histogram("", x: Axis("x"), values: [1, 1, 1], bins: 5).svg()
    #expect(few.contains("<title>3 from "))
  }

  @Test func confusionShadesAreSharesOfARow() {
    let svg = HeatMap(confusion: "", counts: [[3, 1], [0, 0]], classNames: ["cat", "dog"]).svg()
    let cells = ParsedMarkup(svg).elements.filter { $0.attributes["class"] == "cell" }
    #expect(cells.map { $0.attributes["fill-opacity"] } == ["0.75", "0.25", "0", "0"])
    #expect(svg.contains("<title>cat · dog: 1</title>"))
  }

  @Test func reliabilityGroupsByProbability() {
    let chart = ReliabilityDiagram(
      "", probabilities: [0.02, 0.04, 0.95, 1, 0.5, 2, .nan], outcomes: [false, true, true, true, false, true, true])
    #expect(chart.bins.map(\.count) == [2, 1, 2])
    #expect(chart.bins.map(\.accuracy) == [0.5, 0, 1])
    #expect(chart.bins[2].confidence == 0.975)
  }

  @Test func barsGrowFromZero() throws {
    let bars = ParsedMarkup(
      BarChart("", axis: Axis("x"), bars: [BarChart.Bar("a", 2), BarChart.Bar("b", -1), BarChart.Bar("c", 0)]).svg()
    ).elements.filter { $0.attributes["class"]?.hasPrefix("bar") == true }
    let edges = try bars.map { bar in
      (try #require(Double(bar.attributes["x"] ?? "")), try #require(Double(bar.attributes["width"] ?? "")))
    }
    #expect(abs(edges[1].0 + edges[1].1 - edges[0].0) < 0.2, "both end at zero")
    #expect(abs(edges[0].1 - 2 * edges[1].1) < 0.3)
    #expect(edges[2].1 <= 0.5)
  }

  @Test func labelsOfAnAxisKeepApart() throws {
    for range in [0...1e-4, 0...123_456, -1e9...1e9, 1e-9...1] as [ClosedRange<Double>] {
      for scale in [Axis.Scale.linear, .logarithmic] where scale == .linear || range.lowerBound > 0 {
        let axis = Axis("x", scale: scale, range: range)
        let svg = LineChart("", x: axis, y: Axis("y"), series: [PlotSeries("a", [1])]).svg()
        let places = ParsedMarkup(svg).elements.filter {
          $0.name == "text" && $0.attributes["text-anchor"] == "middle"
        }.compactMap { Double($0.attributes["x"] ?? "") }
        #expect(places.count >= 2)
        #expect(zip(places, places.dropFirst()).allSatisfy { $1 - $0 >= 30 }, "\(range)")
      }
    }
  }

  /// Boxes of 0.5 em a character, which is what letters of usual fonts are on average; turned text is left out.
  @Test func textsKeepApart() throws {
    let long = "a name that is much longer than any chart has room for, and then some more of it"
    let charts: [any Chart] = [
      LineChart(
        "", x: Axis(long), y: Axis(long), series: (0..<9).map { PlotSeries("\(long) \($0)", [1, 1e6]) },
        marks: [.vertical(1, "best"), .horizontal(1, long)]),
      LineChart("", x: Axis("x"), y: Axis("y", scale: .logarithmic), series: [PlotSeries("a", [1e-12, 1, 1e12])]),
      LineChart("", x: Axis("x", range: 0...123_456), y: Axis("y", range: -1e-5...1e-5), series: []),
      BarChart(
        "", axis: Axis(long), bars: [.init(long, 1e12), .init(long, -3, interval: -1e12...1e12), .init("b", .nan)]),
      Histogram("", x: Axis("x"), values: (0..<100).map { Double($0 * $0 * 1000) }),
      HeatMap(
        confusion: "", counts: (0..<12).map { row in (0..<12).map { row * $0 * 1000 } },
        classNames: (0..<12).map { "\($0)" }),
      HeatMap(confusion: "", counts: [[1_000_000, 2], [3, 4]], classNames: [long, "b"]),
      ReliabilityDiagram("", probabilities: [0.1, 0.9], outcomes: [false, true]),
      FilterGrid("", pictures: (0..<9).map { _ in [[1]] }, captions: (0..<9).map { _ in long }),
    ]
    for (index, chart) in charts.enumerated() {
      let html = chart.html
      let start = try #require(html.range(of: "<svg")).lowerBound
      let end = try #require(html.range(of: "</svg>", options: .backwards)).upperBound
      let labels = ParsedMarkup(String(html[start..<end])).labels.filter { $0.attributes["transform"] == nil }
      let boxes = try labels.filter { !$0.text.isEmpty }.map { label in (label.text, try box(of: label)) }
      for (position, first) in boxes.enumerated() {
        for second in boxes[(position + 1)...] {
          #expect(!first.1.intersects(second.1), "chart \(index): \(first.0) and \(second.0)")
        }
      }
    }
  }

  private func box(of label: (text: String, attributes: [String: String])) throws -> CGRect {
    let x = try #require(Double(label.attributes["x"] ?? ""))
    let y = try #require(Double(label.attributes["y"] ?? ""))
    let style = label.attributes["class"] ?? ""
    let size = style.contains("small") ? 8.5 : style.contains("medium") ? 11 : 14.0
    let width = Double(label.text.count) * size * 0.5
    let left = ["middle": x - width / 2, "end": x - width][label.attributes["text-anchor"] ?? ""] ?? x
    return CGRect(x: left, y: y - size * 0.75, width: width, height: size * 0.95)
  }

  /// WCAG 2.2, success criterion 1.4.3, on every shade a cell may have.
  @Test func textOnShadesHasContrast() throws {
    let values = (-100...100).map { Double($0) / 100 }
    let svg = HeatMap(
      "", rows: ["r"], columns: values.map { "\($0)" }, values: [values], texts: [values.map { _ in "7" }]
    )
    .svg()
    let parsed = ParsedMarkup(svg).elements
    let cells = parsed.filter { $0.attributes["class"]?.hasPrefix("cell") == true }
    let texts = parsed.filter { $0.attributes["class"]?.hasPrefix("value") == true }
    try #require(cells.count == values.count && texts.count == values.count)
    for (theme, isDark) in [(0, false), (1, true)] {
      let paper = try color("--paper", theme, svg)
      for (cell, text) in zip(cells, texts) {
        let style = cell.attributes["class"] ?? ""
        let shade = try color(style.contains("below") ? "--below" : "--shade", theme, svg)
        let depth = try #require(Double(cell.attributes["fill-opacity"] ?? ""))
        let ground = zip(paper, shade).map { $0 + depth * ($1 - $0) }
        let classes = (text.attributes["class"] ?? "").split(separator: " ")
        let isWhite = isDark ? !classes.contains("deep") : classes.contains("bright")
        #expect(contrast(ground, isWhite ? [255, 255, 255] : [0, 0, 0]) >= 4.4, "\(theme) \(style) \(depth)")
      }
    }
  }

  @Test func textAndLinesHaveContrast() throws {
    let svg = LineChart("", x: Axis("x"), y: Axis("y"), series: []).svg()
    for theme in 0...1 {
      let paper = try color("--paper", theme, svg)
      let panel = try color("--panel", theme, svg)
      for name in ["--ink", "--quiet", "--link", "--alarm"] + (0...5).map({ "--c\($0)" }) {
        #expect(contrast(try color(name, theme, svg), paper) >= 4.5, "\(theme) \(name)")
      }
      #expect(contrast(try color("--quiet", theme, svg), panel) >= 4.5)
    }
  }

  /// A colour of the light (0) or the dark (1) page.
  private func color(_ name: String, _ theme: Int, _ svg: String) throws -> [Double] {
    let places = svg.split(separator: "\(name): #").dropFirst()
    let digits = try #require(places.dropFirst(theme).first).prefix(6)
    let word = try #require(Int(digits, radix: 16))
    return [16, 8, 0].map { Double(word >> $0 & 255) }
  }

  private func contrast(_ first: [Double], _ second: [Double]) -> Double {
    let bright = [first, second].map(luminance)
    return (max(bright[0], bright[1]) + 0.05) / (min(bright[0], bright[1]) + 0.05)
  }

  private func luminance(_ color: [Double]) -> Double {
    let linear = color.map { value -> Double in
      let part = value / 255
      return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
  }
}
