import DescentPlots
import Testing

@Suite struct ReportTests {
  private var report: Report {
    Report("Fish", subtitle: "Weights", footer: "Descent") {
      KeyFacts(["R²": "0.98"])
      Section("Data") { Prose("159 rows.") }
      Section("Learning") {
        LineChart("Loss", x: Axis("epoch"), y: Axis("loss"), series: [PlotSeries("training", [3, 2, 1])])
        Histogram("Errors", x: Axis("g"), values: [1, 2, 2, 3])
        Section("More") { CodeBlock("descent train fish.csv") }
      }
      if true { Section("Scores") { DataTable(["model", "R²"], rows: [["network", "0.98"], ["mean", "–"]]) } }
      for name in ["a", "b"] { Points([name]) }
    }
  }

  @Test func isOnePageThatAsksForNothing() {
    let page = ParsedMarkup(report.html())
    #expect(page.error == nil)
    let addresses = page.elements.flatMap { element in
      ["src", "href", "action", "data", "poster", "srcset"].compactMap { element.attributes[$0] }
    }
    #expect(addresses.allSatisfy { $0.hasPrefix("#") || $0.hasPrefix("data:") })
    #expect(!report.html().contains("url(") && !report.html().contains("@import"))
    #expect(page.elements.allSatisfy { !["script", "link", "iframe", "object", "embed"].contains($0.name) })
    #expect(page.elements.flatMap(\.attributes.keys).allSatisfy { !$0.hasPrefix("on") })
  }

  @Test func sameInputSameBytes() {
    #expect(report.html() == report.html())
  }

  @Test func linksToItsSections() {
    let page = ParsedMarkup(report.html()).elements
    let links = page.compactMap { $0.attributes["href"] }
    #expect(links == ["#section-1", "#section-2", "#section-3"])
    #expect(links.allSatisfy { link in page.contains { $0.attributes["id"] == String(link.dropFirst()) } })
    #expect(Set(page.compactMap { $0.attributes["id"] }).count == page.compactMap { $0.attributes["id"] }.count)
  }

  @Test func headingsFollowTheDepth() {
    let headings = ParsedMarkup(report.html()).elements.map(\.name).filter { $0.hasPrefix("h") && $0.count == 2 }
    #expect(headings == ["h1", "h2", "h2", "h3", "h2"])
  }

  @Test func chartsStandTogether() {
    let boxes = ParsedMarkup(report.html()).elements.filter { $0.attributes["class"] == "charts" }
    #expect(boxes.count == 1)
  }

  @Test func numbersAreAlignedOnTheRight() {
    let html = DataTable(
      ["name", "score", "mixed", "empty"], rows: [["a", "0.5", "1", ""], ["b", "−3", "x", ""], ["c", "–", "2", ""]]
    ).html
    #expect(html.contains("<th scope=\"col\" class=\"number\">score</th>"))
    for name in ["name", "mixed", "empty"] { #expect(html.contains("<th scope=\"col\">\(name)</th>")) }
  }

  @Test(
    arguments: [
      ([], ""), ([0x66], "Zg=="), ([0x66, 0x6F], "Zm8="), ([0x66, 0x6F, 0x6F], "Zm9v"),
      ([0x66, 0x6F, 0x6F, 0x62, 0x61, 0x72], "Zm9vYmFy"), ([0xFB, 0xFF, 0xFE], "+//+"),
    ] as [([UInt8], String)])
  func picturesAreInThePage(bytes: [UInt8], text: String) {
    let html = ImageGrid([ImageGrid.Picture(png: bytes, caption: "a fish", isHighlighted: true)]).html
    #expect(html.contains("src=\"data:image/png;base64,\(text)\""))
    #expect(html.contains("alt=\"a fish\""))
    #expect(html.contains("class=\"highlighted\""))
  }
}
