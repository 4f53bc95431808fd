/// How wide text is, estimated, since nothing here can measure it; rather too wide than too narrow.
enum TextWidth {
  static let fontSize = 14.0

  static func of(_ text: String, fontSize: Double = fontSize) -> Double {
    text.reduce(0) { $0 + ems($1) } * fontSize
  }

  /// The text, or as much of its beginning as is not wider than `limit`, with an ellipsis.
  static func clipped(_ text: String, to limit: Double, fontSize: Double = fontSize) -> String {
    guard of(text, fontSize: fontSize) > limit else { return text }
    var (kept, width) = ("", 0.9 * fontSize)
    for character in text {
      width += ems(character) * fontSize
      guard width <= limit else { break }
      kept.append(character)
    }
    return kept + "…"
  }

  /// Lines of whole words no wider than `limit`; a longer word is clipped.
  static func wrapped(_ text: String, to limit: Double, fontSize: Double = fontSize) -> [String] {
    var lines: [String] = []
    for word in text.split(whereSeparator: \.isWhitespace) {
      if let last = lines.last, of("\(last) \(word)", fontSize: fontSize) <= limit {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(clipped(String(word), to: limit, fontSize: fontSize))
      }
    }
    return lines
  }

  private static func ems(_ character: Character) -> Double {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar {
    case "i", "j", "l", "I", ".", ",", ":", ";", "'", "|", "!", "\u{202F}": return 0.34
    case " ", "f", "t", "r", "(", ")", "[", "]", "-", "⁻", "⁰"..."⁹", "¹", "²", "³": return 0.42
    case "m", "w", "M", "W", "@", "%", "…": return 0.98
    case "A"..."Z": return 0.72
    case "a"..."z", "0"..."9": return 0.62
    default: return scalar.value < 0x1100 ? 0.66 : 1.1
    }
  }
}
