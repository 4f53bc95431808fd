import Descent
import Testing

struct NumPyArchiveTests {
  static let array = NPYTests.npy("|u1", "(2, 2)", [1, 2, 3, 4])

  private func read(_ bytes: [UInt8]) throws -> ModuleValues { try NumPyArchive(bytes: bytes, name: "f").tensors }

  @Test(arguments: [false, true])
  func membersAreRead(isDeflated: Bool) throws {
    let members = [
      ZipFixture("a.npy", Self.array, isDeflated: isDeflated),
      ZipFixture("é/b.npy", NPYTests.npy("<f2", "()", [0, 0x3C]), isDeflated: isDeflated) { $0.flags = 0x808 },
    ]
    let tensors = try read(ZipFixture.archive(members))
    #expect(tensors.paths == ["a", "é/b"])
    #expect(tensors["a"]?.shape == [2, 2] && tensors["a"]?.array(of: Int.self) == [1, 2, 3, 4])
    #expect(tensors["é/b"]?.shape == [] && tensors["é/b"]?.array() == [1])
  }

  @Test func anEmptyArchiveAndComments() throws {
    #expect(try read(ZipFixture.archive([])).isEmpty)
    let comment = Array("PK\u{5}\u{6} is how the last record begins, here in a comment that is longer".utf8)
    let bytes = ZipFixture.archive([ZipFixture("a.npy", Self.array)]) { $0.comment = comment }
    #expect(try read(bytes).paths == ["a"])
    let longest = ZipFixture.archive([ZipFixture("a.npy", Self.array)]) {
      $0.comment = Array(repeating: 0x50, count: 65_535)
    }
    #expect(try read(longest).paths == ["a"])
  }

