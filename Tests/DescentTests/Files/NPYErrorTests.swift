import Descent
import Testing

/// What is refused of NumPy's arrays, and in which words.
struct NPYErrorTests {
  static let frames: [RefusedBytes] = {
    let array = "expected a NumPy array, found "
    let version = "expected version 1.0, 2.0 or 3.0 of NumPy's format, found "
    let start: [UInt8] = [0x93] + "NUMPY".utf8
    return [
      RefusedBytes("empty", [], array + "nothing"),
      RefusedBytes("text", Array("a,b\n".utf8), array + "a file that begins with 0x61 0x2C 0x62 0x0A"),
      RefusedBytes("zip", Array("PK\u{3}\u{4}....".utf8), array + "a zip archive, such as .npz files are"),
      RefusedBytes("pickle", [0x80, 4, 0x95, 0, 0, 0, 0, 0], array + "a Python pickle, which is never read"),
      RefusedBytes("no version", start, version + "none"),
      RefusedBytes("half a version", start + [1], version + "1"),
      RefusedBytes("version 4", start + [4, 0, 0, 0], version + "4.0"),
      RefusedBytes("version 1.1", start + [1, 1, 0, 0], version + "1.1"),
      RefusedBytes(
        "no length", start + [2, 0, 1, 0, 0], "expected a header of at most 10000 bytes, found the end of the file"),
      RefusedBytes(
        "length of 2^32 - 1", start + [2, 0, 255, 255, 255, 255],
        "expected a header of at most 10000 bytes, found the length 4294967295"),
      RefusedBytes(
        "length beyond the file", start + [1, 0, 100, 0, 0x7B],
        "expected a header of 100 bytes, found 1 to the end of the file"),
    ]
  }()

