/// How GPT-2's files write bytes as characters that can be seen.
///
/// The bytes 21–7E, A1–AC and AE–FF stand for themselves; the other 68 are, in order, the characters from U+0100 on.
enum ByteAlphabet {
  /// The bytes in the order of GPT-2's first tokens: those that stand for themselves, then the others.
  static let order: [UInt8] = {
    let visible: [UInt8] = Array(0x21...0x7E) + Array(0xA1...0xAC) + Array(0xAE...0xFF)
    return visible + (0...0xFF).filter { !visible.contains($0) }
  }()

  private static let visibleCount = 188

  /// The character of each byte.
  private static let scalars: [UInt32] = {
    var scalars = (0...0xFF).map { UInt32($0) }
    for (index, byte) in order.dropFirst(visibleCount).enumerated() { scalars[Int(byte)] = 0x100 + UInt32(index) }
    return scalars
  }()

  static func text(of bytes: some Sequence<UInt8>) -> String {
    var text = String.UnicodeScalarView()
    for byte in bytes { text.append(Unicode.Scalar(scalars[Int(byte)])!) }
    return String(text)
  }

  /// The bytes that a text writes, or nil if it has other characters.
  static func bytes(of text: ArraySlice<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
      switch scalar.value {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: bytes.append(UInt8(scalar.value))
      case 0x100..<0x144: bytes.append(order[visibleCount + Int(scalar.value) - 0x100])
      default: return nil
      }
    }
    return bytes
  }
}
