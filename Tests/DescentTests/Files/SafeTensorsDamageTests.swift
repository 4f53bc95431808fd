import Descent
import Testing

/// Damaged files are refused with a `ModelFileError`, or still say something whole.
struct SafeTensorsDamageTests {
  private let whole: [UInt8]
  private let headerLength: Int

  init() throws {
    let file = SafeTensors(
      tensors: [
        "w": Tensor([Float(1), 2, 3, 4], shape: [2, 2]), "n": Tensor([Int64(5)]), "m": Tensor([true, false]),
      ],
      metadata: ["k": "é\n"])
    whole = try file.bytes(name: "f")
    headerLength = Int(whole[0]) + Int(whole[1]) << 8
  }

  /// True if the bytes are accepted, in which case writing and reading them again must change nothing.
  private func read(_ bytes: [UInt8]) throws -> Bool {
    let file: SafeTensors
    do throws(ModelFileError) {
      file = try SafeTensors(bytes: bytes, name: "f")
    } catch {
      #expect(error.description.hasPrefix("f") && error.description.hasSuffix("."))
      return false
    }
    let written = try file.bytes(name: "f")
    #expect(try SafeTensors(bytes: written, name: "f").bytes(name: "f") == written)
    return true
  }

  @Test func everyTruncationIsRefused() throws {
    for length in whole.indices { #expect(try !read(Array(whole[..<length])), "\(length) bytes") }
    #expect(try read(whole))
  }

  @Test func everyFlippedBitIsRefusedOrHarmless() throws {
    var counts = (accepted: 0, refused: 0)
    let truthValues = whole.count - 2
    for position in whole.indices {
      for bit in 0..<8 {
        var bytes = whole
        bytes[position] ^= 1 << bit
        let isAccepted = try read(bytes)
        isAccepted ? (counts.accepted += 1) : (counts.refused += 1)
        if position < 8 { #expect(!isAccepted) }
        if position >= 8 + headerLength { #expect(isAccepted == (position < truthValues || bit == 0)) }
      }
    }
    #expect(counts.accepted > 8 * (truthValues - 8 - headerLength))
    #expect(counts.refused > counts.accepted)
  }

  @Test func everyByteReplacedInsertedOrRemovedIsSurvived() throws {
    let values: [UInt8] = Array("\0 \n\"\\{}[]:,0189-.eEtfn_u".utf8) + [0x80, 0xC3, 0xED, 0xF4, 0xFF]
    var refused = 0
    for position in whole.indices {
      for value in values {
        var bytes = whole
        bytes[position] = value
        if try !read(bytes) { refused += 1 }
        bytes = whole
        bytes.insert(value, at: position)
        if try !read(bytes) { refused += 1 }
      }
      var bytes = whole
      bytes.remove(at: position)
      #expect(try !read(bytes))
    }
    #expect(refused > whole.count * values.count)
  }

  /// Several changes at once within the header, whose length is kept true.
  @Test(arguments: 0..<8)
  func randomChangesAreSurvived(seed: Int) throws {
    var generator = TableTestGenerator(seed: UInt64(seed))
    let data = Array(whole[(8 + headerLength)...])
    let pieces = "{ } [ ] : , \" 0 8 -1 \"a\" null 1e9 \\u0041 18446744073709551615".split(separator: " ").map {
      Array($0.utf8)
    }
    var refused = 0
    for _ in 0..<2500 {
      var header = Array(whole[8..<(8 + headerLength)])
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let start = Int.random(in: header.indices, using: &generator)
        let end = min(header.count, start + Int.random(in: 0...6, using: &generator))
        header.replaceSubrange(start..<end, with: pieces.randomElement(using: &generator)!)
      }
      if try !read(safeTensors(header, data)) { refused += 1 }
    }
    #expect(refused > 2000)
  }
}
