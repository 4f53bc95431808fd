/// A member of a zip archive of the tests' own making; every field may be a lie.
struct ZipFixture: Sendable {
  var name: String
  var content: [UInt8]
  var method: UInt16 = 0
  var flags: UInt16 = 0
  var packed: [UInt8]
  var checksum: UInt32
  var byteCount: UInt32
  var packedCount: UInt32
  /// The name in the record before the content.
  var localName: [UInt8]
  /// Further fields in the directory.
  var extra: [UInt8] = []
  /// Where the directory says that the member is.
  var offset: UInt32?

  init(_ name: String, _ content: [UInt8], isDeflated: Bool = false, _ change: (inout ZipFixture) -> Void = { _ in }) {
    self.name = name
    self.content = content
    method = isDeflated ? 8 : 0
    packed = isDeflated ? PackedBytes.storedBlock(content) : content
    checksum = PackedBytes.checksum(content)
    byteCount = UInt32(content.count)
    packedCount = UInt32(packed.count)
    localName = Array(name.utf8)
    change(&self)
  }

  /// The numbers behind the content instead of before it, as writers do that cannot go back.
  var hasDescriptor: Bool { flags & 8 != 0 }

  private var sums: [UInt8] {
    PackedBytes.little(checksum) + PackedBytes.little(packedCount) + PackedBytes.little(byteCount)
  }

  private func common(sums: [UInt8], nameLength: Int, extraLength: Int) -> [UInt8] {
    [20, 0] + PackedBytes.little(flags) + PackedBytes.little(method) + [0, 0, 0x21, 0] + sums
      + PackedBytes.little(UInt16(nameLength)) + PackedBytes.little(UInt16(extraLength))
  }

  private var record: [UInt8] {
    let sumsBefore = hasDescriptor ? [UInt8](repeating: 0, count: 12) : sums
    let fields = common(sums: sumsBefore, nameLength: localName.count, extraLength: 0)
    return Array("PK\u{3}\u{4}".utf8) + fields + localName + packed
      + (hasDescriptor ? Array("PK\u{7}\u{8}".utf8) + sums : [])
  }

  private func entry(at place: Int) -> [UInt8] {
    Array("PK\u{1}\u{2}".utf8) + [20, 0] + common(sums: sums, nameLength: name.utf8.count, extraLength: extra.count)
      + [UInt8](repeating: 0, count: 10) + PackedBytes.little(offset ?? UInt32(place)) + name.utf8 + extra
  }

  /// What the record at the end of an archive says.
  struct End {
    var disk: UInt16 = 0
    var count: UInt16
    var size: UInt32
    var start: UInt32
    var comment: [UInt8] = []
    /// What stands before the record.
    var wide: [UInt8] = []
  }

  static func archive(_ members: [ZipFixture], _ change: (inout End) -> Void = { _ in }) -> [UInt8] {
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    for member in members {
      directory += member.entry(at: bytes.count)
      bytes += member.record
    }
    var end = End(count: UInt16(members.count), size: UInt32(directory.count), start: UInt32(bytes.count))
    change(&end)
    return bytes + directory + end.wide + Array("PK\u{5}\u{6}".utf8) + PackedBytes.little(end.disk) + [0, 0]
      + PackedBytes.little(end.count) + PackedBytes.little(end.count) + PackedBytes.little(end.size)
      + PackedBytes.little(end.start) + PackedBytes.little(UInt16(end.comment.count)) + end.comment
  }
}
