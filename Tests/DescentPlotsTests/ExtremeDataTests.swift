import DescentPlots
import Testing

@Suite struct ExtremeDataTests {
  private static let data: [(name: String, values: [Double])] = [
    ("nothing", []), ("one", [3]), ("one zero", [0]), ("equal", [5, 5, 5]),
    ("equal and tiny", [.leastNonzeroMagnitude, .leastNonzeroMagnitude]),
    ("NaN", [.nan, .nan]), ("some NaN", [1, .nan, 2, .infinity, 3, -.infinity]), ("huge", [1e308, -1e308]),
    ("large", [1e149, -1e149]), ("subnormal", [.leastNonzeroMagnitude, .leastNormalMagnitude]),
    ("near", [1, 1 + 1e-12]), ("negative", [-3, -2, -1]),
    ("zero to huge", [0, 1e100]), ("far apart", [1e-100, 1, 1e100]),
    ("alternating", (0..<10).map { $0 % 2 == 0 ? -1 : 1 }),
    ("many", (0..<20_000).map { Double($0 * $0 % 1009) }),
  ]

  private static let scales: [Axis.Scale] = [.linear, .logarithmic, .automatic]

  @Test(arguments: data.map(\.name)) func everyChartDrawsIt(name: String) throws {
    let values = try #require(Self.data.first { $0.name == name }).values
    for scale in Self.scales {
      let axis = Axis("y", scale: scale)
      expectWellFormed(LineChart("", x: Axis("x"), y: axis, series: [PlotSeries("a", values)]).svg())
      expectWellFormed(LineChart("", x: axis, y: axis, series: [PlotSeries("a", x: values, y: values)]).svg())
      expectWellFormed(
        ScatterChart("", x: axis, y: axis, series: [PlotSeries("a", x: values, y: values.reversed())], isSquare: true)
          .svg())
      let fixed = Axis("y", scale: scale, range: 0...1)
      expectWellFormed(LineChart("", x: fixed, y: fixed, series: [PlotSeries("a", values)]).svg())
      expectWellFormed(Histogram("", x: axis, values: values).svg())
    }
    let few = values.prefix(100)
    expectWellFormed(BarChart("", axis: Axis("y"), bars: few.map { BarChart.Bar("a", $0) }).svg())
    expectWellFormed(
      HeatMap("", rows: few.map { "\($0)" }, columns: ["a", "b"], values: few.map { [$0, -$0] }).svg())
    expectWellFormed(FilterGrid("", pictures: [[Array(few)]]).svg())
    expectWellFormed(ReliabilityDiagram("", probabilities: values, outcomes: values.map { $0 > 0 }).svg())
  }

  @Test func saysWhatIsNotDrawn() {
    let values: [Double] = [1, .nan, 2, .infinity, -3, 0, 1e200]
    func remark(_ scale: Axis.Scale, range: ClosedRange<Double>? = nil) -> String {
      LineChart("", x: Axis("x"), y: Axis("loss", scale: scale, range: range), series: [PlotSeries("a", values)]).html
    }
    #expect(remark(.linear).contains("Values of loss that are not drawn: 2 are not finite, 1 is too large, of 7."))
    #expect(
      remark(.logarithmic).contains("Values of loss that are not drawn: 2 are not finite, 3 are not above 0, of 7."))
    #expect(remark(.linear, range: 0...5).contains("1 is outside the range shown, of 7."))
    let fine = LineChart("", x: Axis("x"), y: Axis("y"), series: [PlotSeries("a", [1, 2])])
    #expect(!fine.html.contains("not drawn"))
  }

  @Test func saysThatThereIsNothing() {
    let empty: [any Chart] = [
      LineChart("", x: Axis(""), y: Axis(""), series: []), Histogram("", x: Axis(""), values: [.nan]),
      BarChart("", axis: Axis(""), bars: []), ReliabilityDiagram("", bins: []), FilterGrid("", pictures: []),
      HeatMap("", rows: [], columns: [], values: []),
    ]
    for chart in empty { #expect(chart.svg().contains("There is nothing to draw.")) }
  }

  @Test func linesBreakWhereAValueIsMissing() {
    func paths(_ values: [Double]) -> Int {
      ParsedMarkup(LineChart("", x: Axis("x"), y: Axis("y"), series: [PlotSeries("a", values)]).svg())
        .elements.filter { $0.name == "path" }.count
    }
    #expect(paths([1, 2, 3, 4]) == 1)
    #expect(paths([1, 2, .nan, 4, 5]) == 2)
  }

  @Test func manyPointsBecomeFew() {
    let values = (0..<100_000).map { Double($0 % 777) }
    let line = LineChart("", x: Axis("x"), y: Axis("y"), series: [PlotSeries("a", values)]).svg()
    #expect(line.utf8.count < 100_000)
    let dots = ScatterChart("", x: Axis("x"), y: Axis("y"), series: [PlotSeries("a", values)])
    #expect(dots.html.contains("Of 100000 points one in 25 is drawn."))
    #expect(ParsedMarkup(dots.svg()).elements.filter { $0.name == "circle" }.count == 4000)
  }
}
