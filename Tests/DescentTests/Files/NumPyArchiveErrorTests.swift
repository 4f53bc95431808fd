import Descent
import Testing

/// What is refused of archives, and in which words.
struct NumPyArchiveErrorTests {
  private static let array = NumPyArchiveTests.array
  private static let member = ZipFixture("a.npy", array)
  private static let whole = ZipFixture.archive([member])
  private static let end = whole.count - 22
  private static let start = end - 46 - 5

  static let ends: [RefusedBytes] = {
    let zip = "expected a zip archive, which ends with a directory of its members, found "
    let wideStart = end
    func wide(_ change: (inout [UInt8]) -> Void) -> [UInt8] {
      ZipFixture.archive([member]) { fields in
        var record = Array("PK\u{6}\u{6}".utf8) + PackedBytes.little(UInt64(44)) + [45, 0, 45, 0]
        record += [UInt8](repeating: 0, count: 8)
        for number in [1, 1, 51, start] { record += PackedBytes.little(UInt64(number)) }
        record += Array("PK\u{6}\u{7}".utf8) + [0, 0, 0, 0] + PackedBytes.little(UInt64(wideStart)) + [1, 0, 0, 0]
        change(&record)
        fields.wide = record
      }
    }
    return [
      RefusedBytes("empty", [UInt8](), zip + "no such directory"),
      RefusedBytes("text", Array("hello, this is no archive at all".utf8), zip + "no such directory"),
      RefusedBytes("a single array", array, zip + "a single NumPy array, such as .npy files are"),
      RefusedBytes("cut off", Array(whole.dropLast()), zip + "no such directory"),
      RefusedBytes("a tail", whole + [0], zip + "no such directory"),
      RefusedBytes(
        "bytes before", [0] + whole,
        "expected the archive's directory to end at byte \(end + 1), found 51 bytes of it from byte \(start)"),
      RefusedBytes(
        "a piece of an archive", ZipFixture.archive([member]) { $0.disk = 1 },
        "expected an archive in one piece, found a piece of one"),
      RefusedBytes(
        "a directory that is too large", ZipFixture.archive([member]) { $0.size = .max },
        "expected the archive's directory to end at byte \(end), found 4294967295 bytes of it from byte \(start)"),
      RefusedBytes(
        "a directory beyond the end", ZipFixture.archive([member]) { $0.start = .max },
        "expected the archive's directory to end at byte \(end), found 51 bytes of it from byte 4294967295"),
      RefusedBytes(
        "more members than fit", ZipFixture.archive([member]) { $0.count = 2 },
        "expected a directory of 2 members, which 51 bytes cannot hold"),
      RefusedBytes(
        "fewer members than there are", ZipFixture.archive([member, ZipFixture("b.npy", array)]) { $0.count = 1 },
        "expected the end of the archive's directory after 51 bytes, found 102"),
      RefusedBytes(
        "an elsewhere", wide { $0[56 + 8] ^= 1 },
        "expected the record of a large archive right before byte \(end + 56), found that it is at byte \(end ^ 1)"),
      RefusedBytes(
        "an elsewhere near 2^64", wide { $0.replaceSubrange(64..<72, with: [UInt8](repeating: 255, count: 8)) },
        "expected the record of a large archive right before byte \(end + 56), found that it is at byte "
          + "18446744073709551615"),
      RefusedBytes(
        "no wide record", wide { $0[3] = 7 },
        "expected the record of a large archive at byte \(end), found something else"),
      RefusedBytes(
        "2^64 - 1 members", wide { $0.replaceSubrange(24..<40, with: [UInt8](repeating: 255, count: 16)) },
        "expected a directory of 18446744073709551615 members, which 51 bytes cannot hold"),
    ]
  }()