  static let headers: [RefusedBytes] = [
    RefusedBytes("no header", "", expected: "a dictionary", at: 0, found: "its end"),
    RefusedBytes("a list", "[]", expected: "a dictionary", at: 0, found: "'['"),
    RefusedBytes("never closed", "{", expected: "a name in quotes", at: 1, found: "its end"),
    RefusedBytes("no colon", "{'descr' '<f4'}", expected: "a colon", at: 9, found: "'''"),
    RefusedBytes("quote never closed", "{'descr", expected: "a closing quote", at: 7, found: "its end"),
    RefusedBytes("escape", #"{'d\x65scr'"#, expected: "no escape sequences in quotes", at: 3, found: #"'\'"#),
    RefusedBytes("no comma", "{'descr': '<f4' 'shape'", expected: "a comma or the closing brace", at: 16, found: "'''"),
    RefusedBytes("text behind", "{} x", expected: "the end of the header", at: 3, found: "'x'"),
    RefusedBytes("a number as type", "{'descr': 4}", expected: "a type in quotes", at: 10, found: "'4'"),
    RefusedBytes("a call", "{'descr': __import__('os')}", expected: "a type in quotes", at: 10, found: "'_'"),
    RefusedBytes("neither True nor False", "{'fortran_order': 0}", expected: "True or False", at: 18, found: "'0'"),
    RefusedBytes("a list of extents", "{'shape': [1]}", expected: "a tuple of extents", at: 10, found: "'['"),
    RefusedBytes("no tuple", "{'shape': (3)}", expected: "a comma", at: 12, found: "')'"),
    RefusedBytes(
      "extents without comma", "{'shape': (3, 4 5)}", expected: "a comma or the closing parenthesis", at: 16,
      found: "'5'"),
    RefusedBytes("negative extent", "{'shape': (-3,)}", expected: "a whole number", at: 11, found: "'-'"),
    RefusedBytes("2^64", "{'shape': (18446744073709551616,)}", expected: "a number below 2^64", at: 11, found: "'1'"),
    RefusedBytes(
      "65 axes", "{'shape': (" + String(repeating: "1,", count: 65) + ")}", expected: "at most 64 extents", at: 139,
      found: "'1'"),
    RefusedBytes(
      "deep nesting", "{'shape': " + String(repeating: "(", count: 9000), expected: "a whole number", at: 11,
      found: "'('"),
    RefusedBytes(
      "unknown name", NPYTests.npy("{'x': 1}"), "expected only 'descr', 'fortran_order' and 'shape', found \"x\""),
    RefusedBytes(
      "same name", NPYTests.npy("{'descr': '<f4', 'descr': '<f8'}"), "\"descr\" appears twice in the header"),
    RefusedBytes("nothing", NPYTests.npy("{}"), "expected 'descr' in the header, which is not there"),
    RefusedBytes(
      "no order", NPYTests.npy("{'descr': '<f4'}"), "expected 'fortran_order' in the header, which is not there"),
    RefusedBytes(
      "no shape", NPYTests.npy("{'descr': '<f4', 'fortran_order': True}"),
      "expected 'shape' in the header, which is not there"),
  ]

  static let types: [RefusedBytes] =
    ["<c8", "<c16", "<f16", "<U5", "|S3", "<M8[ns]", "|V4", "<f", "<f0", "<i3", "<b4", "", "<", ">f-4", "<f4x"]
    .map { RefusedBytes(type: $0) }
    + ["|O", "O", "|O8", "<O"].map {
      RefusedBytes(
        $0, NPYTests.npy($0, "(1,)", [0x80, 4, 0x4E, 0x2E]),
        "it holds pickled Python objects, which are never read because that could run any code; save it as numbers")
    } + [
      RefusedBytes(
        "records", NPYTests.npy("{'descr': [('a', '<f4'), ('b', '|O')], 'fortran_order': False, 'shape': (1,), }"),
        "expected numbers of one type, found records of several fields; save each field by itself")
    ]

  static let sizes: [RefusedBytes] = [
    RefusedBytes(
      "elements missing", NPYTests.npy("<f4", "(2, 3)", [1, 2, 3]),
      "expected 24 bytes for float32 of shape [2, 3], found 3"),
    RefusedBytes(
      "elements missing in Fortran's order", NPYTests.npy(">i2", "(2, 3)", [1], isFortranOrder: "True"),
      "expected 12 bytes for int16 of shape [2, 3], found 1"),
    RefusedBytes("a tail", NPYTests.npy("|u1", "(1,)", [1, 2]), "expected 1 byte for uint8 of shape [1], found 2"),
    RefusedBytes(
      "overflow", NPYTests.npy("<f8", "(4294967296, 4294967296)"),
      "the shape [4294967296, 4294967296] has more elements than can be counted"),
    RefusedBytes(
      "one extent overflows", NPYTests.npy("|u1", "(18446744073709551615,)"),
      "the shape [18446744073709551615] has more elements than can be counted"),
    RefusedBytes(
      "overflow beside a 0", NPYTests.npy("|u1", "(0, 9223372036854775807, 9223372036854775807)"),
      "the shape [0, 9223372036854775807, 9223372036854775807] has more elements than can be counted"),
    RefusedBytes(
      "a terabyte", NPYTests.npy("|u1", "(1099511627776,)", [1]),
      "expected 1099511627776 bytes for uint8 of shape [1099511627776], found 1"),
    RefusedBytes(
      "a truth value of 2", NPYTests.npy("|b1", "(2,)", [1, 2]), "expected truth values of 0 or 1, found 2 at element 1"
    ),
    RefusedBytes(
      "2^63", NPYTests.npy("<u8", "(2,)", PackedBytes.little(UInt64(7)) + PackedBytes.little(UInt64(1) << 63)),
      "expected integers below 2^63, found 9223372036854775808 at element 1"),
  ]

  @Test(arguments: frames + headers + types + sizes)
  func isRefused(_ row: RefusedBytes) {
    let error = #expect(throws: ModelFileError.self) { try Tensor(npyBytes: row.bytes, name: "f") }
    #expect(error?.description == row.message)
  }
}

extension RefusedBytes {
  /// What is found at a byte of the header that does not belong there.
  fileprivate init(_ name: String, _ header: String, expected: String, at offset: Int, found: String) {
    self.init(name, NPYTests.npy(header), "expected \(expected) at byte \(offset) of the header, found \(found)")
  }

  /// A type that no tensor has.
  fileprivate init(type descr: String) {
    self.init(
      descr, NPYTests.npy(descr, "(1,)", [0]),
      "expected one of the types b1, i1, i2, i4, i8, u1, u2, u4, u8, f2, f4 and f8, found \"\(descr)\"")
  }
}
