import DescentCore

/// What stands before the numbers of a `.npy` file: `\x93NUMPY`, the version, the length of a text, and as text a Python
/// dictionary of the type, the order and the shape.
struct NPYHeader {
  private static let magic: [UInt8] = [0x93] + "NUMPY".utf8
  /// As NumPy itself has it.
  private static let mostBytes = 10_000

  let format: NumberFormat
  let dtype: DType
  let isFortranOrder: Bool
  let shape: [UInt64]

  init(_ stream: ByteStream) throws(ModelFileError) {
    let text = try Self.text(stream)
    var scanner = NPYScanner(text, stream)
    let fields = try scanner.fields()
    guard let format = NumberFormat(descr: fields.descr), let dtype = format.tensorType else {
      throw Self.refusal(of: fields.descr, stream)
    }
    self.format = format
    self.dtype = dtype
    isFortranOrder = fields.isFortranOrder
    shape = fields.shape
  }

  private static func text(_ stream: ByteStream) throws(ModelFileError) -> [UInt8] {
    let start = try stream.read(8)
    guard start.starts(with: magic) else { throw stream.failure("expected a NumPy array, found \(kind(of: start))") }
    guard start.count == 8, 1...3 ~= start[6], start[7] == 0 else {
      let found = start[6...].map { "\($0)" }.joined(separator: ".")
      throw stream.failure(
        "expected version 1.0, 2.0 or 3.0 of NumPy's format, found \(found.isEmpty ? "none" : found)")
    }
    let lengthSize = start[6] == 1 ? 2 : 4
    let lengthBytes = try stream.read(lengthSize)
    let length = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    guard lengthBytes.count == lengthSize, length <= mostBytes else {
      let found = lengthBytes.count == lengthSize ? "the length \(length)" : "the end of the file"
      throw stream.failure("expected a header of at most \(mostBytes) bytes, found \(found)")
    }
    let text = try stream.read(length)
    guard text.count == length else {
      throw stream.failure("expected a header of \(length) bytes, found \(text.count) to the end of the file")
    }
    return text
  }

  private static func kind(of start: [UInt8]) -> String {
    if start.isEmpty { return "nothing" }
    if start.starts(with: "PK".utf8) { return "a zip archive, such as .npz files are" }
    if start.count > 1 && start[0] == 0x80 && 2...5 ~= start[1] { return "a Python pickle, which is never read" }
    return "a file that begins with " + start.prefix(6).map(hexadecimal).joined(separator: " ")
  }

  private static func refusal(of descr: String, _ stream: ByteStream) -> ModelFileError {
    if descr.drop(while: { "<>|=".contains($0) }).first == "O" {
      return stream.failure(
        "it holds pickled Python objects, which are never read because that could run any code; save it as numbers")
    }
    return stream.failure(
      "expected one of the types b1, i1, i2, i4, i8, u1, u2, u4, u8, f2, f4 and f8, found \(quoted(descr))")
  }

  // MARK: - Writing

  /// What NumPy itself writes before the elements of such a tensor.
  static func bytes(_ tensor: Tensor, file: String, name: String? = nil) throws(ModelFileError) -> [UInt8] {
    let shape = tensor.shape
    guard shape.count <= mostAxes else {
      throw ModelFileError(file, tensor: name, "expected at most \(mostAxes) axes, found \(shape.count)")
    }
    let extents = shape.map { "\($0)" }.joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var text = "{'descr': '\(descr(tensor.dtype))', 'fortran_order': False, 'shape': (\(extents)), }"
    // Room for 21 digits of the first extent lets rows be appended in place; then the numbers begin at a multiple of 64.
    if let rows = shape.first { text += String(repeating: " ", count: 21 - "\(rows)".utf8.count) }
    let start = magic.count + 4
    text += String(repeating: " ", count: 64 - (start + text.utf8.count + 1) % 64) + "\n"
    return magic + [1, 0, UInt8(text.utf8.count & 0xFF), UInt8(text.utf8.count >> 8)] + text.utf8
  }

  private static func descr(_ dtype: DType) -> String {
    switch dtype {
    case .bool: "|b1"
    case .uint8: "|u1"
    case .int32: "<i4"
    case .int64: "<i8"
    case .float32: "<f4"
    case .float64: "<f8"
    }
  }
}

extension NumberFormat {
  /// A byte order, a kind and a size in bytes, such as `<f4`.
  fileprivate init?(descr: String) {
    var rest = Substring(descr)
    let order = rest.first
    if let order, "<>|=".contains(order) { rest.removeFirst() }
    let kinds: [Character: Kind] = ["b": .bool, "i": .int, "u": .uint, "f": .float]
    guard let kind = rest.popFirst().flatMap({ kinds[$0] }), rest.utf8.count == 1, let size = Int(rest) else {
      return nil
    }
    self.init(kind: kind, byteSize: size, isBigEndian: order == ">")
  }
}
