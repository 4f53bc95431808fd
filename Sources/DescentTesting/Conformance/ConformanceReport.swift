public import DescentCore

/// What a run of `EngineConformance` found.
public struct ConformanceReport: Sendable, CustomStringConvertible {
  /// What was checked of a row.
  public enum Mode: String, Sendable, Hashable { case value, forward, reverse, second, batched }

  /// One check that did not hold.
  public struct Failure: Sendable, CustomStringConvertible {
    public let row: String
    public let shapes: [[Int]]
    public let dtype: DType
    public let seed: Int
    public let mode: Mode
    /// The worst difference and what it was measured against.
    public let problem: String

    public var description: String {
      "\(row) on \(shapes) in \(dtype.name), \(mode.rawValue), seed \(seed): \(problem)"
    }
  }

  /// How many checks were made.
  public private(set) var caseCount = 0
  public private(set) var failures: [Failure] = []

  mutating func record(_ trial: Trial, _ dtype: DType, _ mode: Mode, _ problem: String?) {
    caseCount += 1
    guard let problem else { return }
    failures.append(
      Failure(row: trial.row.name, shapes: trial.shapes, dtype: dtype, seed: trial.seed, mode: mode, problem: problem))
  }

  /// The number of checks and the first failures, one a line.
  public var description: String {
    let listed = failures.prefix(20).map { "\n" + $0.description }.joined()
    return "\(caseCount) cases, \(failures.count) failures" + listed
  }
}
