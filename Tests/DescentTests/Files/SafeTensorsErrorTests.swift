import Descent
import Testing

/// What is refused, and in which words.
struct SafeTensorsErrorTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let message: String

    init(_ name: String, _ bytes: [UInt8], _ message: String) {
      testDescription = name
      self.bytes = bytes
      self.message = message
    }

    /// What is found at a byte of the header that does not belong there.
    init(_ name: String, _ header: String, expected: String, at offset: Int, found: String) {
      self.init(name, safeTensors(header), "f: expected \(expected) at byte \(offset) of the header, found \(found).")
    }

    /// What is wrong with tensor "a" in a file of two bytes.
    init(_ name: String, _ header: String, tensor problem: String) {
      self.init(name, safeTensors(header, [1, 2]), "f, tensor \"a\": \(problem).")
    }
  }

  static let frames: [Row] = {
    let start = "f: expected a safetensors file, which begins with 8 bytes for the length of its header, found "
    let tooLong =
      "f: expected a safetensors file, which begins with the length of its header, at most 100000000, found "
    return [
      Row("empty", [], start + "0 bytes."),
      Row("seven bytes", [1, 0, 0, 0, 0, 0, 0], start + "7 bytes."),
      Row("length alone", length(2), "f: expected a header of 2 bytes, found 0 to the end of the file."),
      Row("length 0", length(0), "f: expected a JSON object at byte 0 of the header, found its end."),
      Row(
        "longer than the file", length(100) + [0x7B, 0x7D],
        "f: expected a header of 100 bytes, found 2 to the end of the file."),
      Row("longer than allowed", length(100_000_001), tooLong + "100000001."),
      Row(
        "an archive", Array("PK\u{3}\u{4}".utf8) + [20, 0, 0, 0, 1, 2],
        "f: expected a safetensors file, found a zip archive, such as those of PyTorch and NumPy are."),
      Row("length near 2^64", length(.max) + [0x7B, 0x7D], tooLong + "18446744073709551615."),
      Row("length of 2^63", length(1 << 63) + [0x7B, 0x7D], tooLong + "9223372036854775808."),
      Row(
        "tail", safeTensors("{}", [0]),
        "f: expected 0 bytes of data as the header says, found 1 to the end of the file."),
      Row(
        "tail behind a tensor", safeTensors("{\(entry("a"))}", [1, 2, 3]),
        "f: expected 2 bytes of data as the header says, found 3 to the end of the file."),
      Row(
        "two bytes missing", safeTensors("{\(entry("a", "U8", [4], [0, 4]))}", [1, 2]),
        "f: expected 4 bytes of data as the header says, found 2 to the end of the file."),
    ]
  }()

  static let texts: [Row] = [
    Row(
      "not UTF-8", safeTensors([0x7B, 0x22, 0xFF, 0x22, 0x7D]),
      "f: expected a header in UTF-8, found the byte 0xFF at byte 2 of the header."),
    Row(
      "half a character", safeTensors(Array(#"{"é"#.utf8.dropLast())),
      "f: expected a header in UTF-8, found the byte 0xC3 at byte 2 of the header."),
    Row("NUL", "\0", expected: "a JSON object", at: 0, found: "the byte 0x00"),
    Row("not JSON", "hello", expected: "a JSON object", at: 0, found: "'h'"),
    Row("a list", "[]", expected: "a JSON object", at: 0, found: "'['"),
    Row("byte order mark", "\u{FEFF}{}", expected: "a JSON object", at: 0, found: "the byte 0xEF"),
    Row("two objects", "{}{}", expected: "the end of the header", at: 2, found: "'{'"),
    Row("never closed", "{", expected: "a name in quotes", at: 1, found: "its end"),
    Row("no colon", #"{"a" 1}"#, expected: "a colon", at: 5, found: "'1'"),
    Row("comma at the end", "{\(entry("a")),}", expected: "a name in quotes", at: 54, found: "'}'"),
    Row(
      "no comma", #"{"a":{"dtype":"U8" "shape":[]}}"#, expected: "a comma or the closing brace", at: 19,
      found: "'\"'"),
    Row("quote never closed", #"{"abc"#, expected: "a closing quote", at: 5, found: "its end"),
    Row(
      "control character", "{\"a\nb\":1}", expected: "no control characters in quotes", at: 3, found: "the byte 0x0A"),
    Row("unknown escape", #"{"\x":1}"#, expected: "an escape sequence of JSON", at: 2, found: #"'\'"#),
    Row("short escape", #"{"\u12"#, expected: "four hexadecimal digits", at: 6, found: "its end"),
    Row("escape at the end", #"{"\"#, expected: "a character after the backslash", at: 3, found: "its end"),
    Row("lone surrogate", #"{"\ud800":1}"#, expected: "surrogates in pairs", at: 2, found: #"'\'"#),
    Row("surrogates reversed", #"{"\udc00\ud800":1}"#, expected: "surrogates in pairs", at: 2, found: #"'\'"#),
    Row("wrong surrogate", #"{"\ud800\u0041":1}"#, expected: "surrogates in pairs", at: 2, found: #"'\'"#),
    Row(
      "deep nesting", #"{"a":"# + String(repeating: "[", count: 100_000),
      expected: "an object that describes tensor \"a\"", at: 5, found: "'['"),
    Row(
      "deep objects", String(repeating: #"{"a":"#, count: 100_000),
      tensor: "expected only \"dtype\", \"shape\" and \"data_offsets\", found \"a\""),
  ]

  static let entries: [Row] = [
    Row("a number", #"{"a":1}"#, expected: "an object that describes tensor \"a\"", at: 5, found: "'1'"),
    Row("nothing", #"{"a":{}}"#, tensor: "expected \"dtype\", which is not there"),
    Row("no shape", #"{"a":{"dtype":"U8","data_offsets":[0,0]}}"#, tensor: "expected \"shape\", which is not there"),
    Row("no offsets", #"{"a":{"dtype":"U8","shape":[]}}"#, tensor: "expected \"data_offsets\", which is not there"),
    Row(
      "junk", #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"x":{"y":[{}]}}}"#,
      tensor: "expected only \"dtype\", \"shape\" and \"data_offsets\", found \"x\""),
    Row("same key", #"{"a":{"dtype":"U8","dtype":"U8"}}"#, tensor: "\"dtype\" appears twice"),
    Row("null shape", #"{"a":{"shape":null}}"#, expected: "a list of extents", at: 14, found: "'n'"),
    Row("unknown type", "{\(entry("a", "F31"))}", tensor: "expected a type such as F32, found \"F31\""),
    Row(
      "type no tensor has", "{\(entry("a", "F8_E4M3", [2]))}",
      tensor: "expected integers, truth values or real numbers of at least 16 bits, found F8_E4M3"),
    Row("negative extent", "{\(entry("a", "U8", [-2]))}", expected: "a whole number", at: 28, found: "'-'"),
    Row(
      "fraction", #"{"a":{"shape":[2.0]}}"#, expected: "a comma or the closing bracket", at: 16, found: "'.'"),
    Row(
      "leading zero", #"{"a":{"shape":[02]}}"#, expected: "a number without leading zeros", at: 15, found: "'0'"),
    Row(
      "2^64", #"{"a":{"shape":[18446744073709551616]}}"#, expected: "a number below 2^64", at: 15, found: "'1'"),
    Row(
      "one extent overflows", #"{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,0]}}"#,
      tensor: "the shape [9223372036854775808] has more elements than can be counted"),
    Row(
      "product overflows", "{\(entry("a", "F32", [1 << 32, 1 << 31, 8]))}",
      tensor: "the shape [4294967296, 2147483648, 8] has more elements than can be counted"),
    Row(
      "bits overflow", "{\(entry("a", "F64", [1 << 60]))}",
      tensor: "the shape [1152921504606846976] has more elements than can be counted"),
    Row(
      "zero hides an overflow", "{\(entry("a", "F32", [0, 1 << 40, 1 << 40], [0, 0]))}",
      tensor: "the shape [0, 1099511627776, 1099511627776] has more elements than can be counted"),
    Row("wrong size", "{\(entry("a", "F32", [1]))}", tensor: "expected 4 bytes for F32 of shape [1], found 2"),
    Row("half a byte", "{\(entry("a", "F4", [3]))}", tensor: "expected whole bytes, found 12 bits for F4 of shape [3]"),
    Row(
      "65 axes", "{\(entry("a", "U8", Array(repeating: 1, count: 65), [0, 1]))}",
      expected: "at most 64 numbers in a list", at: 219, found: "' '"),
    Row("one offset", "{\(entry("a", "U8", [2], [2]))}", tensor: "expected two offsets, found 1"),
    Row(
      "three offsets", "{\(entry("a", "U8", [2], [0, 2, 4]))}", expected: "at most 2 numbers in a list", at: 52,
      found: "' '"),
    Row(
      "reversed", "{\(entry("a", "U8", [2], [2, 0]))}",
      tensor: "expected offsets that begin before they end, found 2 and 0"),
    Row("truth value of 2", "{\(entry("a", "BOOL"))}", tensor: "expected truth values of 0 or 1, found 2 at element 1"),
    Row(
      "a name of many lines",
      safeTensors("{" + entry(#"x\n"# + String(repeating: "y", count: 200), "U9") + "}", [1, 2]),
      "f, tensor \"x\\n\(String(repeating: "y", count: 78))…\": expected a type such as F32, found \"U9\"."),
  ]

  static let relations: [Row] = {
    let place = "where the tensor before ends, found offset"
    let fourBytes: [UInt8] = [1, 2, 3, 4]
    return [
      Row(
        "same name", safeTensors("{\(entry("a")),\(entry("a"))}", [1, 2]),
        "f: the name \"a\" appears twice in the header."
      ),
      Row(
        "same name, spelt otherwise",
        safeTensors("{\(entry("a")),\(entry(#"\u0061"#, "U8", [2], [2, 4]))}", fourBytes),
        "f: the name \"a\" appears twice in the header."),
      Row(
        "same name in other code points",
        safeTensors("{\(entry("\u{E9}")),\(entry("e\u{301}", "U8", [2], [2, 4]))}", fourBytes),
        "f: the name \"e\u{301}\" appears twice in the header."),
      Row(
        "metadata twice", safeTensors(#"{"__metadata__":{},"__metadata__":{}}"#),
        "f: the name \"__metadata__\" appears twice in the header."),
      Row(
        "metadata name twice", safeTensors(#"{"__metadata__":{"k":"1","k":"2"}}"#),
        "f: the name \"k\" appears twice in the metadata."),
      Row(
        "metadata of numbers", #"{"__metadata__":{"k":1}}"#, expected: "a text in quotes as metadata", at: 21,
        found: "'1'"),
      Row(
        "metadata nested", #"{"__metadata__":{"k":{"l":"m"}}}"#, expected: "a text in quotes as metadata", at: 21,
        found: "'{'"),
      Row(
        "metadata a text", #"{"__metadata__":"k"}"#, expected: "an object of metadata", at: 16, found: "'\"'"),
      Row(
        "shared range", safeTensors("{\(entry("a")),\(entry("b"))}", [1, 2]),
        "f, tensor \"b\": expected its data at offset 2, \(place) 0, which leaves an overlap."),
      Row(
        "overlap", safeTensors("{\(entry("a")),\(entry("b", "U8", [2], [1, 3]))}", [1, 2, 3]),
        "f, tensor \"b\": expected its data at offset 2, \(place) 1, which leaves an overlap."),
      Row(
        "hole", safeTensors("{\(entry("b", "U8", [1], [3, 4])),\(entry("a"))}", fourBytes),
        "f, tensor \"b\": expected its data at offset 2, \(place) 3, which leaves a hole."),
      Row(
        "hole at the start", safeTensors("{\(entry("a", "U8", [2], [1, 3]))}", [1, 2, 3]),
        "f, tensor \"a\": expected its data at offset 0, \(place) 1, which leaves a hole."),
      Row(
        "offsets near 2^63", safeTensors("{\(entry("a", "U8", [2], [.max - 2, .max]))}", [1, 2]),
        "f, tensor \"a\": expected its data at offset 0, \(place) 9223372036854775805, which leaves a hole."),
    ]
  }()

  @Test(arguments: frames + texts + entries + relations)
  func isRefused(_ row: Row) {
    let error = #expect(throws: ModelFileError.self) { try SafeTensors(bytes: row.bytes, name: "f") }
    #expect(error?.description == row.message)
  }

  @Test func manyEntriesThatShareARangeAreRefused() {
    let header = "{" + (0..<100_000).map { entry("t\($0)") }.joined(separator: ",") + "}"
    let error = #expect(throws: ModelFileError.self) { try SafeTensors(bytes: safeTensors(header, [1, 2]), name: "f") }
    #expect(error?.tensor == "t1")
    #expect(error?.description.hasSuffix("found offset 0, which leaves an overlap.") == true)
  }

  /// Comparing such texts takes quadratic time, which for this one would be hours.
  @Test func aNameOfAMillionAccentsIsRefused() throws {
    let accents = "\u{301}\u{327}"
    let long = safeTensors("{\(entry("e" + String(repeating: accents, count: 500_000)))}", [1, 2])
    let error = #expect(throws: ModelFileError.self) { try SafeTensors(bytes: long, name: "f") }
    #expect(
      error?.description
        == "f: expected a name with at most 30 marks on a character at byte 1 of the header, found '\"'.")
    let name = "e" + String(repeating: accents, count: 15)
    let file = try SafeTensors(bytes: safeTensors("{\(entry(name))}", [1, 2]), name: "f")
    #expect(file.tensors.paths == [name])
  }

  @Test(arguments: [
    ("/nowhere/at/all", "/nowhere/at/all: no such file."),
    ("/", "/: expected a file, found a folder or a device."),
    ("/dev/null", "/dev/null: expected a file, found a folder or a device."),
    (#filePath + "/x", #filePath + "/x: no such file."),
  ])
  func whatIsNoFileIsRefused(path: String, message: String) {
    let error = #expect(throws: ModelFileError.self) { try SafeTensors(contentsOf: path) }
    #expect(error?.description == message)
  }

  @Test func namesThatCannotBeWrittenAreRefused() {
    let reserved = SafeTensors(tensors: ["__metadata__": [1]])
    let error = #expect(throws: ModelFileError.self) { try reserved.bytes(name: "f") }
    #expect(error?.description == "f, tensor \"__metadata__\": the format keeps this name for the metadata.")
    let twice = SafeTensors(tensors: ["a": [1], "a": [2]])
    let repeated = #expect(throws: ModelFileError.self) { try twice.bytes(name: "f") }
    #expect(repeated?.description == "f, tensor \"a\": the name appears twice.")
    let long = SafeTensors(tensors: [:], metadata: ["k": String(repeating: "x", count: 100_000_000)])
    let tooLong = #expect(throws: ModelFileError.self) { try long.bytes(name: "f") }
    #expect(
      tooLong?.description == "f: names and metadata take a header of 100000032 bytes, expected at most 100000000.")
  }
}
