/// What a tabular model says about the rows of a table, row by row.
public struct TabularPredictions: Sendable {
  public enum Values: Sendable {
    /// In the units of the target.
    case numbers([Double])
    /// The probability of each class, row by row.
    case classes(names: [String], probabilities: [[Double]])
  }

  public let target: String
  public let values: Values
  /// What was filled in, unknown or different from the training table.
  public let report: EncodingReport

  /// The predicted numbers; empty for a classification.
  public var numbers: [Double] {
    if case .numbers(let numbers) = values { numbers } else { [] }
  }

  /// The probability of each class, row by row; empty for a regression.
  public var probabilities: [[Double]] {
    if case .classes(_, let probabilities) = values { probabilities } else { [] }
  }

  /// The most probable class of each row; empty for a regression.
  public var labels: [String] {
    guard case .classes(let names, let probabilities) = values else { return [] }
    return probabilities.map { names[positionOfLargest($0)] }
  }

  /// The table with the predictions as further columns: `predicted_<target>`, and for classes `probability_<class>`.
  /// Numbers are rounded to the seven digits that single precision has.
  public func adding(to table: Table) -> Table {
    switch values {
    case .numbers(let numbers):
      return table.setting(Column("predicted_\(target)", numbers: numbers.map(Self.rounded)))
    case .classes(let names, let probabilities):
      return Self.columns(names, probabilities, target: target).reduce(table) { $0.setting($1) }
    }
  }

  /// The most probable of the classes, and the probability of each.
  package static func columns(_ names: [String], _ probabilities: [[Double]], target: String) -> [Column] {
    [Column("predicted_\(target)", texts: probabilities.map { names[positionOfLargest($0)] })]
      + names.indices.map { position in
        Column("probability_\(names[position])", numbers: probabilities.map { rounded($0[position]) })
      }
  }

  /// The columns of `table` that `adding(to:)` replaces.
  public func replacedColumns(of table: Table) -> [String] {
    let names = ["predicted_\(target)"] + classNames.map { "probability_\($0)" }
    return names.filter { table[$0] != nil }
  }

  private var classNames: [String] {
    if case .classes(let names, _) = values { names } else { [] }
  }

  /// The shortest decimal number that is the same in single precision, where that can hold it.
  private static func rounded(_ value: Double) -> Double {
    let single = Float(value)
    return single.isNormal || value == 0 ? Double("\(single)") ?? value : value
  }
}