  @Test func whatIsLeftOutMayHoldAnything() throws {
    let members = [
      ZipFixture("a.npy", Self.array), ZipFixture("o.npy", NPYTests.npy("|O", "(1,)", [0x80, 4, 0x4E, 0x2E])),
    ]
    try TestFiles.withFolder { folder in
      let path = folder + "/x.npz"
      try AtomicFile.write(ZipFixture.archive(members), to: path)
      #expect(try NumPyArchive(contentsOf: path) { $0 != "o" }.tensors.paths == ["a"])
      let error = #expect(throws: ModelFileError.self) { try NumPyArchive(contentsOf: path) }
      #expect(
        error?.description
          == "\(path), tensor \"o\": it holds pickled Python objects, which are never read because that could run any "
          + "code; save it as numbers.")
    }
  }

  // MARK: - Writing

  private static let written = NumPyArchive(tensors: [
    "weights": Tensor([Float](repeating: 0.5, count: 3000), shape: [30, 100]), "é/n": Tensor([Int64(-7)]),
    "none": Tensor([Double](), shape: [0, 3], dtype: .float64), "flag": Tensor([true, false]), "s": Tensor(Float(2)),
  ])

  @Test(arguments: [false, true], [nil, 0, 150, 5000] as [Int?])
  func whatIsWrittenIsRead(isCompressed: Bool, wideFrom: Int?) throws {
    let bytes = try Self.written.bytes(name: "f", isCompressed: isCompressed, wideFrom: wideFrom)
    #expect(try Self.written.bytes(name: "f", isCompressed: isCompressed, wideFrom: wideFrom) == bytes)
    let tensors = try read(bytes)
    #expect(tensors.paths == Self.written.tensors.paths)
    for (path, value) in Self.written.tensors {
      let found = try #require(tensors[path])
      #expect(found.shape == value.shape && found.dtype == value.dtype && bits(found) == bits(value))
    }
    #expect(isCompressed ? bytes.count < 2500 : bytes.count > 12_000)
    let hasWideEnd = bytes.indices.dropLast(3).contains { bytes[$0..<$0 + 4] == [0x50, 0x4B, 6, 6] }
    #expect(hasWideEnd == (wideFrom != nil && (wideFrom != 5000 || !isCompressed)))
  }

  @Test func filesAppearWhole() throws {
    try TestFiles.withFolder { folder in
      for isCompressed in [false, true] {
        try Self.written.write(to: folder + "/x.npz", isCompressed: isCompressed)
        #expect(try TestFiles.bytes(folder + "/x.npz") == Self.written.bytes(name: "f", isCompressed: isCompressed))
        #expect(try TestFiles.names(in: folder) == ["x.npz"])
        #expect(try NumPyArchive(contentsOf: folder + "/x.npz").tensors["s"]?.scalar() == 2)
      }
    }
  }

  @Test func moreMembersThanTwoBytesCount() throws {
    let one: Tensor = [1]
    let many = NumPyArchive(tensors: ModuleValues((0..<65_536).map { (path: "\($0)", value: one) }))
    #expect(try read(many.bytes(name: "f")).paths == many.tensors.paths)
  }

  @Test func whatCannotBeWrittenIsRefused() {
    func message(_ tensors: ModuleValues) -> String? {
      let error = #expect(throws: ModelFileError.self) { try NumPyArchive(tensors: tensors).bytes(name: "f") }
      return error?.description
    }
    #expect(message(["a": [1], "a": [2]]) == "f, tensor \"a\": the name appears twice.")
    #expect(message(["../a": [1]]) == "f, tensor \"../a.npy\": expected a name that stays within the archive.")
    let long = String(repeating: "x", count: 65_532)
    let shown = String(repeating: "x", count: 80) + "…"
    #expect(message([long: [1]]) == "f, tensor \"\(shown)\": expected a name of at most 65531 bytes, found 65532.")
    let deep = Tensor(Memory([Float(1)]), shape: [Int](repeating: 1, count: 65))
    #expect(message(["a": deep]) == "f, tensor \"a\": expected at most 64 axes, found 65.")
  }

  // MARK: - Files of NumPy's own

  @Test(.needs("interop/numpy"), arguments: ["zoo", "zoo_compressed"])
  func numPysArchives(name: String) throws {
    let path = TestFiles.shared("interop/numpy/\(name).npz")
    let tensors = try NumPyArchive(contentsOf: path).tensors
    let values: [Double] = [0, -0.0, 1, -1.5, 3.140625, 65504, Double(Float(-1e-3)), 0x1p-14]
    #expect(tensors["f4"]?.array() == values.map { Float($0) } && tensors["f4"]?.dtype == .float32)
    #expect(tensors["f8"]?.array(of: Double.self).map(\.bitPattern) == values.map(\.bitPattern))
    #expect(tensors["f8"]?.shape == [2, 4] && tensors["f8"]?.dtype == .float64)
    #expect(tensors["i8"]?.shape == [2, 3] && tensors["i8"]?.array(of: Int.self) == [0, 1, 2, 3, 4, 5])
    guard name == "zoo" else { return }
    #expect(tensors.paths == ["f4", "f8", "i8", "u1", "b", "fortran"])
    #expect(tensors["u1"]?.dtype == .uint8 && tensors["u1"]?.array(of: Int.self) == [0, 1, 2, 3])
    #expect(tensors["b"]?.dtype == .bool && tensors["b"]?.array(of: Bool.self) == [true, false])
    #expect(tensors["fortran"]?.shape == [2, 3] && tensors["fortran"]?.array() == [0, 1, 2, 3, 4, 5])
  }

  @Test(.needs("interop/numpy")) func numPysArrays() throws {
    let folder = TestFiles.shared("interop/numpy")
    let big = try Tensor(npy: folder + "/big_endian_f4.npy")
    #expect(big.array() == [0, -0.0, 1, -1.5, 3.140625, 65504, -1e-3, 0x1p-14] && big.array()[1].sign == .minus)
    let columns = try Tensor(npy: folder + "/fortran_f8_2x3.npy")
    #expect(columns.shape == [2, 3] && columns.array(of: Double.self) == [0, 1, 2, 3, 4, 5])
    let candle = try NumPyArchive(contentsOf: folder + "/candle_test.npz").tensors
    #expect(candle.paths == ["x", "x_plus_one"] && candle["x_plus_one"]?.array(of: Int.self) == Array(1...10))
  }

  @Test(.needs("interop/onnx-lenet")) func writingGivesNumPysBytes() throws {
    let path = TestFiles.shared("interop/onnx-lenet/lenet_probs_first100.npy")
    try TestFiles.withFolder { folder in
      let tensor = try Tensor(npy: path)
      #expect(tensor.shape == [100, 10])
      try tensor.write(npy: folder + "/x.npy")
      #expect(try TestFiles.bytes(folder + "/x.npy") == TestFiles.bytes(path))
    }
  }

  // MARK: - Damage

  static let damaged: [[UInt8]] = {
    let small = NumPyArchive(tensors: ["w": [1, -2], "n": Tensor([UInt8(5)])])
    let descriptors = [true, false].map { isDeflated in
      ZipFixture("\(isDeflated).npy", array, isDeflated: isDeflated) { $0.flags = 8 }
    }
    let written = [(false, nil), (true, nil), (true, 0)].compactMap { (isCompressed, wideFrom) in
      try? small.bytes(name: "f", isCompressed: isCompressed, wideFrom: wideFrom)
    }
    return written + [ZipFixture.archive(descriptors)]
  }()

  @Test(arguments: 0..<4)
  func damageIsRefusedOrHarmless(index: Int) throws {
    let bytes = try #require(Self.damaged.count == 4 ? Self.damaged[index] : nil)
    let whole = try read(bytes)
    var (accepted, refused) = (0, 0)
    withDamaged(bytes) { damaged, isTruncated in
      let archive = survived { () throws(ModelFileError) in try NumPyArchive(bytes: damaged, name: "f") }
      guard let tensors = archive?.tensors else { return refused += 1 }
      accepted += 1
      #expect(!isTruncated, "\(damaged.count) bytes")
      // The checksums and the two places of a name let nothing else pass.
      #expect(tensors.paths == whole.paths && tensors.tensors.map(bits) == whole.tensors.map(bits))
    }
    #expect(accepted > 0 && refused > 5 * bytes.count)
  }
}
