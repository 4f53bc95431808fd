import DescentCore

extension Memory {
  /// The elements as bytes, to be compared bit for bit.
  var bits: [UInt8] {
    withExtendedLifetime(self) {
      Array(UnsafeRawBufferPointer(start: bytes, count: count * dtype.byteSize))
    }
  }
}
