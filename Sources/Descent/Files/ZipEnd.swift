/// The record at the end of a zip archive, which says where its directory is.
struct ZipEnd {
  let directory: Range<Int>
  let count: UInt64

  init(_ source: ModelFileSource) throws(ModelFileError) {
    let (offset, record) = try Self.record(source)
    func failure(_ problem: String) -> ModelFileError { ModelFileError(source.name, problem) }
    var count = UInt64(record.integer(UInt16.self, at: 10))
    var size = UInt64(record.integer(UInt32.self, at: 12))
    var start = UInt64(record.integer(UInt32.self, at: 16))
    var isWhole = record.integer(UInt32.self, at: 4) == 0 && record.integer(UInt16.self, at: 8) == count
    var end = offset
    if let (wideOffset, wide) = try Self.wideRecord(source, before: offset) {
      count = wide.integer(at: 32)
      size = wide.integer(at: 40)
      start = wide.integer(at: 48)
      isWhole = wide.integer(UInt64.self, at: 16) == 0 && wide.integer(at: 24) == count
      end = wideOffset
    }
    guard isWhole else { throw failure("expected an archive in one piece, found a piece of one") }
    guard start <= end, size == UInt64(end) - start else {
      throw failure(
        "expected the archive's directory to end at byte \(end), found \(size) bytes of it from byte \(start)")
    }
    guard count <= size / UInt64(ZipRecord.entrySize) else {
      throw failure("expected a directory of \(count) members, which \(size) bytes cannot hold")
    }
    directory = Int(start)..<end
    self.count = count
  }

  /// It is the last in the file but for a comment, whose length it states.
  private static func record(_ source: ModelFileSource) throws(ModelFileError) -> (offset: Int, bytes: [UInt8]) {
    let size = ZipRecord.endSize
    let tailStart = max(0, source.byteCount - size - Int(UInt16.max))
    let tail = try source.read(tailStart..<source.byteCount)
    for offset in stride(from: tail.count - size, through: 0, by: -1)
    where tail[offset] == 0x50 && tail.integer(at: offset) == ZipRecord.end
      && Int(tail.integer(UInt16.self, at: offset + 20)) == tail.count - size - offset
    {
      return (tailStart + offset, Array(tail[offset..<offset + size]))
    }
    let start = try source.read(0..<min(6, source.byteCount))
    let found =
      start == [0x93] + Array("NUMPY".utf8) ? "a single NumPy array, such as .npy files are" : "no such directory"
    throw ModelFileError(
      source.name, "expected a zip archive, which ends with a directory of its members, found \(found)")
  }

  /// The record with wider numbers, for archives that need them.
  private static func wideRecord(
    _ source: ModelFileSource, before end: Int
  ) throws(ModelFileError) -> (offset: Int, bytes: [UInt8])? {
    guard end >= ZipRecord.locatorSize else { return nil }
    let locator = try source.read(end - ZipRecord.locatorSize..<end)
    guard locator.integer(at: 0) == ZipRecord.locator else { return nil }
    let offset = locator.integer(UInt64.self, at: 8)
    let expected = end - ZipRecord.locatorSize - ZipRecord.end64Size
    guard expected >= 0, offset == UInt64(expected) else {
      throw ModelFileError(
        source.name,
        "expected the record of a large archive right before byte \(end - ZipRecord.locatorSize), found "
          + "that it is at byte \(offset)")
    }
    let bytes = try source.read(expected..<expected + ZipRecord.end64Size)
    guard bytes.integer(at: 0) == ZipRecord.end64, bytes.integer(UInt64.self, at: 4) == 44 else {
      throw ModelFileError(
        source.name, "expected the record of a large archive at byte \(offset), found something else")
    }
    return (expected, bytes)
  }
}
