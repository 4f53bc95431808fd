import Descent
import Foundation
import Testing

/// Files that PyTorch itself wrote.
struct PyTorchFileTests {
  private struct Expected: Decodable {
    let type: String
    let shape: [Int]
    let values: [Number]
  }

  /// A number, or the truth values that JSON has of their own.
  private struct Number: Decodable {
    let value: Double

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      value = try (try? container.decode(Bool.self)).map { $0 ? 1 : 0 } ?? container.decode(Double.self)
    }
  }

  static func fixture(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fixtures/\(name)").standardized.path
  }

  private static let types: [String: DType] = [
    "float64": .float64, "float32": .float32, "float16": .float32, "bfloat16": .float32, "int64": .int64,
    "int32": .int32, "int16": .int32, "int8": .int32, "uint8": .uint8, "uint16": .int32, "uint32": .int64,
    "bool": .bool,
  ]

  @Test func everyTensorIsReadAsItWasWritten() throws {
    let data = try Data(contentsOf: URL(filePath: Self.fixture("pytorch/expected.json")))
    let files = try JSONDecoder().decode([String: [String: Expected]].self, from: data)
    #expect(files.count == 6)
    for (name, expected) in files {
      let path = Self.fixture("pytorch/\(name)")
      let tensors = try PyTorchFile(contentsOf: path).tensors
      #expect(Set(tensors.paths) == Set(expected.keys), "\(name)")
      for (path, tensor) in tensors {
        let known = try #require(expected[path])
        #expect("torch.\(known.type)" != known.type && tensor.shape == known.shape, "\(name): \(path)")
        #expect(tensor.dtype == Self.types[String(known.type.dropFirst("torch.".count))], "\(name): \(path)")
        let values = tensor.array(of: Double.self).map(\.bitPattern)
        #expect(values == known.values.map(\.value.bitPattern), "\(name): \(path)")
      }
      #expect(try PyTorchFile(bytes: TestFiles.bytes(path), name: "f").tensors.paths == tensors.paths)
    }
  }

  @Test(arguments: ["checkpoint.pt", "checkpoint-protocol-5.pt"])
  func whatBelongsToTensorsIsRead(name: String) throws {
    let value = try PyTorchFile(contentsOf: Self.fixture("pytorch/\(name)")).value
    guard case .dictionary(let entries) = value else { throw PyTorchTestError() }
    #expect(
      entries.map(\.key) == [
        "epoch", "loss", "name", "flags", "size", "large", "negative", "model", "optimizer", "parameter",
      ])
    guard case .integer(3) = value["epoch"], case .number(-0.25) = value["loss"],
      case .text("größer") = value["name"], case .integer(1_099_511_627_776) = value["large"],
      case .integer(-70000) = value["negative"], case .list(let flags) = value["flags"], flags.count == 3,
      case .truth(true) = flags[0], case .truth(false) = flags[1], case .none = flags[2],
      case .list(let size) = value["size"], size.count == 2, case .integer(2) = size[0], case .integer(3) = size[1]
    else { throw PyTorchTestError() }
    #expect(value["absent"] == nil && value["epoch"]?["x"] == nil && value["epoch"]?.tensors.isEmpty == true)
    let model = try #require(value["model"]?.tensors)
    #expect(
      model.paths == [
        "conv.weight", "conv.bias", "norm.weight", "norm.bias", "norm.running_mean",
        "norm.running_var", "norm.num_batches_tracked", "head.weight", "head.bias",
      ])
    #expect(value["optimizer"]?["state"]?["0"]?["exp_avg"]?.tensors[""]?.shape == [2, 1, 3, 3])
  }

  @Test func twoFormatsOfOneModelAgree() throws {
    let original = try PyTorchFile(contentsOf: Self.fixture("gpt2/pytorch_model.bin")).tensors
    let current = try SafeTensors(contentsOf: Self.fixture("gpt2/model.safetensors")).tensors
    let masks = ["h.0.attn.bias", "h.1.attn.bias"]
    #expect(Set(original.paths) == Set(current.paths.map { String($0.dropFirst("transformer.".count)) } + masks))
    for (path, tensor) in original where !masks.contains(path) {
      let other = try #require(current["transformer." + path])
      #expect(tensor.shape == other.shape && bits(tensor) == bits(other))
    }
  }

  @Test func weightsAreLoadedIntoAModel() throws {
    let model = Sequential { Dense(2, 3) }
    let values = model.snapshot().map { (path: $0.path, value: $0.value + 1) }
    let items = values.enumerated().map { index, element in
      TestPickle.text(element.path)
        + TestPickle.tensor("FloatStorage", key: index, count: element.value.array().count, shape: element.value.shape)
    }
    let file = try PyTorchFile(
      bytes: TestPickle.archive(TestPickle.dictionary(items), values.map { bits($0.value) }), name: "f")
    try model.load(file.tensors)
    for (path, value) in values { #expect(model.snapshot()[path]?.array() == value.array()) }
  }

  @Test(.needs("interop/pytorch")) func filesOfOthersAreRead() throws {
    let folder = TestFiles.shared("interop/pytorch")
    let plain = try PyTorchFile(contentsOf: folder + "/test.pt").tensors
    #expect(plain.paths == ["test"] && plain["test"]?.shape == [2, 4] && plain["test"]?.dtype == .int64)
    #expect(plain["test"]?.array(of: Int.self) == Array(1...8))
    let keyed = try PyTorchFile(contentsOf: folder + "/test_with_key.pt")
    #expect(keyed.tensors.paths == ["model_state_dict.test"])
    #expect(keyed.value["model_state_dict"]?.tensors["test"]?.array(of: Int.self) == Array(1...8))
    let columns = try #require(PyTorchFile(contentsOf: folder + "/fortran_tensor_3d.pth").tensors["tensor_fortran"])
    #expect(columns.shape == [2, 3, 4] && columns.array(of: Int.self) == Array(1...24))
  }

  // MARK: - Refused

  @Test(arguments: [
    (
      "module.pt",
      "the file asks for \"torch.nn.modules.linear.Linear\", which is code; \(TestPickle.whatIsRead), "
        + "at byte 2 of its pickle"
    ),
    (
      "command.pt",
      "the file asks for \"posix.system\", which is code; \(TestPickle.whatIsRead), at byte 178 of its pickle"
    ),
    ("legacy.pt", "it is in the format of PyTorch before version 1.6; load it there and save it again with torch.save"),
  ])
  func whatCouldRunIsRefused(name: String, problem: String) {
    let path = Self.fixture("pytorch/\(name)")
    let error = #expect(throws: ModelFileError.self) { try PyTorchFile(contentsOf: path) }
    #expect(error?.description == "\(path): \(problem).")
  }

  // MARK: - Damage

  /// Cut off anywhere, or with a bit flipped, a file is refused in one sentence or says what it said: its checksums
  /// leave little else.
  @Test(arguments: ["views.pt", "bare.pt"])
  func damageIsSurvived(name: String) throws {
    let bytes = try TestFiles.bytes(Self.fixture("pytorch/\(name)"))
    let whole = try PyTorchFile(bytes: bytes, name: "f").tensors
    var accepted = 0
    withDamaged(bytes) { damaged, isTruncated in
      guard let tensors = survived({ () throws(ModelFileError) in try PyTorchFile(bytes: damaged, name: "f").tensors })
      else { return }
      accepted += 1
      #expect(!isTruncated && tensors.paths == whole.paths)
      #expect(zip(tensors.tensors, whole.tensors).allSatisfy { bits($0) == bits($1) })
    }
    #expect(accepted > 0)
  }

  /// The same within the pickle, whose checksum is kept true.
  @Test(arguments: ["views.pt", "types.pt"])
  func damagedPicklesAreSurvived(name: String) throws {
    let path = Self.fixture("pytorch/\(name)")
    let (pickle, data) = try TestPickle.parts(path)
    #expect(try PyTorchFile(bytes: TestPickle.archive(pickle, data), name: "f").tensors.count > 5)
    var refused = 0
    withDamaged(pickle) { damaged, isTruncated in
      let bytes = TestPickle.archive(damaged, data)
      if survived({ () throws(ModelFileError) in try PyTorchFile(bytes: bytes, name: "f") }) == nil { refused += 1 }
    }
    #expect(refused > 4 * pickle.count)
  }
}

struct PyTorchTestError: Error {}
