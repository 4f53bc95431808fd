/// A tensor as the header of a safetensors file describes it.
public struct SafeTensorsEntry: Sendable, Hashable {
  public let name: String
  public let type: SafeTensorsType
  public let shape: [Int]
  /// Where its bytes are, counted from the end of the header.
  public let bytes: Range<Int>
}

/// The header of a safetensors file: eight bytes with the length N of the text, least significant first, and N bytes of
/// JSON.
///
/// Reading checks all that the format demands: the tensors lie one after the other from the end of the header to the end
/// of the file, each as long as its type and shape say, and no name appears twice.
/// (github.com/huggingface/safetensors)
public struct SafeTensorsHeader: Sendable {
  /// The longest text the format allows.
  static let mostBytes = 100_000_000
  static let metadataName = "__metadata__"

  /// In the order of their bytes.
  public private(set) var entries: [SafeTensorsEntry] = []
  public private(set) var metadata: [String: String] = [:]
  /// Where the bytes of the tensors begin in the file.
  let dataStart: Int
  private let file: String

  /// Reads the header of a file and nothing else.
  public init(contentsOf path: String) throws(ModelFileError) { try self.init(ModelFileSource(path: path)) }

  init(_ source: ModelFileSource) throws(ModelFileError) {
    file = source.name
    let count = try Self.textLength(source)
    dataStart = 8 + count
    var scanner = try HeaderScanner(try source.read(8..<dataStart), file: file)
    try read(&scanner)
    try checkPlaces(dataLength: source.byteCount - dataStart)
  }

  private static func textLength(_ source: ModelFileSource) throws(ModelFileError) -> Int {
    guard source.byteCount >= 8 else {
      throw ModelFileError(
        source.name,
        "expected a safetensors file, which begins with 8 bytes for the length of its header, found "
          + counted(source.byteCount, "byte"))
    }
    let start = try source.read(0..<8)
    let length = start.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= mostBytes else {
      throw ModelFileError(
        source.name,
        start.starts(with: "PK\u{3}\u{4}".utf8)
          ? "expected a safetensors file, found a zip archive, such as those of PyTorch and NumPy are"
          : "expected a safetensors file, which begins with the length of its header, at most \(mostBytes), found "
            + "\(length)")
    }
    guard length <= source.byteCount - 8 else {
      throw ModelFileError(
        source.name, "expected a header of \(length) bytes, found \(source.byteCount - 8) to the end of the file")
    }
    return Int(length)
  }

  // MARK: - Entries

  private mutating func read(_ scanner: inout HeaderScanner) throws(ModelFileError) {
    var names: Set<String> = []
    var entries: [SafeTensorsEntry] = []
    var metadata: [String: String] = [:]
    let file = file
    try scanner.object("a JSON object") { (scanner, name) throws(ModelFileError) in
      guard names.insert(name).inserted else {
        throw ModelFileError(file, "the name \(quoted(name)) appears twice in the header")
      }
      if name == Self.metadataName {
        metadata = try Self.metadata(&scanner, file)
      } else {
        entries.append(try Self.entry(&scanner, name, file))
      }
    }
    try scanner.finish("the header")
    self.entries = entries
    self.metadata = metadata
  }

  private static func metadata(_ scanner: inout HeaderScanner, _ file: String) throws(ModelFileError) -> [String:
    String]
  {
    var metadata: [String: String] = [:]
    try scanner.object("an object of metadata") { (scanner, key) throws(ModelFileError) in
      let value = try scanner.string("a text in quotes as metadata")
      guard metadata.updateValue(value, forKey: key) == nil else {
        throw ModelFileError(file, "the name \(quoted(key)) appears twice in the metadata")
      }
    }
    return metadata
  }

  private static func entry(
    _ scanner: inout HeaderScanner, _ name: String, _ file: String
  ) throws(ModelFileError) -> SafeTensorsEntry {
    var typeName: String?
    var shape: [UInt64]?
    var offsets: [UInt64]?
    try scanner.object("an object that describes tensor \(quoted(name))") { (scanner, key) throws(ModelFileError) in
      let isRepeated: Bool
      switch key {
      case "dtype":
        isRepeated = typeName != nil
        typeName = try scanner.string("a type in quotes")
      case "shape":
        isRepeated = shape != nil
        shape = try scanner.integers("a list of extents", limit: mostAxes)
      case "data_offsets":
        isRepeated = offsets != nil
        offsets = try scanner.integers("a list of two offsets", limit: 2)
      default:
        throw ModelFileError(
          file, tensor: name, "expected only \"dtype\", \"shape\" and \"data_offsets\", found \(quoted(key))")
      }
      if isRepeated { throw ModelFileError(file, tensor: name, "\(quoted(key)) appears twice") }
    }
    guard let typeName, let shape, let offsets else {
      let missing = typeName == nil ? "dtype" : shape == nil ? "shape" : "data_offsets"
      throw ModelFileError(file, tensor: name, "expected \"\(missing)\", which is not there")
    }
    guard let type = SafeTensorsType(rawValue: typeName) else {
      throw ModelFileError(file, tensor: name, "expected a type such as F32, found \(quoted(typeName))")
    }
    guard offsets.count == 2 else {
      throw ModelFileError(file, tensor: name, "expected two offsets, found \(offsets.count)")
    }
    guard offsets[0] <= offsets[1], let begin = Int(exactly: offsets[0]), let end = Int(exactly: offsets[1]) else {
      throw ModelFileError(
        file, tensor: name, "expected offsets that begin before they end, found \(offsets[0]) and \(offsets[1])")
    }
    let extents = try size(type, shape, file, name)
    guard extents.byteCount == end - begin else {
      throw ModelFileError(
        file, tensor: name,
        "expected \(counted(extents.byteCount, "byte")) for \(type.rawValue) of shape \(text(extents.shape)), found "
          + "\(end - begin)")
    }
    return SafeTensorsEntry(name: name, type: type, shape: extents.shape, bytes: begin..<end)
  }

  private static func size(
    _ type: SafeTensorsType, _ shape: [UInt64], _ file: String, _ name: String
  ) throws(ModelFileError) -> (shape: [Int], byteCount: Int) {
    guard let (extents, bits) = checkedExtents(shape, unit: type.bitSize) else {
      throw ModelFileError(file, tensor: name, tooManyElements(shape))
    }
    guard bits % 8 == 0 else {
      throw ModelFileError(
        file, tensor: name, "expected whole bytes, found \(bits) bits for \(type.rawValue) of shape \(text(extents))")
    }
    return (extents, bits / 8)
  }

  // MARK: - Places

  /// No hole, no overlap, no tail: a hole could hide another file.
  private mutating func checkPlaces(dataLength: Int) throws(ModelFileError) {
    let order = entries.indices.sorted { left, right in
      let (a, b) = (entries[left].bytes, entries[right].bytes)
      return (a.lowerBound, a.upperBound, left) < (b.lowerBound, b.upperBound, right)
    }
    entries = order.map { entries[$0] }
    var end = 0
    for entry in entries {
      guard entry.bytes.lowerBound == end else {
        let problem = entry.bytes.lowerBound > end ? "a hole" : "an overlap"
        throw ModelFileError(
          file, tensor: entry.name,
          "expected its data at offset \(end), where the tensor before ends, found offset \(entry.bytes.lowerBound), "
            + "which leaves \(problem)")
      }
      end = entry.bytes.upperBound
    }
    guard end == dataLength else {
      throw ModelFileError(
        file, "expected \(counted(end, "byte")) of data as the header says, found \(dataLength) to the end of the file")
    }
  }
}
