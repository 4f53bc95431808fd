import Descent
import Testing

/// What is refused of PyTorch's files, and in which words.
struct PyTorchErrorTests {
  private static let four: [[UInt8]] = [[UInt8](repeating: 0, count: 16)]

  private static func key(_ value: [UInt8], _ name: String = "w") -> [UInt8] {
    TestPickle.dictionary([TestPickle.text(name) + value])
  }

  private static func pickle(_ name: String, _ pickle: [UInt8], _ problem: String) -> RefusedBytes {
    RefusedBytes(name, TestPickle.archive(pickle, four), problem)
  }

  private static func tensor(
    _ name: String, offset: Int = 0, _ shape: [Int], _ strides: [Int], _ problem: String
  ) -> RefusedBytes {
    let tensor = TestPickle.tensor("FloatStorage", count: 4, offset: offset, shape: shape, strides: strides)
    return RefusedBytes(name, TestPickle.archive(key(tensor), four), member: "w", problem)
  }

  static let archives: [RefusedBytes] = [
    RefusedBytes(
      "nothing", [], "expected a zip archive, which ends with a directory of its members, found no such directory"),
    RefusedBytes(
      "arrays", ZipFixture.archive([ZipFixture("a.npy", [1])]),
      "expected a file of PyTorch, which has a data.pkl in it, found none"),
    RefusedBytes(
      "a pickle", [0x80, 4] + [UInt8](repeating: 0, count: 20),
      "expected an archive that torch.save wrote, found a bare pickle of Python"),
    RefusedBytes(
      "a program", ZipFixture.archive([ZipFixture("a/data.pkl", [0x2E]), ZipFixture("a/constants.pkl", [0x2E])]),
      "it is a program of TorchScript, which is code; save the model's state_dict()"),
    RefusedBytes(
      "the other order",
      ZipFixture.archive([ZipFixture("a/data.pkl", [0x2E]), ZipFixture("a/byteorder", Array("big".utf8))]),
      "expected numbers whose least significant byte comes first, found others"),
  ]

