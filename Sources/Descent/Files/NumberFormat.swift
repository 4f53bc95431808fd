import DescentCore

/// How the numbers of an array lie in a file.
struct NumberFormat: Equatable {
  enum Kind: String {
    case bool, int, uint, float
    /// The upper half of a float32.
    case bfloat
  }

  let kind: Kind
  let byteSize: Int
  var isBigEndian = false

  /// As messages call it, such as `float32`.
  var name: String { kind == .bool ? "bool" : "\(kind.rawValue)\(8 * byteSize)" }

  /// The type of tensor such numbers become: their own, or the narrowest that holds all their values; for uint64, which
  /// none holds, int64. Nil for those that a tensor cannot hold.
  var tensorType: DType? {
    switch (kind, byteSize) {
    case (.bool, 1): .bool
    case (.uint, 1): .uint8
    case (.int, 1), (.int, 2), (.uint, 2), (.int, 4): .int32
    case (.uint, 4), (.int, 8), (.uint, 8): .int64
    case (.float, 2), (.bfloat, 2), (.float, 4): .float32
    case (.float, 8): .float64
    default: nil
    }
  }
}

extension ByteStream {
  /// The numbers to the end of the stream; in Fortran's order, the first axis is the one whose elements are neighbours.
  func tensor(
    _ format: NumberFormat, _ dtype: DType, shape: [UInt64], isFortranOrder: Bool = false
  ) throws(ModelFileError) -> Tensor {
    // Counted as elements of eight bytes, so that they can also be widened.
    guard let (extents, size) = checkedExtents(shape, unit: 8) else { throw failure(tooManyElements(shape)) }
    try expect(size / 8 * format.byteSize, "\(format.name) of shape \(text(extents))")
    let memory = Memory(dtype, count: size / 8)
    try read(format, into: memory)
    try finish()
    if dtype == .bool, let problem = memory.truthProblem { throw failure(problem) }
    return isFortranOrder ? Tensor(memory, shape: extents.reversed()).transposed() : Tensor(memory, shape: extents)
  }

  private func read(_ format: NumberFormat, into memory: Memory) throws(ModelFileError) {
    switch (format.kind, format.byteSize) {
    case (.int, 1): try read(format, into: memory) { (bits: Int8) in Int32(bits) }
    case (.int, 2): try read(format, into: memory) { (bits: Int16) in Int32(bits) }
    case (.uint, 2): try read(format, into: memory) { (bits: UInt16) in Int32(bits) }
    case (.float, 2): try read(format, into: memory) { (bits: UInt16) in float32(halfBits: bits) }
    case (.bfloat, 2): try read(format, into: memory) { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
    case (.uint, 4): try read(format, into: memory) { (bits: UInt32) in Int64(bits) }
    case (.uint, 8):
      try read(format, into: memory) { (bits: UInt64) in Int64(bitPattern: bits) }
      try checkSigns(memory)
    case (_, 4) where format.isBigEndian: try read(format, into: memory) { (bits: UInt32) in bits }
    case (_, 8) where format.isBigEndian: try read(format, into: memory) { (bits: UInt64) in bits }
    default:
      let count = try memory.withMutableBytes { target in
        Result { () throws(ModelFileError) in try read(into: target) }
      }.get()
      if count < memory.byteCount { throw tooFew(count, of: memory.byteCount) }
    }
  }

  /// Reads a piece at a time and converts each number.
  private func read<Bits: FixedWidthInteger, Element: BitwiseCopyable>(
    _ format: NumberFormat, into memory: Memory, _ element: (Bits) -> Element
  ) throws(ModelFileError) {
    let size = MemoryLayout<Bits>.size
    let mostInPiece = (1 << 16) / size
    for start in stride(from: 0, to: memory.count, by: mostInPiece) {
      let byteCount = min(mostInPiece, memory.count - start) * size
      let piece = try read(byteCount)
      if piece.count < byteCount { throw tooFew(start * size + piece.count, of: memory.count * size) }
      memory.withMutableBytes { target in
        let elements = target.assumingMemoryBound(to: Element.self)
        piece.withUnsafeBytes { piece in
          for index in 0..<piece.count / size {
            let bits = piece.loadUnaligned(fromByteOffset: index * size, as: Bits.self)
            elements[start + index] = element(format.isBigEndian ? Bits(bigEndian: bits) : Bits(littleEndian: bits))
          }
        }
      }
    }
  }

  private func tooFew(_ count: Int, of expected: Int) -> ModelFileError {
    failure("expected \(counted(expected, "byte")) of numbers, found \(count)")
  }

  private func checkSigns(_ memory: Memory) throws(ModelFileError) {
    guard let (index, value) = memory.array(of: Int64.self).enumerated().first(where: { $1 < 0 }) else { return }
    throw failure("expected integers below 2^63, found \(UInt64(bitPattern: value)) at element \(index)")
  }
}
