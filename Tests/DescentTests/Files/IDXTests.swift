import Descent
import Testing

struct IDXTests {
  /// A header and elements; extents and elements are big-endian.
  static func idx(_ type: UInt8, _ shape: [UInt32], _ elements: [UInt8], rank: UInt8? = nil) -> [UInt8] {
    [0, 0, type, rank ?? UInt8(shape.count)] + shape.flatMap(PackedBytes.big) + elements
  }

  private static let fourByFour = idx(
    8, [4, 8], [[UInt8]](repeating: [1, 2, 3, 4, 5, 6, 7, 8], count: 4).flatMap { $0 })
  /// The above as packed by gzip itself, with copies of earlier bytes.
  private static let packed: [UInt8] = [
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 99, 96, 224, 96, 98, 96, 96, 96, 1, 98, 14, 70, 38, 102, 22, 86, 54, 118, 156, 52,
    0, 32, 48, 232, 12, 44, 0, 0, 0,
  ]

  @Test func everyTypeIsRead() throws {
    func read(_ bytes: [UInt8]) throws -> Tensor { try Tensor(idxBytes: bytes, name: "f") }
    let bytes = try read(Self.idx(8, [2, 2], [0, 1, 128, 255]))
    #expect(bytes.dtype == .uint8 && bytes.shape == [2, 2] && bytes.array(of: Int.self) == [0, 1, 128, 255])
    let small = try read(Self.idx(9, [3], [0, 127, 128]))
    #expect(small.dtype == .int32 && small.array(of: Int.self) == [0, 127, -128])
    let short = try read(Self.idx(0x0B, [2], [0x01, 0x02, 0xFF, 0xFE]))
    #expect(short.dtype == .int32 && short.array(of: Int.self) == [258, -2])
    let integers = try read(Self.idx(0x0C, [2], [1, 2, 3, 4, 0xFF, 0xFF, 0xFF, 0xFF]))
    #expect(integers.dtype == .int32 && integers.array(of: Int.self) == [0x0102_0304, -1])
    let floats = try read(Self.idx(0x0D, [1, 2], PackedBytes.big(Float(1.5).bitPattern) + PackedBytes.big(UInt32(1))))
    #expect(floats.dtype == .float32 && floats.shape == [1, 2])
    #expect(floats.array(of: Float.self) == [1.5, .leastNonzeroMagnitude])
    let doubles = try read(Self.idx(0x0E, [1], PackedBytes.big((-0.1).bitPattern)))
    #expect(doubles.dtype == .float64 && doubles.array(of: Double.self) == [-0.1])
  }

  @Test func everyRankIsRead() throws {
    for rank in 0...64 {
      let tensor = try Tensor(idxBytes: Self.idx(8, Array(repeating: 1, count: rank), [7]), name: "f")
      #expect(tensor.shape == Array(repeating: 1, count: rank) && tensor.array(of: Int.self) == [7])
    }
    #expect(try Tensor(idxBytes: Self.idx(8, [3, 0], []), name: "f").shape == [3, 0])
  }

  @Test func gzipIsUnpacked() throws {
    let plain = try Tensor(idxBytes: Self.fourByFour, name: "f")
    #expect(plain.shape == [4, 8])
    let halves = PackedBytes.gzip(Array(Self.fourByFour[..<13])) + PackedBytes.gzip(Array(Self.fourByFour[13...]))
    for packed in [Self.packed, PackedBytes.gzip(Self.fourByFour), halves] {
      let tensor = try Tensor(idxBytes: packed, name: "f")
      #expect(tensor.shape == plain.shape && bits(tensor) == bits(plain))
    }
    try TestFiles.withFolder { folder in
      try AtomicFile.write(Self.packed, to: folder + "/x.gz")
      #expect(bits(try Tensor(idx: folder + "/x.gz")) == bits(plain))
    }
  }

  /// More than the pieces in which files are read, and elements that straddle them.
  @Test func longFilesAreReadWhole() throws {
    let count = 50_000
    let elements = (0..<count).flatMap { PackedBytes.big(UInt32($0 * 65_537)) }
    let bytes = Self.idx(0x0C, [UInt32(count)], elements)
    let packed = stride(from: 0, to: bytes.count, by: 60_001).flatMap {
      PackedBytes.gzip(Array(bytes[$0..<min($0 + 60_001, bytes.count)]))
    }
    let expected = (0..<count).map { Int(Int32(truncatingIfNeeded: $0 * 65_537)) }
    for bytes in [bytes, packed] {
      #expect(try Tensor(idxBytes: bytes, name: "f").array(of: Int.self) == expected)
    }
  }

  // MARK: - Errors