  static let pickles: [RefusedBytes] = {
    let damaged = "it takes more values than it made"
    let whatIsRead = TestPickle.whatIsRead
    func deep(_ levels: Int) -> [UInt8] {
      [UInt8](repeating: UInt8(ascii: "]"), count: levels) + [UInt8](repeating: UInt8(ascii: "a"), count: levels - 1)
    }
    // Each level holds the one before twice: 2^40 values in 200 bytes.
    let doubling = Array("(N".utf8) + (0..<40).flatMap { _ in Array("2".utf8) + [0x86] } + Array("t".utf8)
    let itself = Array("]q\0h\0a".utf8)
    return [
      pickle("the end", [], "\(damaged), at byte 2 of its pickle"),
      pickle("no end", [0x80, 2, 0x4E], "the file ends too early, at byte 3 of its pickle"),
      pickle(
        "a newer version", [0x80, 6, 0x2E],
        "expected at most version 5 of the pickle format, found 6, at byte 0 of its pickle"),
      pickle(
        "an old instruction", Array("I1\n".utf8),
        "expected an instruction that torch.save writes, found 0x49, at byte 2 of its pickle"),
      pickle("bytes", Array("C\u{1}a".utf8), "it holds bytes; \(whatIsRead), at byte 2 of its pickle"),
      pickle("a set", [0x8F], "it holds a set; \(whatIsRead), at byte 2 of its pickle"),
      pickle("a long text", [0x58, 255, 255, 255, 255], "the file ends too early, at byte 7 of its pickle"),
      pickle("no text", [0x58, 1, 0, 0, 0, 0xFF], "expected a text in UTF-8, at byte 7 of its pickle"),
      pickle(
        "a large number", [0x8A, 9] + [UInt8](repeating: 1, count: 9),
        "expected an integer below 2^63, found a longer one, at byte 4 of its pickle"),
      pickle("no mark", Array("t".utf8), "it goes back to a mark that it did not set, at byte 2 of its pickle"),
      pickle("below a mark", Array("N(0a".utf8), "\(damaged), at byte 5 of its pickle"),
      pickle(
        "no such value", Array("h\u{7}".utf8), "it recalls value 7, which it did not keep, at byte 2 of its pickle"),
      pickle("no list", Array("NNa".utf8), "expected a list to add to, at byte 4 of its pickle"),
      pickle(
        "half an entry", Array("}(Nu".utf8),
        "expected keys with values, found a key without one, at byte 5 of its pickle"),
      pickle(
        "a command", TestPickle.name("os", "system") + TestPickle.tuple([TestPickle.text("true")]) + Array("R".utf8),
        "the file asks for \"os.system\", which is code; \(whatIsRead), at byte 2 of its pickle"),
      pickle(
        "a command by a newer instruction", TestPickle.text("builtins") + TestPickle.text("ev\nal") + [0x93],
        "the file asks for \"builtins.ev\\nal\", which is code; \(whatIsRead), at byte 25 of its pickle"),
      pickle(
        "a name of elements", TestPickle.name("torch", "complex64"),
        "the file asks for \"torch.complex64\", which is code; \(whatIsRead), at byte 2 of its pickle"),
      pickle(
        "a call of a number", Array("K\u{1})R".utf8),
        "it calls something that is no function; \(whatIsRead), at byte 5 of its pickle"),
      pickle(
        "a dictionary of arguments",
        TestPickle.name("collections", "OrderedDict") + TestPickle.tuple([[0x4E]]) + [0x52],
        "expected other arguments for what PyTorch makes its containers and tensors with, at byte 30 of its pickle"),
      pickle(
        "attributes of a number", Array("NNb".utf8),
        "it gives attributes to something other than a dictionary; \(whatIsRead), at byte 4 of its pickle"),
      pickle(
        "a class", TestPickle.name("torch", "Size"), "it holds a class by itself; save tensors, numbers and texts"),
      pickle(
        "a storage", TestPickle.storage(TestPickle.name("torch", "FloatStorage"), key: "0", count: 4),
        "it holds the storage of tensors by itself; save the tensors"),
      pickle(
        "a storage elsewhere", TestPickle.storage(TestPickle.name("torch", "FloatStorage"), key: "../0", count: 4),
        "expected a number as the name of a storage, found \"../0\", at byte 63 of its pickle"),
      pickle(
        "two kinds of one storage",
        TestPickle.tuple(["FloatStorage", "IntStorage"].map { TestPickle.tensor($0, count: 4, shape: [4]) }),
        "it describes storage 0 in two ways, at byte 224 of its pickle"),
      pickle(
        "a key of a list", Array("}]Ns".utf8),
        "expected dictionaries whose keys are texts or whole numbers, found another key"),
      pickle(
        "a name of accents", key([0x4E], "e" + String(repeating: "\u{301}", count: 31)),
        "expected a name with at most 30 marks on a character"),
      pickle(
        "two of a name",
        TestPickle.dictionary(
          [TestPickle.text("a.b"), TestPickle.text("a")].enumerated().map { index, name in
            let tensor = TestPickle.tensor("FloatStorage", count: 4, shape: [4])
            return name + (index == 0 ? tensor : key(tensor, "b"))
          }), "the name \"a.b\" stands for two tensors"),
      pickle("many levels", deep(102), "its containers are more than 100 levels deep"),
      pickle("no end of levels", deep(200_000), "its containers are more than 100 levels deep"),
      pickle("a list in itself", itself, "it repeats its parts more often than a file of its size can"),
      pickle("two to the fortieth", doubling, "it repeats its parts more often than a file of its size can"),
    ]
  }()