  static let directories: [RefusedBytes] = {
    var noEntry = whole
    noEntry[start + 2] = 9
    var longName = whole
    longName[start + 28] = 200
    return [
      RefusedBytes("no entry", noEntry, "expected an entry at byte 0 of the archive's directory, found none"),
      RefusedBytes("a long name", longName, "the entry at byte 0 of the archive's directory reaches beyond its end"),
      RefusedBytes(
        "same name", ZipFixture.archive([member, member]), "the name \"a.npy\" appears twice in the archive"),
      RefusedBytes(
        "same name in other code points",
        ZipFixture.archive([ZipFixture("\u{E9}.npy", array), ZipFixture("e\u{301}.npy", array)]),
        "the name \"e\u{301}.npy\" appears twice in the archive"),
      RefusedBytes(
        "a script", ZipFixture.archive([member, ZipFixture("run.sh", [1])]),
        "expected arrays, whose names end in .npy, found \"run.sh\""),
      RefusedBytes(
        "a folder", ZipFixture.archive([ZipFixture("a.npy/", [])]),
        "expected arrays, whose names end in .npy, found \"a.npy/\""),
    ]
  }()

  static let entries: [RefusedBytes] = {
    let within = "expected a name that stays within the archive"
    let marks = "e" + String(repeating: "\u{301}", count: 31) + ".npy"
    let wide: [UInt8] = [1, 0, 8, 0] + [UInt8](repeating: 255, count: 8)
    return [
      RefusedBytes("a path upwards", [ZipFixture("../../etc/a.npy", array)], within),
      RefusedBytes("a path from the root", [ZipFixture("/etc/a.npy", array)], within),
      RefusedBytes("a path of Windows", [ZipFixture(#"..\a.npy"#, array)], member: #"..\\a.npy"#, within),
      RefusedBytes(
        "a name of accents", [ZipFixture(marks, array)], "expected a name with at most 30 marks on a character"),
      RefusedBytes("encrypted", [ZipFixture("a.npy", array) { $0.flags = 1 }], "it is encrypted or a patch"),
      RefusedBytes(
        "another method", [ZipFixture("a.npy", array) { $0.method = 14 }],
        "expected a member that is stored or deflated, found compression method 14"),
      RefusedBytes(
        "no wide size", [ZipFixture("a.npy", array) { $0.byteCount = .max }],
        "expected its sizes in eight bytes, as four cannot hold them, found none"),
      RefusedBytes(
        "a wide size of 2^64 - 1", [ZipFixture("a.npy", array) { ($0.byteCount, $0.extra) = (.max, wide) }],
        "18446744073709551615 bytes cannot be counted"),
      RefusedBytes(
        "a wide offset of 2^64 - 1", [ZipFixture("a.npy", array) { ($0.offset, $0.extra) = (.max, wide) }],
        "expected it before byte \(start), where the archive's directory begins, found byte 18446744073709551615"),
      RefusedBytes(
        "a wide packed size of 2^64 - 1", [ZipFixture("a.npy", array) { ($0.packedCount, $0.extra) = (.max, wide) }],
        "expected 18446744073709551615 bytes from byte 35 on, found the archive's directory at \(start)"),
      RefusedBytes(
        "beyond the directory", [ZipFixture("a.npy", array) { $0.offset = UInt32(start) - 20 }],
        "expected it before byte \(start), where the archive's directory begins, found byte \(start - 20)"),
      RefusedBytes(
        "no member", [ZipFixture("a.npy", array) { $0.offset = 1 }],
        "expected a member at byte 1 of the archive, found none"),
      RefusedBytes(
        "another name", [ZipFixture("a.npy", array) { $0.localName = Array("b.npy".utf8) }],
        "expected the name and the method of the archive's directory at byte 0, found others"),
      RefusedBytes(
        "more bytes than there are", [ZipFixture("a.npy", array) { $0.packedCount += 1 }],
        "expected \(array.count + 1) bytes from byte 35 on, found the archive's directory at \(start)"),
      RefusedBytes(
        "a place for two",
        [
          member,
          ZipFixture("a.npy", array) {
            $0.offset = 0; $0.name = "b.npy"; $0.localName = []
          },
        ],
        member: "b.npy", "expected the name and the method of the archive's directory at byte 0, found others"),
    ]
  }()

  static let contents: [RefusedBytes] = {
    func nested() -> [ZipFixture] {
      // The bytes of the first member end with all of the second.
      let inner = ZipFixture.archive([member]).prefix(start)
      let outer = ZipFixture("o.npy", Array(inner))
      return [outer, ZipFixture("a.npy", array) { $0.offset = 35 }]
    }
    let bomb: [UInt8] = [1, 0, 8, 0] + PackedBytes.little(UInt64(1) << 40)
    let large = [UInt8](repeating: 0, count: 60_000)
    let many = (0..<20).map { index in
      ZipFixture("\(index).npy", large, isDeflated: true) { $0.byteCount = 40_000_000 }
    }
    let total = ZipFixture.archive(many).count
    return [
      RefusedBytes(
        "a member in another", nested(), member: "a.npy", "it shares bytes of the archive with another member"),
      RefusedBytes(
        "stored in fewer bytes", [ZipFixture("a.npy", array) { $0.byteCount += 1 }],
        "expected \(array.count + 1) bytes, as it is not packed, found \(array.count)"),
      RefusedBytes(
        "a terabyte", [ZipFixture("a.npy", array, isDeflated: true) { ($0.byteCount, $0.extra) = (.max, bomb) }],
        "\(array.count + 5) packed bytes cannot be 1099511627776 when unpacked"),
      RefusedBytes(
        "many that are too much together", ZipFixture.archive(many),
        "\(total) packed bytes would become 800000000, more than 200 times as many; unpack it with another tool if you "
          + "trust it"),
      RefusedBytes(
        "wrong checksum", [ZipFixture("a.npy", array) { $0.checksum ^= 1 }], member: "a",
        "the bytes do not have the checksum that is stored with them, so they are damaged"),
      RefusedBytes(
        "more than it says", [ZipFixture("a.npy", array + [5], isDeflated: true) { $0.byteCount -= 1 }], member: "a",
        "expected the end after \(array.count) bytes, found more"),
      RefusedBytes(
        "less than it says", [ZipFixture("a.npy", Array(array.dropLast()), isDeflated: true) { $0.byteCount += 1 }],
        member: "a", "expected 4 bytes of numbers, found 3"),
      RefusedBytes(
        "no deflate", [ZipFixture("a.npy", array, isDeflated: true) { $0.packed[0] = 7 }], member: "a",
        "the packed bytes are damaged (invalid block type)"),
      RefusedBytes(
        "deflate that never ends", [ZipFixture("a.npy", array, isDeflated: true) { $0.packed[0] = 0 }], member: "a",
        "the packed bytes end too early"),
      RefusedBytes(
        "deflate and a tail",
        [
          ZipFixture("a.npy", array, isDeflated: true) {
            $0.packed += [0]; $0.packedCount += 1
          }
        ],
        member: "a", "expected the end after the packed bytes, found 1 byte more"),
      RefusedBytes(
        "a pickle", [ZipFixture("a.npy", [0x80, 4, 0x95] + [UInt8](repeating: 0, count: 20))], member: "a",
        "expected a NumPy array, found a Python pickle, which is never read"),
      RefusedBytes(
        "elements missing", [ZipFixture("a.npy", NPYTests.npy("<f8", "(9,)", [1]))], member: "a",
        "expected 72 bytes for float64 of shape [9], found 1"),
    ]
  }()

  @Test(arguments: ends + directories + entries + contents)
  func isRefused(_ row: RefusedBytes) {
    let error = #expect(throws: ModelFileError.self) { try NumPyArchive(bytes: row.bytes, name: "f") }
    #expect(error?.description == row.message)
  }

  @Test func namesThatAreNotUTF8AreRefused() {
    var bytes = ZipFixture.archive([ZipFixture("a.npy", Self.array)])
    bytes[Self.start + 46] = 0xFF
    let error = #expect(throws: ModelFileError.self) { try NumPyArchive(bytes: bytes, name: "f") }
    #expect(error?.description == "f: expected names in UTF-8 in the archive, found \"\u{FFFD}.npy\".")
  }
}

extension RefusedBytes {
  /// An archive in which something is wrong with a member, the first unless another is named.
  fileprivate init(_ name: String, _ members: [ZipFixture], member: String? = nil, _ problem: String) {
    self.init(name, ZipFixture.archive(members), member: member ?? members[0].name, problem)
  }
}
