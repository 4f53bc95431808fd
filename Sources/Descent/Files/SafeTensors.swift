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

  /// Reads a file, in the order of its bytes. F16 and BF16 become float32, I8, I16 and U16 int32, U32 and U64 int64.
  ///
  /// The whole header is checked before memory for any tensor is taken, so that a file takes no more memory than its
  /// size, or four times that where its elements are widened.
  ///
  /// - Parameter isIncluded: Which tensors to read; the others may have types that no tensor can hold.
  /// - Throws: `ModelFileError` if the file is not a safetensors file in every detail, a tensor holds complex numbers or
  ///   floats of less than 16 bits, or a U64 is 2⁶³ or more.
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
    guard let format = entry.type.numberFormat, let dtype = format.tensorType else {
      throw ModelFileError(
        name, tensor: entry.name,
        "expected integers, truth values or real numbers of at least 16 bits, found \(entry.type.rawValue)")
    }
    let range = dataStart + entry.bytes.lowerBound..<dataStart + entry.bytes.upperBound
    let stream = ByteStream(self, range, tensor: entry.name)
    return try stream.tensor(format, dtype, shape: entry.shape.map { UInt64($0) })
  }
}