  static let tensors: [RefusedBytes] = [
    tensor(
      "beyond the end", [5], [1],
      "the shape [5] with the strides [1] from element 0 on reaches beyond the 4 elements of its storage"),
    tensor(
      "one beyond the end", offset: 1, [2, 2], [2, 1],
      "the shape [2, 2] with the strides [2, 1] from element 1 on reaches beyond the 4 elements of its storage"),
    tensor("after the end", offset: 4, [], [], "expected it to begin in its storage of 4 elements, found element 4"),
    tensor(
      "before the start", offset: -1, [1], [1],
      "expected an offset, a shape and strides of at least 0, found -1, [1] and [1]"),
    tensor(
      "backwards", offset: 3, [4], [-1],
      "expected an offset, a shape and strides of at least 0, found 3, [4] and [-1]"),
    tensor(
      "strides that overflow", [3, 3], [1 << 62, 1 << 62],
      "the shape [3, 3] with the strides [4611686018427387904, 4611686018427387904] from element 0 on reaches beyond the "
        + "4 elements of its storage"),
    tensor(
      "a shape that overflows", [1 << 40, 1 << 40], [0, 0],
      "the shape [1099511627776, 1099511627776] has more elements than can be counted"),
    tensor(
      "fewer strides", [2, 2], [1],
      "expected as many strides as extents, found the strides [1] for the shape [2, 2]"),
    tensor(
      "one element a billion times", [1 << 30], [0],
      "with it the tensors take more than 200 times the bytes of the file"),
    RefusedBytes(
      "no elements", TestPickle.archive(key(TestPickle.tensor("FloatStorage", key: 3, count: 4, shape: [4])), four),
      member: "w", "expected its elements in data/3, which is not there"),
    RefusedBytes(
      "fewer elements", TestPickle.archive(key(TestPickle.tensor("DoubleStorage", count: 4, shape: [4])), four),
      member: "w", "expected 4 elements of 8 bytes in data/0, found 16 bytes"),
    RefusedBytes(
      "a truth value of 2", TestPickle.archive(key(TestPickle.tensor("BoolStorage", count: 2, shape: [2])), [[1, 2]]),
      member: "w", "expected truth values of 0 or 1, found 2 at element 1"),
  ]

  @Test(arguments: archives + pickles + tensors)
  func isRefused(_ row: RefusedBytes) {
    let error = #expect(throws: ModelFileError.self) { try PyTorchFile(bytes: row.bytes, name: "f") }
    #expect(error?.description == row.message)
  }

  /// Many small parts that come to much together are refused before memory is taken.
  @Test func memoryIsBounded() {
    let tensor = TestPickle.tensor("FloatStorage", count: 4, shape: [1 << 22], strides: [0])
    let many = TestPickle.archive(TestPickle.tuple(Array(repeating: tensor, count: 100)), Self.four)
    let error = #expect(throws: ModelFileError.self) { try PyTorchFile(bytes: many, name: "f") }
    #expect(error?.problem == "with it the tensors take more than 200 times the bytes of the file")
    for instruction in ["N", "]", "(", "Nq\0", "N2"] {
      let pickle = Array(repeating: Array(instruction.utf8), count: 5_000_000).flatMap(\.self)
      let error = #expect(throws: ModelFileError.self) {
        try PyTorchFile(bytes: TestPickle.archive(pickle, []), name: "f")
      }
      #expect(error?.problem.hasPrefix("it makes more than 4194304 values, at byte ") == true)
    }
  }

  /// What is allowed beyond what PyTorch writes: shared parts, and views that repeat elements.
  @Test func repeatedPartsAreRead() throws {
    let tensor = TestPickle.tensor("FloatStorage", count: 4, shape: [2, 3], strides: [0, 1])
    let pickle = tensor + Array("q\u{9}(h\u{9}h\u{9}t".utf8)
    let bytes = TestPickle.archive(pickle, [bits(Tensor([Float(1), 2, 3, 4]))], isDeflated: true)
    let tensors = try PyTorchFile(bytes: bytes, name: "f").tensors
    #expect(tensors.paths == ["0", "1"])
    #expect(tensors.tensors.allSatisfy { $0.array() == [1, 2, 3, 1, 2, 3] && $0.shape == [2, 3] })
  }
}
