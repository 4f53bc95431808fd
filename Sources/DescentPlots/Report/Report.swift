/// A page of HTML in one file, which asks for nothing from anywhere and needs no script.
///
/// ```swift
/// let report = Report("Fish", subtitle: "A network that predicts the weight of fish") {
///   KeyFacts(["R²": "0.98"])
///   Section("Learning") {
///     LineChart("Loss", x: Axis("epoch"), y: Axis("loss"), series: [PlotSeries("training", losses)])
///   }
/// }
/// try Data(report.html().utf8).write(to: URL(filePath: "fish.html"))
/// ```
///
/// Equal reports give equal bytes. The page is light or dark as its reader prefers, fits narrow and wide windows, and
/// prints.
public struct Report: Sendable {
  public var title: String
  public var subtitle: String
  public var blocks: [any ReportBlock]
  /// A line at the end of the page, such as what wrote it.
  public var footer: String

  public init(_ title: String, subtitle: String = "", footer: String = "", blocks: [any ReportBlock]) {
    self.title = title
    self.subtitle = subtitle
    self.blocks = blocks
    self.footer = footer
  }

  public init(
    _ title: String, subtitle: String = "", footer: String = "", @ReportBuilder _ blocks: () -> [any ReportBlock]
  ) {
    self.init(title, subtitle: subtitle, footer: footer, blocks: blocks())
  }

  /// What tells a page that this made from others, near its beginning.
  package static let generatorTag = "<meta name=\"generator\" content=\"DescentPlots\"/>"

  /// The page.
  public func html() -> String {
    let ending = footer.isEmpty ? "" : "<footer><p>\(Markup.line(footer))</p></footer>\n"
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8"/>
      \(Self.generatorTag)
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta http-equiv="Content-Security-Policy" \
      content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"/>
      <title>\(Markup.line(title))</title>
      <style>
      \(Stylesheet.colours)
      \(Stylesheet.page)
      \(Stylesheet.plots)
      \(Stylesheet.printing)
      </style>
      </head>
      <body>
      <header>
      <h1>\(Markup.line(title))</h1>
      \(subtitle.isEmpty ? "" : "<p>\(Markup.line(subtitle))</p>\n")\(contents)</header>
      <main>
      \(Block.html(of: numbered))</main>
      \(ending)</body>
      </html>

      """
  }

  /// The blocks, each section with an address of its own.
  private var numbered: [any ReportBlock] {
    var count = 0
    return blocks.map { block in
      guard var section = block as? Section else { return block }
      count += 1
      section.anchor = "section-\(count)"
      return section
    }
  }

  /// Links to the sections, where there are enough to look for one.
  private var contents: String {
    let sections = numbered.compactMap { $0 as? Section }
    guard sections.count > 2 else { return "" }
    let links = sections.map { "<li><a href=\"#\($0.anchor)\">\(Markup.line($0.title))</a></li>\n" }.joined()
    return "<nav aria-label=\"Contents\">\n<ul>\n\(links)</ul>\n</nav>\n"
  }
}

/// A part of a report.
public protocol ReportBlock: Sendable {
  /// Well-formed XHTML, all text escaped.
  var html: String { get }
}

/// Lists the blocks of a report or a section.
@resultBuilder
public enum ReportBuilder {
  public static func buildExpression(_ block: any ReportBlock) -> [any ReportBlock] { [block] }
  public static func buildExpression(_ blocks: [any ReportBlock]) -> [any ReportBlock] { blocks }
  public static func buildBlock(_ parts: [any ReportBlock]...) -> [any ReportBlock] { parts.flatMap(\.self) }
  public static func buildOptional(_ part: [any ReportBlock]?) -> [any ReportBlock] { part ?? [] }
  public static func buildEither(first part: [any ReportBlock]) -> [any ReportBlock] { part }
  public static func buildEither(second part: [any ReportBlock]) -> [any ReportBlock] { part }
  public static func buildArray(_ parts: [[any ReportBlock]]) -> [any ReportBlock] { parts.flatMap(\.self) }
}

enum Block {
  /// Charts that follow each other stand side by side where there is room.
  static func html(of blocks: [any ReportBlock]) -> String {
    grouped(blocks).map { $0.isCharts ? "<div class=\"charts\">\n\($0.html)</div>\n" : $0.html }.joined()
  }

  private struct Group {
    let isCharts: Bool
    var html: String
  }

  private static func grouped(_ blocks: [any ReportBlock]) -> [Group] {
    blocks.reduce(into: []) { groups, block in
      let isChart = block is any Chart
      if isChart, groups.last?.isCharts == true {
        groups[groups.count - 1].html += block.html
      } else {
        groups.append(Group(isCharts: isChart, html: block.html))
      }
    }
  }
}
