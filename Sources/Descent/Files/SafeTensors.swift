import DescentCore

/// Tensors by name with metadata, as a `.safetensors` file holds them. Such a file is data: reading it runs nothing.
///
/// ```swift
/// let file = try SafeTensors(contentsOf: "weights.safetensors")
/// let weight = file.tensors["encoder.0.weight"]
/// try SafeTensors(tensors: model.state, metadata: ["made by": "me"]).write(to: "copy.safetensors")
/// ```
public struct SafeTensors: Sendable {
  public var tensors: ModuleValues
  public var metadata: [String: String]

  public init(tensors: ModuleValues, metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// Reads a file, in the order of its bytes. F16 and BF16 become float32, which holds all their values.
  ///
  /// The whole header is checked before memory for any tensor is taken, so that a file takes no more memory than its
  /// size, or twice that where F16 and BF16 are widened.
  ///
  /// - Parameter isIncluded: Which tensors to read; the others may have types that no tensor can hold.
  /// - Throws: `ModelFileError` if the file is not a safetensors file in every detail, or a tensor has another type than
  ///   F32, F64, F16, BF16, I32, I64, U8 or BOOL.
  public init(
    contentsOf path: String, where isIncluded: (SafeTensorsEntry) -> Bool = { _ in true }
  ) throws(ModelFileError) {
    try self.init(ModelFileSource(path: path), where: isIncluded)
  }

  /// Reads the bytes of a file; `name` is what errors call it.
  public init(bytes: [UInt8], name: String) throws(ModelFileError) {
    try self.init(ModelFileSource(bytes: bytes, name: name)) { _ in true }
  }

  private init(_ source: ModelFileSource, where isIncluded: (SafeTensorsEntry) -> Bool) throws(ModelFileError) {
    let header = try SafeTensorsHeader(source)
    metadata = header.metadata
    var elements: [ModuleValues.Element] = []
    for entry in header.entries where isIncluded(entry) {
      elements.append((entry.name, try source.tensor(entry, dataStart: header.dataStart)))
    }
    tensors = ModuleValues(elements)
  }
}

extension ModelFileSource {
  fileprivate func tensor(_ entry: SafeTensorsEntry, dataStart: Int) throws(ModelFileError) -> Tensor {
    guard let dtype = entry.type.tensorType else {
      throw ModelFileError(
        name, tensor: entry.name,
        "expected one of the types F32, F64, F16, BF16, I32, I64, U8 and BOOL, found \(entry.type.rawValue)")
    }
    let range = dataStart + entry.bytes.lowerBound..<dataStart + entry.bytes.upperBound
    let memory = Memory(dtype, count: entry.shape.elementCount)
    switch entry.type {
    case .float16: try readHalves(range, into: memory, widened: float32(halfBits:))
    case .bfloat16: try readHalves(range, into: memory) { Float(bitPattern: UInt32($0) << 16) }
    default:
      try memory.withMutableBytes { target in
        Result { () throws(ModelFileError) in try read(range, into: target) }
      }.get()
    }
    if dtype == .bool, let problem = memory.truthProblem {
      throw ModelFileError(name, tensor: entry.name, problem)
    }
    return Tensor(memory, shape: entry.shape)
  }

  /// Reads elements of two bytes a piece at a time.
  private func readHalves(
    _ range: Range<Int>, into memory: Memory, widened: (UInt16) -> Float
  ) throws(ModelFileError) {
    let pieceSize = 1 << 16
    for start in stride(from: range.lowerBound, to: range.upperBound, by: pieceSize) {
      let piece = try read(start..<min(start + pieceSize, range.upperBound))
      let first = (start - range.lowerBound) / 2
      memory.withMutableBytes { target in
        let floats = target.assumingMemoryBound(to: Float.self)
        for index in 0..<piece.count / 2 {
          floats[first + index] = widened(UInt16(piece[2 * index]) | UInt16(piece[2 * index + 1]) << 8)
        }
      }
    }
  }
}
