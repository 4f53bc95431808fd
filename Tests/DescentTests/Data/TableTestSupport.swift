import Descent

/// Xorshift64*: the tests' own seeded randomness, independent of the library's.
struct TableTestGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 0x2545_F491_4F6C_DD1D
  }
}

extension Table {
  /// All cells as text, missing ones as nil, row by row.
  var texts: [[String?]] { (0..<rowCount).map { row in columns.map { $0.text(at: row) } } }
}

/// The sentence of the table error that `body` throws; nil when it throws none.
func message(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch let error as CSVError {
    return error.description
  } catch let error as DataError {
    return error.description
  } catch {
    return "not an error about tables: \(error)"
  }
}
