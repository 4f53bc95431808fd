import Descent
import Testing

@Suite struct CSVFuzzTests {
  private static let seeds = [
    "\u{FEFF}a,\"b \"\"q\"\"\",c\r\n1,\"x\ny\",é\r\n-2.5e3,,NA\r\n\r\n3,\"1,234\",\"👋\"\n",
    "name;size\n\"A;B\";1,5\nC;2,25\n",
    "x\ty\n1\t2\n3\t4\r5\t6",
  ].map { Array($0.utf8) }

  /// Reads the bytes; whatever is refused must be refused with a `CSVError`, and what is read must be whole.
  private func read(_ bytes: [UInt8]) -> Bool {
    do throws(CSVError) {
      let table = try Table(csvBytes: bytes, source: "t.csv")
      #expect(table.rowCount > 0 && table.columns.allSatisfy { $0.count == table.rowCount })
      #expect(table.summary.columns.count == table.columns.count)
      return true
    } catch {
      #expect(error.description.hasSuffix(".") || error.description.hasSuffix("\"CSV UTF-8\"."))
      return false
    }
  }

  @Test func survivesEveryTruncation() {
    var accepted = 0
    for seed in Self.seeds {
      for length in 0...seed.count where read(Array(seed[..<length])) { accepted += 1 }
      for start in 0...seed.count where read(Array(seed[start...])) { accepted += 1 }
    }
    #expect(accepted > 20)
  }

  @Test func survivesEverySingleByte() {
    var counts = (accepted: 0, refused: 0)
    let values: [UInt8] =
      Array("\0\t\n\r \",;|'+-.019eEN?ax".utf8) + [0x80, 0xBF, 0xC0, 0xC3, 0xE2, 0xED, 0xEF, 0xF0, 0xFF]
    for seed in Self.seeds {
      for position in seed.indices {
        for value in values {
          var changed = seed
          changed[position] = value
          read(changed) ? (counts.accepted += 1) : (counts.refused += 1)
          changed = seed
          changed.insert(value, at: position)
          read(changed) ? (counts.accepted += 1) : (counts.refused += 1)
        }
        var shortened = seed
        shortened.remove(at: position)
        read(shortened) ? (counts.accepted += 1) : (counts.refused += 1)
      }
    }
    #expect(counts.accepted > 500 && counts.refused > 500)
  }

  @Test func survivesRandomMutations() {
    var counts = (accepted: 0, refused: 0)
    for seed in 0..<20_000 {
      var random = TableTestGenerator(seed: UInt64(seed))
      var bytes = Self.seeds.randomElement(using: &random)!
      for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
        let start = bytes.indices.randomElement(using: &random)!
        let end = min(bytes.count, start + Int.random(in: 1...8, using: &random))
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[start] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.removeSubrange(start..<end)
        case 2: bytes.insert(contentsOf: bytes[start..<end], at: start)
        default: bytes.insert(Array("\",\n\r;\t|".utf8).randomElement(using: &random)!, at: start)
        }
      }
      read(bytes) ? (counts.accepted += 1) : (counts.refused += 1)
    }
    #expect(counts.accepted > 1000 && counts.refused > 1000)
  }

  /// What the reader accepts it can write, and reads back as the same table.
  @Test func roundTripsWhatItAccepts() throws {
    for seed in 0..<5_000 {
      var random = TableTestGenerator(seed: UInt64(seed) &+ 77)
      let alphabet = Array("ab1,\"\n\r \t.5-".utf8)
      let bytes = (0..<Int.random(in: 3...30, using: &random)).map { _ in alphabet.randomElement(using: &random)! }
      guard let table = try? Table(csvBytes: bytes, delimiter: ",") else { continue }
      let text = try table.csvText()
      #expect(try Table(csvText: text, delimiter: ",", header: .present) == table, "seed \(seed)")
    }
  }
}
