import Descent
import Testing

struct SafeTensorsTests {
  @Test func theHeaderIsWrittenInOneWay() throws {
    let file = SafeTensors(
      tensors: [
        "b": Tensor([UInt8(1), 2, 3]), "flag": Tensor([true, false]), "w": Tensor([Float(1), -2], shape: [2, 1]),
        "a\"\\\n\u{1F}é": Tensor([Int64(7)]), "d": Tensor(Float(0.5)), "v": Tensor([Int32(-1)]),
        "e": Tensor([Double](), shape: [0, 3], dtype: .float64),
      ], metadata: ["z": "1", "a": "x/y"])
    let header =
      #"{"__metadata__":{"a":"x/y","z":"1"},"#
      + #""a\"\\\n\u001fé":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},"#
      + #""e":{"dtype":"F64","shape":[0,3],"data_offsets":[8,8]},"#
      + #""d":{"dtype":"F32","shape":[],"data_offsets":[8,12]},"#
      + #""w":{"dtype":"F32","shape":[2,1],"data_offsets":[12,20]},"#
      + #""v":{"dtype":"I32","shape":[1],"data_offsets":[20,24]},"#
      + #""b":{"dtype":"U8","shape":[3],"data_offsets":[24,27]},"#
      + #""flag":{"dtype":"BOOL","shape":[2],"data_offsets":[27,29]}}"#
    let padding = String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    let integers: [UInt8] = [7, 0, 0, 0, 0, 0, 0, 0]
    let floats: [UInt8] = [0, 0, 0, 0x3F] + [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0]
    let rest: [UInt8] = [255, 255, 255, 255] + [1, 2, 3] + [1, 0]
    #expect(try file.bytes(name: "f") == safeTensors(header + padding, integers + floats + rest))
  }

  @Test func aFileWithNothingInIt() throws {
    #expect(try SafeTensors(tensors: [:]).bytes(name: "f") == safeTensors("{}      "))
    let empty = try SafeTensors(bytes: safeTensors("{}"), name: "f")
    #expect(empty.tensors.isEmpty && empty.metadata.isEmpty)
  }

  @Test func spaceAroundTheHeaderIsAllowed() throws {
    let header = " \n\t{ \(entry("a")) , \"__metadata__\" : { } }\r\n   "
    let file = try SafeTensors(bytes: safeTensors(header, [1, 2]), name: "f")
    #expect(file.tensors["a"]?.array(of: UInt8.self) == [1, 2])
  }

  @Test func escapesAreRead() throws {
    let name = #"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"#
    let file = try SafeTensors(bytes: safeTensors("{\(entry(name))}", [1, 2]), name: "f")
    #expect(file.tensors.paths == ["\"\\/\u{8}\u{C}\n\r\té😀"])
  }

  @Test func emptyTensorsMayShareAPlace() throws {
    let entries = [entry("b", "F32", [0], [2, 2]), entry("a"), entry("c", "F32", [0, 5], [0, 0])]
    let file = try SafeTensors(bytes: safeTensors("{\(entries.joined(separator: ","))}", [1, 2]), name: "f")
    #expect(file.tensors.paths == ["c", "a", "b"])
    #expect(file.tensors["c"]?.shape == [0, 5])
  }

