import DescentCore

/// A zip archive as the pieces of which it is written.
struct ZipWriter {
  enum Piece {
    case bytes([UInt8])
    case memory(Memory)

    func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
      switch self {
      case .bytes(let bytes): bytes.withUnsafeBytes(body)
      case .memory(let memory): memory.withBytes(body)
      }
    }

    var count: Int {
      switch self {
      case .bytes(let bytes): bytes.count
      case .memory(let memory): memory.byteCount
      }
    }
  }

  private(set) var pieces: [Piece] = []
  private var offset = 0
  private var directory: [UInt8] = []
  private var memberCount = 0
  /// From this number on, numbers are written in eight bytes instead of four.
  private let wideFrom: Int

  init(wideFrom: Int = Int(UInt32.max)) { self.wideFrom = wideFrom }

  /// Adds a member; its time is the format's earliest, so that the same contents give the same archive.
  mutating func add(_ name: String, _ contents: [Piece], isDeflated: Bool) {
    let start = offset
    let checksum = contents.reduce(UInt32(0)) { checksum, piece in piece.withBytes { crc32($0, after: checksum) } }
    let packed = isDeflated ? [Self.deflated(contents)] : contents
    let sizes = [packed, contents].map { $0.reduce(0) { $0 + $1.count } }
    // Both sizes are wide or none, as readers that go from member to member expect.
    let wideSizes = sizes.contains { $0 >= wideFrom } ? Array(sizes.reversed()) : []
    func record(wide: [Int]) -> [UInt8] {
      var record: [UInt8] = []
      record.append(integer: UInt16(wide.isEmpty ? 20 : 45))  // the version of the format it takes to read it
      record.append(integer: UInt16(name.utf8.allSatisfy { $0 < 0x80 } ? 0 : 0x800))  // the name is in UTF-8
      record.append(integer: isDeflated ? ZipRecord.deflated : ZipRecord.stored)
      record.append(integer: UInt32(0x0021_0000))  // 1 January 1980
      record.append(integer: checksum)
      for size in sizes { record.append(integer: wideSizes.isEmpty ? UInt32(size) : .max) }
      record.append(integer: UInt16(name.utf8.count))
      record.append(integer: UInt16(wide.isEmpty ? 0 : 4 + 8 * wide.count))
      return record
    }
    append(Self.bytes(ZipRecord.member) + record(wide: wideSizes) + name.utf8 + Self.extra(wideSizes))
    for piece in packed { append(piece) }

    let wide = wideSizes + (start >= wideFrom ? [start] : [])
    directory.append(integer: ZipRecord.entry)
    directory.append(integer: UInt16(0x0300 | 45))  // made by the newest version used here, with the modes of Unix
    directory += record(wide: wide)
    directory += [UInt8](repeating: 0, count: 6)  // no comment, the first disk, no text
    directory.append(integer: UInt32(0o100644) << 16)
    directory.append(integer: narrow(start))
    directory += name.utf8
    directory += Self.extra(wide)
    memberCount += 1
  }

  /// Appends the directory and what says where it is.
  mutating func finish() {
    let (start, size) = (offset, directory.count)
    append(directory)
    if start >= wideFrom || size >= wideFrom || memberCount >= min(wideFrom, Int(UInt16.max)) {
      let record = offset
      var wide = Self.bytes(ZipRecord.end64)
      wide.append(integer: UInt64(ZipRecord.end64Size - 12))
      wide.append(integer: UInt32(45 << 16 | 45))
      wide += [UInt8](repeating: 0, count: 8)  // the first disk
      for number in [memberCount, memberCount, size, start] { wide.append(integer: UInt64(number)) }
      wide.append(integer: ZipRecord.locator)
      wide += [UInt8](repeating: 0, count: 4)  // the first disk
      wide.append(integer: UInt64(record))
      wide.append(integer: UInt32(1))
      append(wide)
    }
    var end = Self.bytes(ZipRecord.end)
    end += [UInt8](repeating: 0, count: 4)  // the first disk
    for _ in 0..<2 { end.append(integer: memberCount >= wideFrom ? .max : UInt16(clamping: memberCount)) }
    end.append(integer: narrow(size))
    end.append(integer: narrow(start))
    append(end + [0, 0])  // no comment
  }

  // MARK: - Pieces

  private mutating func append(_ piece: Piece) {
    pieces.append(piece)
    offset += piece.count
  }

  private mutating func append(_ bytes: [UInt8]) { append(.bytes(bytes)) }

  private func narrow(_ number: Int) -> UInt32 { number >= wideFrom ? .max : UInt32(number) }

  private static func bytes(_ signature: UInt32) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(integer: signature)
    return bytes
  }

  private static func extra(_ wide: [Int]) -> [UInt8] {
    var extra: [UInt8] = []
    guard !wide.isEmpty else { return extra }
    extra.append(integer: ZipRecord.wideNumbers)
    extra.append(integer: UInt16(8 * wide.count))
    for number in wide { extra.append(integer: UInt64(number)) }
    return extra
  }

  private static func deflated(_ contents: [Piece]) -> Piece {
    let deflater = Deflater()
    for piece in contents { piece.withBytes { deflater.append($0) } }
    deflater.finish()
    return .bytes(deflater.output)
  }
}
