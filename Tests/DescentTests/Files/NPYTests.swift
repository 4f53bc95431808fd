import Descent
import Testing

struct NPYTests {
  /// A file of version 1 (or another) with a header as it is written, and elements.
  static func npy(_ header: String, _ elements: [UInt8] = [], version: UInt8 = 1) -> [UInt8] {
    let length =
      version == 1 ? PackedBytes.little(UInt16(header.utf8.count)) : PackedBytes.little(UInt32(header.utf8.count))
    return [0x93] + "NUMPY".utf8 + [version, 0] + length + header.utf8 + elements
  }

  static func npy(
    _ descr: String, _ shape: String, _ elements: [UInt8] = [], isFortranOrder: String = "False"
  ) -> [UInt8] {
    npy("{'descr': '\(descr)', 'fortran_order': \(isFortranOrder), 'shape': \(shape), }\n", elements)
  }

  private func read(_ bytes: [UInt8]) throws -> Tensor { try Tensor(npyBytes: bytes, name: "f") }

  struct TypeRow: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let elements: [UInt8]
    let dtype: DType
    let values: [Double]

    init(_ descr: String, _ elements: [UInt8], _ dtype: DType, _ values: [Double]) {
      testDescription = descr
      self.elements = elements
      self.dtype = dtype
      self.values = values
    }
  }

  @Test(arguments: [
    TypeRow("|b1", [1, 0], .bool, [1, 0]),
    TypeRow("|u1", [0, 255], .uint8, [0, 255]),
    TypeRow("|i1", [127, 128], .int32, [127, -128]),
    TypeRow("<i2", [1, 2, 0xFE, 0xFF], .int32, [513, -2]),
    TypeRow(">i2", [1, 2, 0xFF, 0xFE], .int32, [258, -2]),
    TypeRow("<u2", [1, 2, 0xFE, 0xFF], .int32, [513, 65534]),
    TypeRow("<i4", [1, 0, 0, 0, 0, 0, 0, 128], .int32, [1, -0x1p31]),
    TypeRow(">i4", [0, 0, 0, 1, 128, 0, 0, 0], .int32, [1, -0x1p31]),
    TypeRow("<u4", [1, 0, 0, 0, 255, 255, 255, 255], .int64, [1, 0x1p32 - 1]),
    TypeRow(">u4", [0, 0, 0, 1, 255, 255, 255, 254], .int64, [1, 0x1p32 - 2]),
    TypeRow("<i8", [2, 0, 0, 0, 0, 0, 0, 255], .int64, [2 - 0x1p56]),
    TypeRow(">i8", [255, 0, 0, 0, 0, 0, 0, 2], .int64, [2 - 0x1p56]),
    TypeRow("<u8", [0, 0, 0, 0, 0, 0, 0, 64], .int64, [0x1p62]),
    TypeRow(">u8", [64, 0, 0, 0, 0, 0, 0, 0], .int64, [0x1p62]),
    TypeRow("<f2", [0, 0x3E, 0, 0xC0, 0, 0x7C], .float32, [1.5, -2, .infinity]),
    TypeRow(">f2", [0x3E, 0, 0xC0, 0, 0, 1], .float32, [1.5, -2, 0x1p-24]),
    TypeRow("<f4", [0, 0, 0xC0, 0x3F], .float32, [1.5]),
    TypeRow(">f4", [0x3F, 0xC0, 0, 0], .float32, [1.5]),
    TypeRow("<f8", PackedBytes.little((0.1).bitPattern), .float64, [0.1]),
    TypeRow(">f8", PackedBytes.big((0.1).bitPattern), .float64, [0.1]),
    TypeRow("=f4", [0, 0, 0xC0, 0x3F], .float32, [1.5]),
    TypeRow("f4", [0, 0, 0xC0, 0x3F], .float32, [1.5]),
  ])
  func everyTypeIsRead(_ row: TypeRow) throws {
    let tensor = try read(Self.npy(row.testDescription, "(\(row.values.count),)", row.elements))
    #expect(tensor.dtype == row.dtype && tensor.shape == [row.values.count])
    #expect(tensor.array(of: Double.self) == row.values)
  }

  @Test func bothOrdersAreRead() throws {
    let elements: [UInt8] = Array(0..<24)
    let rows = try read(Self.npy("|u1", "(2, 3, 4)", elements))
    #expect(rows.shape == [2, 3, 4] && rows.array(of: UInt8.self) == elements)
    let columns = try read(Self.npy("|u1", "(4, 3, 2)", elements, isFortranOrder: "True"))
    #expect(columns.shape == [4, 3, 2] && columns.array(of: UInt8.self) == rows.transposed().array(of: UInt8.self))
  }

  @Test(arguments: [
    ("()", [], 1), ("(3,)", [3], 3), ("(2, 3)", [2, 3], 6), ("( 2,3 ,)", [2, 3], 6), ("(0,)", [0], 0),
    ("(2L, 3L)", [2, 3], 6), ("(5, 0, 2)", [5, 0, 2], 0),
  ])
  func everyShapeIsRead(text: String, shape: [Int], count: Int) throws {
    let tensor = try read(Self.npy("|u1", text, [UInt8](repeating: 9, count: count)))
    #expect(tensor.shape == shape && tensor.array(of: Int.self) == [Int](repeating: 9, count: count))
  }

  @Test func headersMayBeSpeltOtherwise() throws {
    let header = "  {\"shape\":(2,),\n'fortran_order' : False ,'descr':\"<f4\"}"
    for version: UInt8 in 1...3 {
      let tensor = try read(Self.npy(header, [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0], version: version))
      #expect(tensor.array(of: Float.self) == [1, -2])
    }
  }

  // MARK: - Writing

  @Test func headersAreWrittenAsNumPyDoes() throws {
    func header(_ tensor: Tensor) throws -> (text: String, count: Int) {
      try TestFiles.withFolder { folder in
        try tensor.write(npy: folder + "/x.npy")
        let bytes = try TestFiles.bytes(folder + "/x.npy")
        #expect(try TestFiles.names(in: folder) == ["x.npy"])
        let start = Int(bytes[8]) + Int(bytes[9]) << 8 + 10
        #expect(bytes.starts(with: [0x93] + "NUMPY".utf8 + [1, 0]) && bytes[start - 1] == UInt8(ascii: "\n"))
        #expect(bits(tensor) == Array(bytes[start...]))
        let text = String(decoding: bytes[10..<start], as: UTF8.self)
        return (String(text.prefix { $0 != "}" }) + "}", start)
      }
    }
    #expect(try header(Tensor(Float(1))) == ("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", 128))
    #expect(try header([1, 2, 3]) == ("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", 128))
    let truths = Tensor([true, false], shape: [2, 1])
    #expect(try header(truths) == ("{'descr': '|b1', 'fortran_order': False, 'shape': (2, 1), }", 128))
    // It is room for 20 more digits of the first extent that no longer fits into 128 bytes.
    let long = Tensor(Memory([Double](repeating: 1, count: 1)), shape: [Int](repeating: 1, count: 15))
    let ones = [String](repeating: "1", count: 15).joined(separator: ", ")
    #expect(try header(long) == ("{'descr': '<f8', 'fortran_order': False, 'shape': (\(ones)), }", 192))
  }

  @Test func whatIsWrittenIsRead() throws {
    try TestFiles.withFolder { folder in
      for dtype in DType.allCases {
        for shape in [[], [0], [7], [2, 3], [3, 0, 2], [2, 1, 3, 2]] {
          let memory = Memory(dtype, count: shape.reduce(1, *))
          for index in 0..<memory.count { memory[index] = .integer(Int64(index * 37 % 11)) }
          let tensor = Tensor(memory, shape: shape)
          try tensor.write(npy: folder + "/x.npy")
          let read = try Tensor(npy: folder + "/x.npy")
          #expect(read.dtype == dtype && read.shape == shape && bits(read) == bits(tensor))
        }
      }
      let lazy: Tensor = [1, 2, 3]
      try (lazy * 2).write(npy: folder + "/x.npy")
      #expect(try Tensor(npy: folder + "/x.npy").array() == [2, 4, 6])
    }
  }

  @Test func whatCannotBeWrittenIsRefused() {
    let absent = #expect(throws: ModelFileError.self) { try Tensor(Float(1)).write(npy: "/nowhere/at/all.npy") }
    #expect(absent?.description == "/nowhere/at/all.npy: the file cannot be written (no such folder).")
    let deep = Tensor(Memory([Float(1)]), shape: [Int](repeating: 1, count: 65))
    let axes = #expect(throws: ModelFileError.self) { try deep.write(npy: "f") }
    #expect(axes?.description == "f: expected at most 64 axes, found 65.")
  }

  // MARK: - Damage

  @Test(arguments: [
    npy("<f4", "(2, 1)", [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0]), npy("|b1", "(3,)", [1, 0, 1]),
    npy(">i2", "(2, 2)", [0, 1, 0, 2, 0, 3, 0, 4], isFortranOrder: "True"),
    PackedBytes.gzip(npy("<u8", "(1,)", [1, 0, 0, 0, 0, 0, 0, 0])),
  ])
  func damageIsRefusedOrHarmless(_ bytes: [UInt8]) throws {
    let whole = try read(bytes)
    var (accepted, refused) = (0, 0)
    withDamaged(bytes) { damaged, isTruncated in
      let tensor = survived { () throws(ModelFileError) in try Tensor(npyBytes: damaged, name: "f") }
      if tensor == nil { refused += 1 } else { accepted += 1 }
      if isTruncated { #expect(tensor == nil, "\(damaged.count) bytes") }
      if let tensor { #expect(bits(tensor).count <= 8 * bytes.count + bits(whole).count) }
    }
    #expect(accepted > 0 && refused > 6 * bytes.count)
  }

  @Test(arguments: 0..<4)
  func randomChangesAreSurvived(seed: Int) throws {
    var generator = TableTestGenerator(seed: UInt64(seed))
    let header = Array("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }".utf8)
    let pieces = "{ } ( ) ' : , \" 0 8 -1 True None [ 'shape' <i8 |O \\ L 18446744073709551615".split(separator: " ")
      .map {
        Array($0.utf8)
      }
    var refused = 0
    for _ in 0..<2500 {
      var changed = header
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let start = Int.random(in: changed.indices, using: &generator)
        let end = min(changed.count, start + Int.random(in: 0...6, using: &generator))
        changed.replaceSubrange(start..<end, with: pieces.randomElement(using: &generator)!)
      }
      let bytes = Self.npy(String(decoding: changed, as: UTF8.self), [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0])
      if survived({ () throws(ModelFileError) in try Tensor(npyBytes: bytes, name: "f") }) == nil { refused += 1 }
    }
    #expect(refused > 2000)
  }
}
