public import DescentCore

extension Tensor {
  /// Reads an IDX file, in which MNIST and its kin come, plain or packed by gzip.
  ///
  /// Elements become a tensor of their own type, those of int8 and int16 one of int32.
  ///
  /// ```swift
  /// let images = try Tensor(idx: "train-images-idx3-ubyte.gz")  // uint8 [60000, 28, 28]
  /// ```
  ///
  /// - Throws: `ModelFileError` if the file is not an IDX file in every detail, or unpacks to more than 256 MiB and more
  ///   than 200 times its size.
  public init(idx path: String) throws(ModelFileError) {
    self = try ByteStream(ModelFileSource(path: path)).idxTensor()
  }

  /// Reads the bytes of an IDX file; `name` is what errors call it.
  public init(idxBytes bytes: [UInt8], name: String) throws(ModelFileError) {
    self = try ByteStream(ModelFileSource(bytes: bytes, name: name)).idxTensor()
  }
}

extension ByteStream {
  /// Two zeros, the type, the rank, the extents in four bytes each, and the elements; the most significant bytes first.
  fileprivate func idxTensor() throws(ModelFileError) -> Tensor {
    let start = try read(4)
    guard start.count == 4, start[0] == 0, start[1] == 0 else {
      let found = start.isEmpty ? "nothing" : start.map(hexadecimal).joined(separator: " ")
      throw failure("expected an IDX file, which begins with two zeros, a type and a rank, found \(found)")
    }
    guard let format = NumberFormat(idx: start[2]), let dtype = format.tensorType else {
      throw failure("expected one of the types 0x08, 0x09, 0x0B, 0x0C, 0x0D and 0x0E, found \(hexadecimal(start[2]))")
    }
    let rank = Int(start[3])
    guard rank <= mostAxes else { throw failure("expected at most \(mostAxes) axes, found \(rank)") }
    let extents = try read(4 * rank)
    guard extents.count == 4 * rank else {
      throw failure("expected \(counted(4 * rank, "byte")) for the extents of \(rank) axes, found \(extents.count)")
    }
    let shape = (0..<rank).map { axis in
      extents[4 * axis..<4 * axis + 4].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    }
    return try tensor(format, dtype, shape: shape)
  }
}

extension NumberFormat {
  fileprivate init?(idx code: UInt8) {
    switch code {
    case 0x08: self.init(kind: .uint, byteSize: 1, isBigEndian: true)
    case 0x09: self.init(kind: .int, byteSize: 1, isBigEndian: true)
    case 0x0B: self.init(kind: .int, byteSize: 2, isBigEndian: true)
    case 0x0C: self.init(kind: .int, byteSize: 4, isBigEndian: true)
    case 0x0D: self.init(kind: .float, byteSize: 4, isBigEndian: true)
    case 0x0E: self.init(kind: .float, byteSize: 8, isBigEndian: true)
    default: return nil
    }
  }
}
