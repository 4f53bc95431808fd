/// The elements of a drawing, as SVG text. Colours come from classes, so that a page can be light or dark.
struct Canvas {
  private(set) var body = ""

  enum Anchor: String { case start, middle, end }

  mutating func line(_ start: Point, _ end: Point, _ style: String) {
    body +=
      "<line class=\"\(style)\" x1=\"\(number(start.x))\" y1=\"\(number(start.y))\" "
      + "x2=\"\(number(end.x))\" y2=\"\(number(end.y))\"/>\n"
  }

  mutating func circle(_ center: Point, radius: Double, _ style: String, tip: String? = nil) {
    element(
      "circle", style, "cx=\"\(number(center.x))\" cy=\"\(number(center.y))\" r=\"\(number(radius))\"", tip: tip)
  }

  mutating func rectangle(_ box: Box, _ style: String, opacity: Double? = nil, tip: String? = nil) {
    let shade = opacity.map { " fill-opacity=\"\(number($0, digits: 3))\"" } ?? ""
    element(
      "rect", style,
      "x=\"\(number(box.left))\" y=\"\(number(box.top))\" width=\"\(number(max(0, box.width)))\" "
        + "height=\"\(number(max(0, box.height)))\"\(shade)", tip: tip)
  }

  mutating func path(_ data: String, _ style: String) { body += "<path class=\"\(style)\" d=\"\(data)\"/>\n" }

  /// A line through points.
  mutating func path(through points: [Point], _ style: String) {
    guard !points.isEmpty else { return }
    path(
      points.enumerated().map { ($0 == 0 ? "M" : "L") + "\(number($1.x)) \(number($1.y))" }.joined(), style)
  }

  /// - Parameters:
  ///   - turn: degrees, clockwise, about the point.
  ///   - tip: the whole text where `text` is only its beginning.
  mutating func text(
    _ text: String, at point: Point, _ style: String = "t", anchor: Anchor = .start, turn: Double = 0,
    tip: String? = nil
  ) {
    let turned = turn == 0 ? "" : " transform=\"rotate(\(number(turn)) \(number(point.x)) \(number(point.y)))\""
    let title = tip.map { $0 == text ? "" : "<title>\(Markup.line($0))</title>" } ?? ""
    body +=
      "<text class=\"\(style)\" x=\"\(number(point.x))\" y=\"\(number(point.y))\" text-anchor=\"\(anchor.rawValue)\""
      + "\(turned)>\(title)\(Markup.line(text))</text>\n"
  }

  /// What `draw` adds is cut off a little outside a box, whose top left corner is the origin inside.
  mutating func clipped(to box: Box, _ draw: (inout Canvas) -> Void) {
    var inner = Canvas()
    draw(&inner)
    guard !inner.body.isEmpty else { return }
    let margin = 4.0
    let (width, height) = (number(box.width + 2 * margin), number(box.height + 2 * margin))
    body +=
      "<svg x=\"\(number(box.left - margin))\" y=\"\(number(box.top - margin))\" width=\"\(width)\" "
      + "height=\"\(height)\" viewBox=\"-4 -4 \(width) \(height)\">\n\(inner.body)</svg>\n"
  }

  private mutating func element(_ name: String, _ style: String, _ attributes: String, tip: String?) {
    let start = "<\(name) class=\"\(style)\" \(attributes)"
    body += tip.map { "\(start)><title>\(Markup.line($0))</title></\(name)>\n" } ?? "\(start)/>\n"
  }
}

struct Point {
  var x: Double
  var y: Double
}

struct Box {
  var left: Double
  var top: Double
  var width: Double
  var height: Double

  var right: Double { left + width }
  var bottom: Double { top + height }
}

/// A coordinate, to a tenth unless asked for more.
func number(_ value: Double, digits: Int = 1) -> String {
  let factor = digits == 1 ? 10 : digits == 2 ? 100 : 1000
  let scaled = Int((value * Double(factor)).rounded())
  let (whole, fraction) = scaled.magnitude.quotientAndRemainder(dividingBy: UInt(factor))
  let sign = scaled < 0 ? "-" : ""
  if fraction == 0 { return "\(sign)\(whole)" }
  var text = "\(UInt(factor) + fraction)".dropFirst()
  while text.last == "0" { text.removeLast() }
  return "\(sign)\(whole).\(text)"
}
