extension [UInt8] {
  /// The integer whose bytes begin at `offset`, the least significant first.
  func integer<I: FixedWidthInteger>(_ type: I.Type = I.self, at offset: Int) -> I {
    withUnsafeBytes { I(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: I.self)) }
  }

  /// Appends the bytes of an integer, the least significant first.
  mutating func append<I: FixedWidthInteger>(integer: I) {
    Swift.withUnsafeBytes(of: integer.littleEndian) { self += $0 }
  }
}
