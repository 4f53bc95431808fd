import Descent
import Foundation

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

enum TableTestFiles {
  /// The folder of real data beside the package, if it is there.
  private static let shared = URL(filePath: #filePath).deletingLastPathComponent().appending(
    path: "../../../../shared/data"
  )
  .standardized

  private static let examples = URL(filePath: #filePath).deletingLastPathComponent().appending(
    path: "../../../Examples/Data"
  )
  .standardized

  static func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  static func path(_ name: String) -> String { shared.appending(path: name).path }

  static func example(_ name: String) -> String { examples.appending(path: name).path }

  /// Runs `body` with the path of a folder that is removed afterwards.
  static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "descent-table-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path)
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
