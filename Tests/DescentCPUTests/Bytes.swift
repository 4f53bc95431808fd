import DescentCore

/// The bits of a result, to be compared as such.
func bytes(_ memory: Memory) -> [UInt8] {
  withExtendedLifetime(memory) {
    Array(UnsafeRawBufferPointer(start: memory.bytes, count: memory.count * memory.dtype.byteSize))
  }
}
