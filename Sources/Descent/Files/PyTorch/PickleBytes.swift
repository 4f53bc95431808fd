/// Reads the arguments of a pickle's opcodes.
struct PickleBytes {
  let bytes: [UInt8]
  private(set) var position = 0
  private let file: String

  init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  /// An error about what begins at `offset`, or at the byte that is read next.
  func failure(_ problem: String, at offset: Int? = nil) -> ModelFileError {
    ModelFileError(file, "\(problem), at byte \(offset ?? position) of its pickle")
  }

  mutating func byte() throws(ModelFileError) -> UInt8 {
    guard position < bytes.count else { throw failure("the file ends too early") }
    position += 1
    return bytes[position - 1]
  }

  /// The least significant byte comes first.
  mutating func integer<I: FixedWidthInteger>(_ type: I.Type) throws(ModelFileError) -> I {
    let range = try take(UInt64(MemoryLayout<I>.size))
    return bytes.integer(at: range.lowerBound)
  }

  /// An integer of any number of bytes, in two's complement.
  mutating func longInteger(byteCount: UInt64) throws(ModelFileError) -> Int {
    let start = position
    let range = try take(byteCount)
    guard range.count <= 8 else { throw failure("expected an integer below 2^63, found a longer one", at: start) }
    var bits: Int = range.last.map { bytes[$0] >= 0x80 ? -1 : 0 } ?? 0
    for index in range.reversed() { bits = bits << 8 | Int(bytes[index]) }
    return bits
  }

  /// A double, the most significant byte first.
  mutating func double() throws(ModelFileError) -> Double {
    Double(bitPattern: try integer(UInt64.self).byteSwapped)
  }

  mutating func text(byteCount: UInt64) throws(ModelFileError) -> String {
    let range = try take(byteCount)
    return try text(range)
  }

  /// Up to a line feed.
  mutating func line() throws(ModelFileError) -> String {
    guard let end = bytes[position...].firstIndex(of: 0x0A) else {
      throw failure("expected a name that ends with its line")
    }
    defer { position = end + 1 }
    return try text(position..<end)
  }

  private func text(_ range: Range<Int>) throws(ModelFileError) -> String {
    // NUL and the like are escaped where a message quotes the text.
    guard let text = String(validating: bytes[range], as: UTF8.self) else {
      throw failure("expected a text in UTF-8", at: range.lowerBound)
    }
    return text
  }

  private mutating func take(_ count: UInt64) throws(ModelFileError) -> Range<Int> {
    guard count <= UInt64(bytes.count - position) else { throw failure("the file ends too early") }
    defer { position += Int(count) }
    return position..<position + Int(count)
  }
}
