/// One of the pieces a PNG file consists of: length, type, data, checksum.
struct PNGChunk {
  struct Kind: Hashable {
    let bytes: [UInt8]

    static let header = Kind("IHDR")
    static let palette = Kind("PLTE")
    static let transparency = Kind("tRNS")
    static let pixels = Kind("IDAT")
    static let end = Kind("IEND")

    init(_ name: StaticString) { bytes = name.withUTF8Buffer { Array($0) } }
    init(bytes: [UInt8]) { self.bytes = bytes }

    var text: String { String(decoding: bytes, as: UTF8.self) }
    /// Whether an image cannot be understood without it: the first letter is a capital.
    var isCritical: Bool { bytes[0] & 0x20 == 0 }
  }

  let type: Kind
  let data: Range<Int>
  private let sumPlace: Range<Int>

  /// Where the next chunk begins.
  var end: Int { sumPlace.upperBound }

  /// The chunk that begins at an offset, its checksum not yet compared.
  init(_ source: ModelFileSource, at start: Int) throws(ModelFileError) {
    guard source.byteCount - start >= 12 else {
      throw ModelFileError(source.name, "the PNG file ends too early, before its end is marked")
    }
    let head = try source.read(start..<start + 8)
    type = Kind(bytes: Array(head[4...]))
    guard type.bytes.allSatisfy({ 0x41...0x5A ~= $0 || 0x61...0x7A ~= $0 }) else {
      throw ModelFileError(
        source.name,
        "expected the name of a chunk in letters at byte \(start + 4), found "
          + type.bytes.map(hexadecimal).joined(separator: " "))
    }
    let length = Int(bigEndian(head[..<4]))
    guard length <= source.byteCount - start - 12 else {
      throw ModelFileError(
        source.name, "the chunk \(type.text) of \(counted(length, "byte")) goes beyond the end of the file")
    }
    data = start + 8..<start + 8 + length
    sumPlace = data.upperBound..<data.upperBound + 4
  }

  func checkSum(_ source: ModelFileSource) throws(ModelFileError) {
    let known = try bigEndian(source.read(sumPlace))
    let found = try source.read(data.lowerBound - 4..<data.upperBound).withUnsafeBytes { crc32($0) }
    guard found == known else {
      throw ModelFileError(
        source.name, "the chunk \(type.text) does not have the checksum that is stored with it, so it is damaged")
    }
  }
}
