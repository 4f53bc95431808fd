/// Reads a text piece by piece; the space between pieces has no meaning.
protocol PieceReader {
  associatedtype Failure: Error

  var bytes: [UInt8] { get }
  var position: Int { get set }

  /// An error at `offset`, or at the position where that is nil.
  func failure(_ expected: String, at offset: Int?) -> Failure
}

extension PieceReader {
  mutating func skipSpace() {
    while position < bytes.count, isSpace(bytes[position]) { position += 1 }
  }

  mutating func takeIfPresent(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  mutating func take(_ character: Unicode.Scalar, or expected: String) throws(Failure) {
    guard takeIfPresent(character) else { throw failure(expected, at: nil) }
  }

  /// What an error says stands at an offset; `end` is what it calls the end of the text.
  func found(at offset: Int, end: String) -> String {
    if offset >= bytes.count { return end }
    return 0x20..<0x7F ~= bytes[offset]
      ? "'\(Unicode.Scalar(bytes[offset]))'" : "the byte \(hexadecimal(bytes[offset]))"
  }

  /// What an error about a header says: what was expected where, and what stands there.
  func headerProblem(_ expected: String, at offset: Int?) -> String {
    let offset = offset ?? position
    return "expected \(expected) at byte \(offset) of the header, found \(found(at: offset, end: "its end"))"
  }
}

private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