  /// Integers that no tensor has a type of their own for become the narrowest that holds them all.
  @Test func integersAreWidened() throws {
    func read(_ type: String, _ bytes: [UInt8], size: Int) throws -> Tensor {
      let header = "{\(entry("a", type, [bytes.count / size], [0, bytes.count]))}"
      return try #require(SafeTensors(bytes: safeTensors(header, bytes), name: "f").tensors["a"])
    }
    for (type, bytes, size, dtype, values) in [
      ("I8", [0x80, 0xFF, 0x7F], 1, .int32, [-128, -1, 127]), ("I16", [0, 0x80, 1, 0], 2, .int32, [-32768, 1]),
      ("U16", [0xFF, 0xFF, 1, 0], 2, .int32, [65535, 1]),
      ("U32", [0xFF, 0xFF, 0xFF, 0xFF], 4, .int64, [4_294_967_295]),
      ("U64", [1, 2, 0, 0, 0, 0, 0, 0x7F], 8, .int64, [0x7F << 56 + 513]),
    ] as [(String, [UInt8], Int, DType, [Int])] {
      let tensor = try read(type, bytes, size: size)
      #expect(tensor.dtype == dtype && tensor.array(of: Int.self) == values, "\(type)")
    }
    // More than a piece at a time.
    let many = (0..<100_000).flatMap { PackedBytes.little(UInt16(truncatingIfNeeded: $0)) }
    let read16 = try read("I16", many, size: 2).array(of: Int.self)
    #expect(read16 == (0..<100_000).map { Int(Int16(truncatingIfNeeded: $0)) })
    let error = #expect(throws: ModelFileError.self) { try read("U64", [0, 0, 0, 0, 0, 0, 0, 0x80], size: 8) }
    #expect(
      error?.description == "f, tensor \"a\": expected integers below 2^63, found 9223372036854775808 at element 0.")
  }

  @Test func whatIsLeftOutMayHaveAnyType() throws {
    let entries = [entry("half", "F16", [1]), entry("short", "F8_E5M2", [2], [2, 4])]
    try TestFiles.withFolder { folder in
      let path = folder + "/mixed.safetensors"
      try AtomicFile.write(safeTensors("{\(entries.joined(separator: ","))}", [0, 0x3C, 1, 0]), to: path)
      let file = try SafeTensors(contentsOf: path) { $0.type.tensorType != nil }
      #expect(file.tensors.paths == ["half"])
      #expect(file.tensors["half"]?.array() == [1])
      let header = try SafeTensorsHeader(contentsOf: path)
      #expect(header.entries.map(\.type) == [.float16, .float8e5m2])
      #expect(header.entries.map(\.bytes) == [0..<2, 2..<4])
    }
  }

  @Test func everyHalfPrecisionNumberIsWidenedExactly() throws {
    let all = (0...UInt16.max).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    let entries = [entry("half", "F16", [65536], [0, 131072]), entry("brain", "BF16", [65536], [131072, 262144])]
    let file = try SafeTensors(bytes: safeTensors("{\(entries.joined(separator: ","))}", all + all), name: "f")
    let half = try #require(file.tensors["half"]).array()
    let brain = try #require(file.tensors["brain"]).array()
    var different = 0
    for bits in 0...Int(UInt16.max) {
      if !isSame(half[bits], number(bits, exponentBits: 5, fractionBits: 10)) { different += 1 }
      if !isSame(brain[bits], number(bits, exponentBits: 8, fractionBits: 7)) { different += 1 }
    }
    #expect(different == 0)
  }

  /// The definition of the formats: a sign, an exponent, and a fraction of the interval between two powers of two.
  private func number(_ bits: Int, exponentBits: Int, fractionBits: Int) -> Float {
    let sign: Float = bits >> 15 == 0 ? 1 : -1
    let largestExponent = 1 << exponentBits - 1
    let bias = largestExponent >> 1
    let exponent = bits >> fractionBits & largestExponent
    let fraction = Double(bits & (1 << fractionBits - 1)) / Double(1 << fractionBits)
    if exponent == largestExponent { return fraction == 0 ? sign * .infinity : .nan }
    let unit = Double(sign: .plus, exponent: max(exponent, 1) - bias, significand: 1)
    return sign * Float(unit * (exponent == 0 ? fraction : 1 + fraction))
  }

  private func isSame(_ a: Float, _ b: Float) -> Bool { b.isNaN ? a.isNaN : a.bitPattern == b.bitPattern }

  @Test(arguments: 0..<40)
  func whatIsWrittenIsRead(seed: Int) throws {
    var generator = TableTestGenerator(seed: UInt64(seed))
    let file = randomFile(&generator)
    let bytes = try file.bytes(name: "f")
    let read = try SafeTensors(bytes: bytes, name: "f")
    #expect(read.metadata == file.metadata)
    #expect(Set(read.tensors.paths) == Set(file.tensors.paths) && read.tensors.count == file.tensors.count)
    for (path, value) in file.tensors {
      let found = try #require(read.tensors[path])
      #expect(found.shape == value.shape && found.dtype == value.dtype && bits(found) == bits(value))
    }
    #expect(try read.bytes(name: "f") == bytes)
    let reversed = SafeTensors(tensors: ModuleValues(file.tensors.reversed()), metadata: file.metadata)
    #expect(try reversed.bytes(name: "f") == bytes)
    try TestFiles.withFolder { folder in
      try file.write(to: folder + "/x.safetensors")
      #expect(try TestFiles.bytes(folder + "/x.safetensors") == bytes)
      #expect(try SafeTensors(contentsOf: folder + "/x.safetensors").bytes(name: "f") == bytes)
      #expect(try TestFiles.names(in: folder) == ["x.safetensors"])
    }
  }

  private func randomFile(_ generator: inout TableTestGenerator) -> SafeTensors {
    let tensors = (0..<Int.random(in: 0...12, using: &generator)).map { index in
      (path: "\(randomText(&generator)).\(index)", value: randomTensor(&generator))
    }
    let metadata = (0..<Int.random(in: 0...4, using: &generator)).map { index in
      ("\(index)" + randomText(&generator), randomText(&generator))
    }
    return SafeTensors(tensors: ModuleValues(tensors), metadata: Dictionary(uniqueKeysWithValues: metadata))
  }

  /// Any bits at all: NaN with payloads, infinities, subnormals.
  private func randomTensor(_ generator: inout TableTestGenerator) -> Tensor {
    let shape = (0..<Int.random(in: 0...4, using: &generator)).map { _ in Int.random(in: 0...4, using: &generator) }
    let dtype = DType.allCases.randomElement(using: &generator)!
    let memory = Memory(dtype, count: shape.reduce(1, *))
    memory.withMutableBytes { bytes in
      for index in bytes.indices { bytes[index] = UInt8.random(in: 0...(dtype == .bool ? 1 : 255), using: &generator) }
    }
    return Tensor(memory, shape: shape)
  }

  private func randomText(_ generator: inout TableTestGenerator) -> String {
    let scalars = Array("aZ0.\"\\/\0\n\u{1F}\u{7F}é界😀".unicodeScalars)
    var text = ""
    for _ in 0..<Int.random(in: 0...8, using: &generator) {
      text.unicodeScalars.append(scalars.randomElement(using: &generator)!)
    }
    return text
  }

  @Test func tensorsNotYetComputedAreComputed() throws {
    let x: Tensor = [1, 2, 3]
    let file = SafeTensors(tensors: ["y": x * 2, "s": (x * 2).sum()])
    let read = try SafeTensors(bytes: file.bytes(name: "f"), name: "f")
    #expect(read.tensors["y"]?.array() == [2, 4, 6])
    #expect(read.tensors["s"]?.scalar() == 12)
  }
}
