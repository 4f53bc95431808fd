/// A drawing with a title: a file of its own by `svg()`, or a figure of a `Report`.
///
/// Equal charts give equal bytes. Text stands for itself, whatever is in it. Colours follow the reader's choice of a
/// light or a dark page, and lines differ in more than their colour.
public protocol Chart: ReportBlock {
  var title: String { get }
  /// A sentence below the chart; empty for none.
  var note: String { get }
  func drawing() -> ChartDrawing
}

/// What a chart draws.
public struct ChartDrawing: Sendable {
  let width: Double
  let height: Double
  /// SVG elements.
  let body: String
  /// The chart in words, for those who do not see it.
  let description: String
  /// What has to be said about the data, such as values that could not be drawn.
  let remarks: [String]

  /// Wider than this, a drawing scrolls within its own box.
  static let usualWidth = 480.0
  var isWide: Bool { width > Self.usualWidth }

  /// How much a drawing may grow on a wide page; text then has its size on paper.
  private static let growth = 1.15

  fileprivate func element(_ title: String) -> String {
    let least = isWide ? width : min(width, 300)
    return """
      <svg class="plot" role="img" viewBox="0 0 \(number(width)) \(number(height))" \
      style="min-width:\(number(least))px;max-width:\(number(width * Self.growth))px">
      <title>\(Markup.line(title))</title>
      <desc>\(Markup.line(description))</desc>
      \(body)</svg>
      """
  }
}

extension Chart {
  /// The chart as a file of its own.
  public func svg() -> String {
    let drawing = drawing()
    let width = drawing.width - 2 * Self.margin
    let heading = TextWidth.wrapped(title, to: width, fontSize: 15)
    let sentences = (drawing.remarks + [note]).flatMap { TextWidth.wrapped($0, to: width) }
    var canvas = Canvas()
    for (line, text) in heading.enumerated() {
      canvas.text(text, at: Point(x: Self.margin, y: 22 + 19 * Double(line)), "t h")
    }
    let top = heading.isEmpty ? 0 : 14 + 19 * Double(heading.count)
    for (line, text) in sentences.enumerated() {
      canvas.text(text, at: Point(x: Self.margin, y: top + drawing.height + 14 + 17 * Double(line)), "t q")
    }
    let height = top + drawing.height + (sentences.isEmpty ? 0 : 8 + 17 * Double(sentences.count))
    return """
      <svg xmlns="http://www.w3.org/2000/svg" class="plot" role="img" width="\(number(drawing.width))" \
      height="\(number(height))" viewBox="0 0 \(number(drawing.width)) \(number(height))">
      <title>\(Markup.line(title))</title>
      <desc>\(Markup.line(drawing.description))</desc>
      <style>
      \(Stylesheet.colours)
      \(Stylesheet.plots)
      </style>
      <rect class="page" width="100%" height="100%"/>
      \(canvas.body)<svg y="\(number(top))" width="\(number(drawing.width))" height="\(number(drawing.height))">
      \(drawing.body)</svg>
      </svg>

      """
  }

  private static var margin: Double { 10 }

  public var html: String {
    let drawing = drawing()
    let sentences = (drawing.remarks + [note]).filter { !$0.isEmpty }
      .map { "<p class=\"note\">\(Markup.line($0))</p>\n" }.joined()
    return """
      <figure class="\(drawing.isWide ? "wide" : "chart")">
      <figcaption>\(Markup.line(title))</figcaption>
      <div class="scroll"\(drawing.isWide ? " tabindex=\"0\"" : "")>\(drawing.element(title))</div>
      \(sentences)</figure>

      """
  }
}

/// "1 point", "2 points".
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
