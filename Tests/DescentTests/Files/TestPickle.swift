import Descent
import Testing

/// Pickles and archives of the tests' own making.
enum TestPickle {
  static let whatIsRead = "only tensors, numbers, texts and containers are read, such as a model's state_dict()"

  static func text(_ text: String) -> [UInt8] {
    [UInt8(ascii: "X")] + PackedBytes.little(UInt32(text.utf8.count)) + text.utf8
  }

  static func integer(_ value: Int) -> [UInt8] { [0x8A, 8] + PackedBytes.little(Int64(value)) }

  static func name(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }

  static func tuple(_ items: [[UInt8]]) -> [UInt8] { Array("(".utf8) + items.flatMap(\.self) + Array("t".utf8) }

  /// Each item is a key with its value.
  static func dictionary(_ items: [[UInt8]]) -> [UInt8] { Array("}(".utf8) + items.flatMap(\.self) + Array("u".utf8) }

  static func storage(_ type: [UInt8], key: String, count: Int) -> [UInt8] {
    tuple([text("storage"), type, text(key), text("cpu"), integer(count)]) + Array("Q".utf8)
  }

  static func tensor(
    _ type: String, key: Int = 0, count: Int, offset: Int = 0, shape: [Int], strides: [Int]? = nil
  ) -> [UInt8] {
    var rowMajor = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() { rowMajor[axis] = rowMajor[axis + 1] * shape[axis + 1] }
    let arguments = [
      storage(name("torch", type), key: "\(key)", count: count), integer(offset), tuple(shape.map(integer)),
      tuple((strides ?? rowMajor).map(integer)), [0x89], Array("}".utf8),
    ]
    return name("torch._utils", "_rebuild_tensor_v2") + tuple(arguments) + Array("R".utf8)
  }

  /// The archive of a pickle that lacks the version before it and the end behind it, or has them.
  static func archive(_ pickle: [UInt8], _ data: [[UInt8]], isDeflated: Bool = false) -> [UInt8] {
    let whole = pickle.first == 0x80 ? pickle : [0x80, 2] + pickle + Array(".".utf8)
    let members = [ZipFixture("a/data.pkl", whole, isDeflated: isDeflated)]
    return ZipFixture.archive(members + data.enumerated().map { ZipFixture("a/data/\($0)", $1) })
  }

  /// The pickle and the elements in a file that PyTorch wrote: all its members are stored.
  static func parts(_ path: String) throws -> (pickle: [UInt8], data: [[UInt8]]) {
    let bytes = try TestFiles.bytes(path)
    var contents: [String: [UInt8]] = [:]
    var place = 0
    while place + 4 < bytes.count, Array(bytes[place..<place + 4]) == Array("PK\u{3}\u{4}".utf8) {
      func number(_ offset: Int, _ count: Int) -> Int {
        bytes[place + offset..<place + offset + count].reversed().reduce(0) { $0 << 8 | Int($1) }
      }
      let nameEnd = place + 30 + number(26, 2)
      let name = String(decoding: bytes[place + 30..<nameEnd], as: UTF8.self)
      let start = nameEnd + number(28, 2)
      var end = start
      let hasDescriptor = number(6, 2) & 8 != 0
      // The sizes stand behind the content, after it and its signature and checksum; nothing has no such record.
      while hasDescriptor, Array(bytes[end..<end + 4]) != Array("PK\u{7}\u{8}".utf8) { end += 1 }
      contents[String(name.drop { $0 != "/" }.dropFirst())] = Array(bytes[start..<end])
      place = hasDescriptor ? end + 16 : end
    }
    let pickle = try #require(contents["data.pkl"])
    return (pickle, (0..<contents.count).compactMap { contents["data/\($0)"] })
  }
}
