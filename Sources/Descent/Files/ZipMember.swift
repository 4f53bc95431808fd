/// A file in a zip archive, as the archive's directory describes it.
struct ZipMember {
  let name: String
  let isDeflated: Bool
  /// The CRC-32 of its bytes when unpacked.
  let checksum: UInt32
  /// The number of its bytes when unpacked.
  let byteCount: Int
  /// Where its record begins in the archive, and where its bytes are.
  let start: Int
  let place: Range<Int>
}

/// The signatures and sizes of the records of a zip archive (PKWARE's APPNOTE 6.3.10).
enum ZipRecord {
  static let member: UInt32 = 0x0403_4B50
  static let memberSize = 30
  static let entry: UInt32 = 0x0201_4B50
  static let entrySize = 46
  static let end: UInt32 = 0x0605_4B50
  static let endSize = 22
  static let end64: UInt32 = 0x0606_4B50
  static let end64Size = 56
  static let locator: UInt32 = 0x0706_4B50
  static let locatorSize = 20
  /// The extra field with the numbers that four bytes cannot hold.
  static let wideNumbers: UInt16 = 1
  static let stored: UInt16 = 0
  static let deflated: UInt16 = 8
}

extension ZipMember {
  /// All members of an archive, in the order of its directory.
  ///
  /// Members may not share bytes, and none may be packed more tightly than is possible, or all together more than is
  /// plausible: both are how small archives are made to unpack to enormous ones.
  static func all(in source: ModelFileSource) throws(ModelFileError) -> [ZipMember] {
    let end = try ZipEnd(source)
    var entries = ZipEntries(source.name, try source.read(end.directory), count: end.count)
    var members: [ZipMember] = []
    var names: Set<String> = []
    while let entry = try entries.next() {
      guard names.insert(entry.name).inserted else {
        throw ModelFileError(source.name, "the name \(quoted(entry.name)) appears twice in the archive")
      }
      members.append(try entry.member(in: source, before: end.directory.lowerBound))
    }
    try checkPlaces(members, source)
    try checkExpansion(members, source)
    return members
  }

  private static func checkPlaces(_ members: [ZipMember], _ source: ModelFileSource) throws(ModelFileError) {
    var end = 0
    for member in members.sorted(by: { $0.start < $1.start }) {
      guard member.start >= end else {
        throw ModelFileError(source.name, tensor: member.name, "it shares bytes of the archive with another member")
      }
      end = member.place.upperBound
    }
  }

  private static func checkExpansion(_ members: [ZipMember], _ source: ModelFileSource) throws(ModelFileError) {
    var sum = 0
    for member in members {
      let count = member.place.count
      let problem: String? =
        if member.isDeflated {
          ByteStream.expansionProblem(of: count, to: member.byteCount)
        } else if count != member.byteCount {
          "expected \(counted(member.byteCount, "byte")), as it is not packed, found \(count)"
        } else {
          nil
        }
      if let problem { throw ModelFileError(source.name, tensor: member.name, problem) }
      // Each is at most 1032 times as large as its part of the archive, so that no sum overflows.
      sum += member.byteCount
    }
    if let problem = ByteStream.expansionProblem(of: source.byteCount, to: sum) {
      throw ModelFileError(source.name, problem)
    }
  }
}