  static let rows: [RefusedBytes] = {
    let notIDX = "expected an IDX file, which begins with two zeros, a type and a rank, found "
    let types = "expected one of the types 0x08, 0x09, 0x0B, 0x0C, 0x0D and 0x0E, found "
    let content = idx(8, [2], [1, 2])
    var wrongSum = PackedBytes.gzip(content)
    wrongSum[wrongSum.count - 5] ^= 1
    let large = idx(8, [300, 1 << 20], []) + [UInt8](repeating: 0, count: 40_000)
    let megabyte = PackedBytes.gzip(large) + (0..<9).flatMap { _ in PackedBytes.gzip(large) }
    return [
      RefusedBytes("empty", [], notIDX + "nothing"),
      RefusedBytes("three bytes", [0, 0, 8], notIDX + "0x00 0x00 0x08"),
      RefusedBytes("text", Array("hello".utf8), notIDX + "0x68 0x65 0x6C 0x6C"),
      RefusedBytes("type 0", idx(0, [1], [1]), types + "0x00"),
      RefusedBytes("type 10", idx(10, [1], [1]), types + "0x0A"),
      RefusedBytes("65 axes", idx(8, Array(repeating: 1, count: 65), [1]), "expected at most 64 axes, found 65"),
      RefusedBytes(
        "extents missing", idx(8, [1, 2], [], rank: 3), "expected 12 bytes for the extents of 3 axes, found 8"),
      RefusedBytes(
        "elements missing", idx(8, [2, 3], [1, 2, 3, 4, 5]), "expected 6 bytes for uint8 of shape [2, 3], found 5"),
      RefusedBytes(
        "too many elements", idx(0x0B, [2], [1, 2, 3, 4, 5]), "expected 4 bytes for int16 of shape [2], found 5"),
      RefusedBytes(
        "overflow", idx(0x0E, [.max, .max, .max], []),
        "the shape [4294967295, 4294967295, 4294967295] has more elements than can be counted"),
      RefusedBytes(
        "overflow beside a 0", idx(8, [0, .max, .max], []),
        "the shape [0, 4294967295, 4294967295] has more elements than can be counted"),
      RefusedBytes(
        "gigabytes", idx(8, [.max, 1 << 20], [1]),
        "expected 4503599626321920 bytes for uint8 of shape [4294967295, 1048576], found 1"),
      RefusedBytes(
        "gigabytes from a few packed bytes", PackedBytes.gzip(idx(8, [1 << 16, 1 << 16], [1])),
        "expected 4294967296 bytes for uint8 of shape [65536, 65536], but 36 packed bytes cannot be 4294967296 when unpacked"
      ),
      RefusedBytes(
        "implausibly well packed", megabyte,
        "expected 314572800 bytes for uint8 of shape [300, 1048576], but \(megabyte.count) packed bytes would become "
          + "314572800, more than 200 times as many; unpack it with another tool if you trust it"),
      RefusedBytes(
        "elements missing when unpacked", PackedBytes.gzip(idx(8, [3], [1, 2])),
        "expected 3 bytes of numbers, found 2"),
      RefusedBytes(
        "more when unpacked", PackedBytes.gzip(content + [3]), "expected the end after 10 bytes, found more"),
      RefusedBytes("wrong checksum", wrongSum, "the packed bytes are damaged (incorrect data check)"),
      RefusedBytes("gzip's start alone", [0x1F, 0x8B], "the packed bytes end too early"),
      RefusedBytes("gzip cut off", Array(packed[..<20]), "the packed bytes end too early"),
      RefusedBytes(
        "a tail", PackedBytes.gzip(content) + [0, 0], "expected the end after the packed bytes, found 2 bytes more"),
      RefusedBytes(
        "another method", [0x1F, 0x8B, 7] + packed[3...], "the packed bytes are damaged (unknown compression method)"),
    ]
  }()

  @Test(arguments: rows)
  func isRefused(_ row: RefusedBytes) {
    let error = #expect(throws: ModelFileError.self) { try Tensor(idxBytes: row.bytes, name: "f") }
    #expect(error?.description == row.message)
  }

  @Test func absentFilesAreRefused() {
    let error = #expect(throws: ModelFileError.self) { try Tensor(idx: "/nowhere/at/all") }
    #expect(error?.description == "/nowhere/at/all: no such file.")
  }

  @Test(arguments: [fourByFour, packed, PackedBytes.gzip(idx(0x0B, [3], [0, 1, 0, 2, 0, 3]))])
  func damageIsRefusedOrHarmless(_ bytes: [UInt8]) throws {
    let isPacked = bytes[0] == 0x1F
    let whole = try Tensor(idxBytes: bytes, name: "f")
    var refused = 0
    withDamaged(bytes) { damaged, isTruncated in
      let tensor = survived { () throws(ModelFileError) in try Tensor(idxBytes: damaged, name: "f") }
      if tensor == nil { refused += 1 }
      if isTruncated { #expect(tensor == nil, "\(damaged.count) bytes") }
      // The checksum lets no other content pass.
      if isPacked, let tensor { #expect(bits(tensor) == bits(whole) && tensor.shape == whole.shape) }
    }
    #expect(refused > (isPacked ? 7 * bytes.count : 8 * 12))
  }
}
