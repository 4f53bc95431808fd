import DescentCPU
import DescentCore

/// Arrays by name, as a `.npz` file of NumPy holds them: a zip archive of `.npy` files.
///
/// ```swift
/// let file = try NumPyArchive(contentsOf: "digits.npz")
/// let images = file.tensors["images"]
/// try NumPyArchive(tensors: ["x": x, "y": y]).write(to: "copy.npz", isCompressed: true)
/// ```
public struct NumPyArchive: Sendable {
  public var tensors: ModuleValues

  public init(tensors: ModuleValues) { self.tensors = tensors }

  /// Reads an archive, in the order of its directory; types become those of tensors as in `Tensor(npy:)`.
  ///
  /// Everything the archive says of its size is checked before memory is taken for it.
  ///
  /// - Parameter isIncluded: Which arrays to read; the others may have types that no tensor can hold.
  /// - Throws: `ModelFileError` if the archive or an array in it is damaged, holds something else, or unpacks to more than
  ///   256 MiB and more than 200 times its size.
  public init(contentsOf path: String, where isIncluded: (String) -> Bool = { _ in true }) throws(ModelFileError) {
    try self.init(ModelFileSource(path: path), where: isIncluded)
  }

  /// Reads the bytes of an archive; `name` is what errors call it.
  public init(bytes: [UInt8], name: String) throws(ModelFileError) {
    try self.init(ModelFileSource(bytes: bytes, name: name)) { _ in true }
  }

  private init(_ source: ModelFileSource, where isIncluded: (String) -> Bool) throws(ModelFileError) {
    var elements: [ModuleValues.Element] = []
    for member in try ZipMember.all(in: source) {
      guard member.name.hasSuffix(Self.ending) else {
        throw ModelFileError(source.name, "expected arrays, whose names end in .npy, found \(quoted(member.name))")
      }
      let name = String(member.name.dropLast(Self.ending.count))
      guard isIncluded(name) else { continue }
      elements.append((name, try ByteStream(source, member, tensor: name).npyTensor()))
    }
    tensors = ModuleValues(elements)
  }

  private static let ending = ".npy"

  // MARK: - Writing

  /// Writes an archive; it appears complete or not at all, and the same tensors give the same bytes.
  ///
  /// - Parameter isCompressed: Whether the arrays are packed by deflate.
  /// - Throws: `ModelFileError` with the reason.
  public func write(to path: String, isCompressed: Bool = false) throws(ModelFileError) {
    let pieces = try pieces(name: path, isCompressed: isCompressed)
    try AtomicFile.writeTensors(to: path) { output throws(SystemError) in
      for piece in pieces {
        try piece.withBytes { bytes in Result { () throws(SystemError) in try output.write(bytes) } }.get()
      }
    }
  }

  /// The bytes of the archive; `name` is what errors call it.
  public func bytes(name: String, isCompressed: Bool = false) throws(ModelFileError) -> [UInt8] {
    try bytes(name: name, isCompressed: isCompressed, wideFrom: nil)
  }

  /// - Parameter wideFrom: From which number on numbers take the format's larger fields; nil is where they must.
  package func bytes(name: String, isCompressed: Bool, wideFrom: Int?) throws(ModelFileError) -> [UInt8] {
    try pieces(name: name, isCompressed: isCompressed, wideFrom: wideFrom).reduce(into: []) { bytes, piece in
      piece.withBytes { bytes += $0 }
    }
  }

  private func pieces(
    name: String, isCompressed: Bool, wideFrom: Int? = nil
  ) throws(ModelFileError) -> [ZipWriter.Piece] {
    var writer = wideFrom.map { ZipWriter(wideFrom: $0) } ?? ZipWriter()
    var known: Set<String> = []
    evaluate(tensors.tensors)
    for (path, tensor) in tensors {
      guard known.insert(path).inserted else { throw ModelFileError(name, tensor: path, "the name appears twice") }
      let memberName = try ZipEntry.name(Array((path + Self.ending).utf8), name)
      guard memberName.utf8.count <= UInt16.max else {
        throw ModelFileError(name, tensor: path, "expected a name of at most 65531 bytes, found \(path.utf8.count)")
      }
      let header = try NPYHeader.bytes(tensor, file: name, name: path)
      writer.add(memberName, [.bytes(header), .memory(tensor.memory)], isDeflated: isCompressed)
    }
    writer.finish()
    return writer.pieces
  }
}
