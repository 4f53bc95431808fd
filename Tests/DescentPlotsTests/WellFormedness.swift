import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// A document read as XML: whether it is well formed, and its elements and texts.
final class ParsedMarkup: NSObject, XMLParserDelegate {
  struct Element {
    let name: String
    let attributes: [String: String]
  }

  private(set) var elements: [Element] = []
  private(set) var text = ""
  /// The texts of a drawing with their attributes, without what is said under the pointer.
  private(set) var labels: [(text: String, attributes: [String: String])] = []
  private var path: [String] = []
  private(set) var error: String?

  init(_ markup: String) {
    super.init()
    let parser = XMLParser(data: Data(markup.utf8))
    parser.delegate = self
    if !parser.parse() {
      error = "line \(parser.lineNumber), column \(parser.columnNumber): \(parser.parserError.map { "\($0)" } ?? "?")"
    }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    elements.append(Element(name: name, attributes: attributes))
    path.append(name)
    if name == "text" { labels.append(("", attributes)) }
  }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    path.removeLast()
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    text += string
    if path.last == "text" { labels[labels.count - 1].text += string }
  }

  /// Attributes that must be numbers.
  private static let numeric: Set = ["x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "height", "fill-opacity"]

  /// What is wrong with the numbers of a drawing.
  var badNumbers: [String] {
    elements.flatMap { element in
      element.attributes.filter { name, value in
        if name == "d" || name == "viewBox" {
          return value.split(whereSeparator: { "ML ".contains($0) }).contains { Double($0)?.isFinite != true }
        }
        return Self.numeric.contains(name) && !value.hasSuffix("%") && Double(value)?.isFinite != true
      }.map { "\(element.name) \($0.key)=\($0.value)" }
    }
  }
}

/// Fails unless the markup is well formed and its numbers are numbers.
func expectWellFormed(_ markup: String, _ name: Comment = "", sourceLocation: SourceLocation = #_sourceLocation) {
  let parsed = ParsedMarkup(markup)
  #expect(parsed.error == nil, name, sourceLocation: sourceLocation)
  #expect(parsed.badNumbers == [], name, sourceLocation: sourceLocation)
}
