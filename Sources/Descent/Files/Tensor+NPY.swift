import DescentCPU
public import DescentCore

extension Tensor {
  /// Reads a `.npy` file of NumPy, of version 1, 2 or 3, of either byte order and either order of axes.
  ///
  /// Elements become a tensor of their own type; int8, int16 and uint16 become int32, uint32 and uint64 become int64, and
  /// float16 becomes float32. Pickled objects are never read.
  ///
  /// - Throws: `ModelFileError` if the file is not such a file in every detail, its elements are of another type, or one
  ///   of uint64 is 2⁶³ or more.
  public init(npy path: String) throws(ModelFileError) {
    self = try ByteStream(ModelFileSource(path: path)).npyTensor()
  }

  /// Reads the bytes of a `.npy` file; `name` is what errors call it.
  public init(npyBytes bytes: [UInt8], name: String) throws(ModelFileError) {
    self = try ByteStream(ModelFileSource(bytes: bytes, name: name)).npyTensor()
  }

  /// Writes a `.npy` file, with the bytes that NumPy itself writes; it appears complete or not at all.
  ///
  /// - Throws: `ModelFileError` with the reason.
  public func write(npy path: String) throws(ModelFileError) {
    let header = try NPYHeader.bytes(self, file: path)
    evaluate([self])
    try AtomicFile.writeTensors(to: path) { output throws(SystemError) in
      try output.write(header)
      try output.write(memory)
    }
  }
}

extension ByteStream {
  func npyTensor() throws(ModelFileError) -> Tensor {
    let header = try NPYHeader(self)
    return try tensor(header.format, header.dtype, shape: header.shape, isFortranOrder: header.isFortranOrder)
  }
}
