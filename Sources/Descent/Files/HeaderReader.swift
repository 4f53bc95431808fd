/// Reads the text of a header piece by piece; the space between pieces has no meaning.
protocol HeaderReader {
  var bytes: [UInt8] { get }
  var position: Int { get set }

  /// An error at `offset`, or at the position where that is nil.
  func failure(_ expected: String, at offset: Int?) -> ModelFileError
}

extension HeaderReader {
  mutating func skipSpace() {
    while position < bytes.count, isSpace(bytes[position]) { position += 1 }
  }

  mutating func takeIfPresent(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  mutating func take(_ character: Unicode.Scalar, or expected: String) throws(ModelFileError) {
    guard takeIfPresent(character) else { throw failure(expected, at: nil) }
  }

  /// What an error says: what was expected where, and what stands there.
  func problem(_ expected: String, at offset: Int?) -> String {
    let offset = offset ?? position
    let found =
      if offset >= bytes.count {
        "its end"
      } else if 0x20..<0x7F ~= bytes[offset] {
        "'\(Unicode.Scalar(bytes[offset]))'"
      } else {
        "the byte \(hexadecimal(bytes[offset]))"
      }
    return "expected \(expected) at byte \(offset) of the header, found \(found)"
  }
}

private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
