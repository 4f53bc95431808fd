/// A zip archive whose members are stored as they are.
enum StoredArchive {
  /// A pickle with three storages of 64 bytes.
  static func pytorch(pickle: [UInt8]) -> [UInt8] {
    let elements = (0..<64).map { UInt8($0 % 2) }
    return archive([("a/data.pkl", pickle)] + (0..<3).map { ("a/data/\($0)", elements) })
  }

  static func archive(_ members: [(name: String, content: [UInt8])]) -> [UInt8] {
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    for (name, content) in members {
      let fields =
        [20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0] + little(Checksum.crc32(content), 4) + little(content.count, 4)
        + little(content.count, 4) + little(name.utf8.count, 2) + [0, 0]
      directory += Array("PK\u{1}\u{2}".utf8) + [20, 0] + fields + [UInt8](repeating: 0, count: 10)
      directory += little(bytes.count, 4) + name.utf8
      bytes += Array("PK\u{3}\u{4}".utf8) + fields + name.utf8 + content
    }
    let count = little(members.count, 2)
    let end = [0, 0, 0, 0] + count + count + little(directory.count, 4) + little(bytes.count, 4) + [0, 0]
    return bytes + directory + Array("PK\u{5}\u{6}".utf8) + end
  }

  private static func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
