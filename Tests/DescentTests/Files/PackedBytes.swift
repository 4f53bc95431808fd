import Descent
import Testing

/// Files of the tests' own making, frame by frame, so that each part of one can be wrong.
enum PackedBytes {
  /// A gzip file whose content is stored in one block of deflate: the file is longer than the content.
  static func gzip(_ content: [UInt8]) -> [UInt8] {
    [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255] + storedBlock(content) + little(checksum(content))
      + little(UInt32(content.count))
  }

  /// Deflate's way to leave bytes as they are (RFC 1951, 3.2.4).
  static func storedBlock(_ content: [UInt8]) -> [UInt8] {
    let length = UInt16(content.count)
    return [1] + little(length) + little(~length) + content
  }

  /// CRC-32 bit by bit (RFC 1952, 8).
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum >> 1 ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
  }

  /// The bytes of an integer, the least significant first.
  static func little<I: FixedWidthInteger>(_ value: I) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  static func big<I: FixedWidthInteger>(_ value: I) -> [UInt8] { little(value).reversed() }
}

/// Bytes that are refused, called "f", and in which words.
struct RefusedBytes: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let bytes: [UInt8]
  let message: String

  init(_ name: String, _ bytes: [UInt8], member: String? = nil, _ problem: String) {
    testDescription = name
    self.bytes = bytes
    message = "f\(member.map { ", tensor \"\($0)\"" } ?? ""): \(problem)."
  }
}

/// What reading damaged bytes came to: the tensors, or nil for an error that is one sentence about the file "f".
func survived<Value>(_ body: () throws(ModelFileError) -> Value, _ location: SourceLocation = #_sourceLocation)
  -> Value?
{
  do throws(ModelFileError) {
    return try body()
  } catch {
    let text = error.description
    let isSentence = text.hasPrefix("f") && text.hasSuffix(".") && !text.contains("\n") && text.count < 400
    #expect(isSentence, "\(text)", sourceLocation: location)
    return nil
  }
}

/// Calls `body` with every beginning of the bytes and with each of their bits flipped.
func withDamaged(_ bytes: [UInt8], _ body: (_ damaged: [UInt8], _ isTruncated: Bool) throws -> Void) rethrows {
  for length in bytes.indices { try body(Array(bytes[..<length]), true) }
  for position in bytes.indices {
    for bit in 0..<8 {
      var damaged = bytes
      damaged[position] ^= 1 << bit
      try body(damaged, false)
    }
  }
}
