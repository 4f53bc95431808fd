/// Cuts UTF-8 text into the words within which GPT-2 merges bytes.
///
/// The words are the matches, one after the other, of the pattern
/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`: contractions; letters, numbers or other
/// characters, each with a space before them; and white space, of which the last character is left to what follows.
/// `\s` are the characters with Unicode's property White_Space. (github.com/openai/gpt-2)
package struct WordScanner {
  private enum Kind {
    case letter, number, space, other
  }

  private let bytes: ArraySlice<UInt8>
  private var position: Int

  /// - Parameter bytes: Well-formed UTF-8.
  package init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  package mutating func next() -> ArraySlice<UInt8>? {
    guard position < bytes.endIndex else { return nil }
    let start = position
    let end = contractionEnd(start) ?? wordEnd(start)
    position = end
    return bytes[start..<end]
  }

  private func contractionEnd(_ start: Int) -> Int? {
    guard bytes[start] == UInt8(ascii: "'"), start + 1 < bytes.endIndex else { return nil }
    switch bytes[start + 1] {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return start + 2
    case UInt8(ascii: "r"), UInt8(ascii: "v"): return follows(UInt8(ascii: "e"), start)
    case UInt8(ascii: "l"): return follows(UInt8(ascii: "l"), start)
    default: return nil
    }
  }

  private func follows(_ byte: UInt8, _ start: Int) -> Int? {
    start + 2 < bytes.endIndex && bytes[start + 2] == byte ? start + 3 : nil
  }

  private func wordEnd(_ start: Int) -> Int {
    var (kind, end) = scalar(at: start)
    if kind == .space {
      guard bytes[start] == UInt8(ascii: " "), end < bytes.endIndex else { return spaceEnd(start) }
      let next = scalar(at: end)
      guard next.kind != .space else { return spaceEnd(start) }
      (kind, end) = next
    }
    while end < bytes.endIndex, case let next = scalar(at: end), next.kind == kind { end = next.end }
    return end
  }

  /// The end of white space that belongs together; its last character belongs to what follows unless it is alone.
  private func spaceEnd(_ start: Int) -> Int {
    var last = start
    var end = scalar(at: start).end
    while end < bytes.endIndex {
      let next = scalar(at: end)
      guard next.kind == .space else { return last > start ? last : end }
      (last, end) = (end, next.end)
    }
    return end
  }

  private func scalar(at index: Int) -> (kind: Kind, end: Int) {
    let byte = bytes[index]
    if byte < 0x80 { return (Self.kind(ofASCII: byte), index + 1) }
    let length = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
    var value = UInt32(byte) & (0x7F >> UInt32(length))
    for offset in 1..<length { value = value << 6 | UInt32(bytes[index + offset] & 0x3F) }
    return (Unicode.Scalar(value).map(Self.kind) ?? .other, index + length)
  }

  private static func kind(ofASCII byte: UInt8) -> Kind {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): .letter
    case UInt8(ascii: "0")...UInt8(ascii: "9"): .number
    case 0x20, 0x09...0x0D: .space
    default: .other
    }
  }

  private static func kind(of scalar: Unicode.Scalar) -> Kind {
    let properties = scalar.properties
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return .letter
    case .decimalNumber, .letterNumber, .otherNumber: return .number
    default: return properties.isWhitespace ? .space : .other
    }
  }
}
