/// Text from anywhere, made safe to stand in HTML, SVG and their attributes.
///
/// What XML does not allow or no reader would see (control characters, overrides of the writing direction) is shown by
/// a sign in its place, so that nothing is hidden and nothing breaks the page.
enum Markup {
  /// Text of one line: a line break becomes a sign too.
  static func line(_ text: String) -> String { escaped(text, keepingLines: false) }

  /// Text whose line breaks and tabs stay.
  static func lines(_ text: String) -> String { escaped(text, keepingLines: true) }

  private static func escaped(_ text: String, keepingLines: Bool) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result.append(contentsOf: "&amp;".unicodeScalars)
      case "<": result.append(contentsOf: "&lt;".unicodeScalars)
      case ">": result.append(contentsOf: "&gt;".unicodeScalars)
      case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
      case "'": result.append(contentsOf: "&#39;".unicodeScalars)
      case "\n", "\t": result.append(keepingLines ? scalar : sign(for: scalar))
      case "\r" where keepingLines: continue
      default: result.append(isSafe(scalar) ? scalar : sign(for: scalar))
      }
    }
    return String(result)
  }

  private static func isSafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069, 0xFDD0...0xFDEF: false
    default: scalar.value & 0xFFFE != 0xFFFE
    }
  }

  /// Unicode has pictures of the ASCII control characters, from U+2400 on.
  private static func sign(for scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0..<0x20: Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}"
    case 0x7F: "\u{2421}"
    default: "\u{FFFD}"
    }
  }
}
