import DescentPlots
import Testing

/// Texts that have broken pages before.
private let hostileTexts = [
  "<script>alert(1)</script>", "</title></svg>", "a & b < c > d", "\"quoted\" 'single'", "]]>", "<!-- -->", "&amp;",
  "nul\u{0} bell\u{7} escape\u{1B}[31m delete\u{7F}", "two\nlines\r\nand\ttabs",
  "\u{FFFE}\u{FFFF}\u{1FFFF}" + String(UnicodeScalar(0xFDD0)!),
  "\u{202E}backwards\u{202C}", "\u{2067}isolated\u{2069}", "عرض البتلة", "שלום", "漢字かな", "👩‍👩‍👧‍👦 🐟",
  "e\u{301}\u{301}\u{301}", "",
  String(repeating: "long ", count: 300), String(repeating: "x", count: 2000),
]

@Suite struct EscapingTests {
  @Test(arguments: hostileTexts) func pagesStayWellFormed(text: String) {
    let page = Report(text, subtitle: text, footer: text) {
      Section(text) {
        Prose(text)
        Points([text])
        CodeBlock(text, caption: text)
        TextSamples([(text, text)])
        KeyFacts([(text, text)])
        DataTable([text], rows: [[text]], caption: text)
        ImageGrid([ImageGrid.Picture(png: [1, 2, 3], caption: text, description: text)], caption: text)
        Section(text) { Prose(text) }
      }
      for chart in charts(text) { chart }
    }.html()
    expectWellFormed(page)
    #expect(ParsedMarkup(page).elements.filter { $0.name == "script" }.isEmpty)
  }

  @Test(arguments: hostileTexts) func drawingsStayWellFormed(text: String) {
    for chart in charts(text) { expectWellFormed(chart.svg()) }
  }

  private func charts(_ text: String) -> [any Chart] {
    let axis = Axis(text, unit: text)
    return [
      LineChart(
        text, x: axis, y: axis, series: [PlotSeries(text, [1, 2]), PlotSeries(text, [2, 1])],
        marks: [.vertical(1, text), .horizontal(1, text), .diagonal(text)], note: text),
      ScatterChart(text, of: text, actual: [1, 2], predicted: [1, 2], note: text),
      BarChart(text, axis: axis, bars: [BarChart.Bar(text, 1)], note: text),
      Histogram(text, x: axis, counting: text, values: [1, 2, 3], note: text),
      HeatMap(text, rowTitle: text, rows: [text], columnTitle: text, columns: [text], values: [[1]], texts: [[text]]),
      HeatMap(confusion: text, counts: [[1]], classNames: [text], note: text),
      ReliabilityDiagram(text, bins: [], note: text),
      FilterGrid(text, pictures: [[[1]]], captions: [text], note: text),
    ]
  }

  @Test(arguments: [
    ("<b>", "&lt;b&gt;"), ("a & 'b' \"c\"", "a &amp; &#39;b&#39; &quot;c&quot;"), ("\u{0}\u{7}\u{7F}", "␀␇␡"),
    ("\u{202E}x\u{85}", "\u{FFFD}x\u{FFFD}"), ("a\nb", "a␊b"),
  ])
  func showsWhatCannotStand(text: String, escaped: String) {
    #expect(KeyFacts([("name", text)]).html.contains(">\(escaped)</dd>"))
  }

  @Test func keepsLinesWhereTheyMatter() {
    #expect(CodeBlock("a\r\n\tb").html.contains("a\n\tb"))
    #expect(TextSamples([("", "a\nb")]).html.contains("a\nb"))
    #expect(Prose("one\ntwo\n\n\nthree").html == "<p dir=\"auto\">one\ntwo</p>\n<p dir=\"auto\">three</p>\n")
  }

  @Test func clippedNamesAreWholeUnderThePointer() {
    let name = "a name of a class that is longer than any room there is for it on a chart"
    let svg = BarChart("", axis: Axis(""), bars: [BarChart.Bar(name, 1)]).svg()
    #expect(svg.contains("<title>\(name)</title>"))
    #expect(ParsedMarkup(svg).text.contains("a name of a class"))
    #expect(svg.contains("…</text>"))
  }
}
