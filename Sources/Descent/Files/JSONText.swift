extension [UInt8] {
  /// Appends a text as JSON writes it, in quotes.
  mutating func appendJSON(_ text: String) {
    append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): self += [UInt8(ascii: "\\"), byte]
      case 0x08: self += #"\b"#.utf8
      case 0x09: self += #"\t"#.utf8
      case 0x0A: self += #"\n"#.utf8
      case 0x0C: self += #"\f"#.utf8
      case 0x0D: self += #"\r"#.utf8
      case 0..<0x20: self += ((byte < 16 ? #"\u000"# : #"\u00"#) + String(byte, radix: 16)).utf8
      default: append(byte)
      }
    }
    append(UInt8(ascii: "\""))
  }
  /// Appends a list of texts, one a line.
  mutating func appendJSON(_ texts: [String]) {
    append(UInt8(ascii: "["))
    for (index, text) in texts.enumerated() {
      self += (index == 0 ? "\n" : ",\n").utf8
      appendJSON(text)
    }
    append(UInt8(ascii: "]"))
  }
}
