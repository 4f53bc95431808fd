/// Reads the entries of a zip archive's directory one after the other.
struct ZipEntries {
  private let file: String
  private let bytes: [UInt8]
  private var remaining: UInt64
  private var position = 0

  init(_ file: String, _ bytes: [UInt8], count: UInt64) {
    self.file = file
    self.bytes = bytes
    remaining = count
  }

  mutating func next() throws(ModelFileError) -> ZipEntry? {
    if remaining == 0 {
      guard position == bytes.count else {
        throw ModelFileError(
          file, "expected the end of the archive's directory after \(position) bytes, found \(bytes.count)")
      }
      return nil
    }
    remaining -= 1
    let nameStart = position + ZipRecord.entrySize
    guard nameStart <= bytes.count, bytes.integer(at: position) == ZipRecord.entry else {
      throw ModelFileError(file, "expected an entry at byte \(position) of the archive's directory, found none")
    }
    let nameEnd = nameStart + Int(bytes.integer(UInt16.self, at: position + 28))
    let extraEnd = nameEnd + Int(bytes.integer(UInt16.self, at: position + 30))
    let end = extraEnd + Int(bytes.integer(UInt16.self, at: position + 32))
    guard end <= bytes.count else {
      throw ModelFileError(file, "the entry at byte \(position) of the archive's directory reaches beyond its end")
    }
    defer { position = end }
    return try ZipEntry(
      file, record: Array(bytes[position..<nameStart]), name: Array(bytes[nameStart..<nameEnd]),
      extra: Array(bytes[nameEnd..<extraEnd]))
  }
}

/// An entry of a zip archive's directory, with its numbers not yet compared with the archive.
struct ZipEntry {
  let name: String
  private let file: String
  private let nameBytes: [UInt8]
  private let method: UInt16
  private let checksum: UInt32
  private let packedCount: UInt64
  private let byteCount: UInt64
  private let offset: UInt64

  init(_ file: String, record: [UInt8], name bytes: [UInt8], extra: [UInt8]) throws(ModelFileError) {
    self.file = file
    nameBytes = bytes
    name = try Self.name(bytes, file)
    let flags = record.integer(UInt16.self, at: 8)
    method = record.integer(at: 10)
    checksum = record.integer(at: 16)
    // Bits 0, 6 and 13 stand for kinds of encryption, 5 for a difference between two files.
    guard flags & 0x2061 == 0 else { throw ModelFileError(file, tensor: name, "it is encrypted or a patch") }
    guard method == ZipRecord.stored || method == ZipRecord.deflated else {
      throw ModelFileError(
        file, tensor: name, "expected a member that is stored or deflated, found compression method \(method)")
    }
    var wide = Self.wideNumbers(in: extra)[...]
    func number(at place: Int) -> UInt64? {
      let narrow = record.integer(UInt32.self, at: place)
      return narrow < .max ? UInt64(narrow) : wide.popFirst()
    }
    guard let byteCount = number(at: 24), let packedCount = number(at: 20), let offset = number(at: 42) else {
      throw ModelFileError(
        file, tensor: name, "expected its sizes in eight bytes, as four cannot hold them, found none")
    }
    self.byteCount = byteCount
    self.packedCount = packedCount
    self.offset = offset
  }

  /// A name as members may have it.
  static func name(_ bytes: [UInt8], _ file: String) throws(ModelFileError) -> String {
    guard firstInvalidUTF8(in: bytes) == nil else {
      throw ModelFileError(
        file, "expected names in UTF-8 in the archive, found \(quoted(String(decoding: bytes, as: UTF8.self)))")
    }
    let name = String(decoding: bytes, as: UTF8.self)
    guard CombiningMarks.areFew(in: name) else {
      throw ModelFileError(
        file, tensor: name, "expected a name with at most \(CombiningMarks.most) marks on a character")
    }
    let isWithin =
      !name.hasPrefix("/") && !name.utf8.contains(UInt8(ascii: "\\"))
      && !name.split(separator: "/").contains("..")
    guard isWithin else { throw ModelFileError(file, tensor: name, "expected a name that stays within the archive") }
    return name
  }

  /// The numbers of eight bytes in the extra field that is there for them.
  private static func wideNumbers(in extra: [UInt8]) -> [UInt64] {
    var position = 0
    while position + 4 <= extra.count {
      let size = Int(extra.integer(UInt16.self, at: position + 2))
      let end = position + 4 + size
      guard end <= extra.count else { return [] }
      if extra.integer(at: position) == ZipRecord.wideNumbers {
        return stride(from: position + 4, through: end - 8, by: 8).map { extra.integer(at: $0) }
      }
      position = end
    }
    return []
  }

  /// The member, which lies before the directory: a record that repeats the entry, and its bytes.
  func member(in source: ModelFileSource, before limit: Int) throws(ModelFileError) -> ZipMember {
    func failure(_ problem: String) -> ModelFileError { ModelFileError(file, tensor: name, problem) }
    guard offset <= UInt64(limit), limit - Int(offset) >= ZipRecord.memberSize else {
      throw failure("expected it before byte \(limit), where the archive's directory begins, found byte \(offset)")
    }
    let start = Int(offset)
    let record = try source.read(start..<start + ZipRecord.memberSize)
    guard record.integer(at: 0) == ZipRecord.member else {
      throw failure("expected a member at byte \(start) of the archive, found none")
    }
    let nameStart = start + ZipRecord.memberSize
    let nameEnd = nameStart + Int(record.integer(UInt16.self, at: 26))
    let dataStart = nameEnd + Int(record.integer(UInt16.self, at: 28))
    guard dataStart <= limit, packedCount <= UInt64(limit - dataStart) else {
      throw failure(
        "expected \(packedCount) bytes from byte \(dataStart) on, found the archive's directory at \(limit)")
    }
    guard try source.read(nameStart..<nameEnd) == nameBytes, record.integer(at: 8) == method else {
      throw failure("expected the name and the method of the archive's directory at byte \(start), found others")
    }
    guard let byteCount = Int(exactly: byteCount) else { throw failure("\(byteCount) bytes cannot be counted") }
    return ZipMember(
      name: name, isDeflated: method == ZipRecord.deflated, checksum: checksum, byteCount: byteCount, start: start,
      place: dataStart..<dataStart + Int(packedCount))
  }
}
