/// How the target column becomes what a network learns, and back.
public enum TargetEncoding: Sendable, Equatable {
  /// (y - mean) / deviation.
  case regression(mean: Double, deviation: Double)
  /// The position among the class names, which are sorted (as numbers if all are numbers).
  case classification(classes: [String])

  static let maximumClasses = 1000

  init(fitting column: Column, rows: [Int], task: PredictionTask, table: Table) throws(DataError) {
    let distinct = column.distinctValues(in: rows)
    guard distinct.presentCount > 0 else { throw .noTargets(source: table.source, column: column.name) }
    switch task {
    case .regression:
      let numbers = try NumberReading(column, of: table).values(at: rows).filter { !$0.isNaN }
      let statistics = try NumberStatistics(numbers, rows: rows, column: column, table: table)
      guard statistics.deviation > 0 else {
        throw .constantTarget(source: table.source, column: column.name, value: numberText(numbers[0]))
      }
      self = .regression(mean: statistics.mean, deviation: statistics.deviation)
    case .classification:
      let names = distinct.numbers.map(numberText) + distinct.texts.map(\.text)
      guard names.count > 1 else {
        throw .constantTarget(source: table.source, column: column.name, value: names[0])
      }
      guard names.count <= Self.maximumClasses else {
        throw .tooManyClasses(
          source: table.source, column: column.name, found: names.count, limit: Self.maximumClasses)
      }
      self = .classification(classes: sortedLevels(names))
    }
  }

  public var task: PredictionTask {
    switch self {
    case .regression: .regression
    case .classification: .classification
    }
  }

  /// The class names, sorted; empty for a regression.
  public var classes: [String] {
    switch self {
    case .regression: []
    case .classification(let classes): classes
    }
  }

  /// A prediction of the network in the units of the target: mean + deviation · value.
  ///
  /// For a classification the value is a class position and comes back as it is.
  public func decoded(_ value: Float) -> Double { decoded(Double(value)) }

  func decoded(_ value: Double) -> Double {
    switch self {
    case .regression(let mean, let deviation): mean + deviation * value
    case .classification: value
    }
  }
}

/// The targets of the rows that have one.
public struct EncodedTargets: Sendable, Equatable {
  /// The rows of the table that have a target; the other arrays follow this order.
  public let rows: [Int]
  /// Standardised targets for a regression, class positions for a classification.
  public let values: [Float]
  /// The class positions; empty for a regression.
  public let classes: [Int]
  /// How many rows have no target and are left out.
  public let droppedCount: Int
}

/// Levels in the order they are encoded: by value if all are numbers, else by their Unicode scalars.
func sortedLevels(_ levels: [String]) -> [String] {
  let numbers = levels.map { CellTyping.number($0) }
  if numbers.allSatisfy({ $0 != nil }) {
    return levels.indices.sorted { (numbers[$0]!, levels[$0]) < (numbers[$1]!, levels[$1]) }.map { levels[$0] }
  }
  return levels.sorted()
}
