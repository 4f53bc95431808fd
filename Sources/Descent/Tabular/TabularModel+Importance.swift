import DescentCore

/// How much a model's predictions depend on a column: how much worse they get when its values are shuffled among the
/// rows (Breiman 2001).
public struct TabularImportance: Sendable, Hashable {
  public let column: String
  /// R² lost by a regression, log loss gained by a classification; the mean over the shuffles.
  public let loss: Double
  /// The least and the largest over the shuffles.
  public let range: ClosedRange<Double>
}

extension TabularModel {
  /// The importance of each column that is used, the largest first; of columns that say the same, each may seem
  /// unimportant, since the others stand in for it.
  ///
  /// - Parameters:
  ///   - table: rows whose answers are known, best such that nothing was fitted to; at least two.
  ///   - shuffles: how often each column is shuffled.
  public func importances(
    on table: Table, shuffles: Int = 5, seed: UInt64 = 0
  ) throws(TabularError) -> [TabularImportance] {
    precondition(shuffles > 0, "TabularModel.importances: expects at least 1 shuffle, not \(shuffles)")
    let base = try badness(on: table)
    var result: [TabularImportance] = []
    for (number, encoding) in preprocessing.columns.enumerated() where !encoding.featureNames.isEmpty {
      let column = try dataErrors { () throws(DataError) in try table.column(encoding.name) }
      var random = RandomSource(seed, stream: UInt32(number))
      var losses: [Double] = []
      for _ in 0..<shuffles {
        let order = Array(0..<table.rowCount).shuffled(using: &random)
        losses.append(try badness(on: table.setting(column.selecting(rows: order))) - base)
      }
      let low = losses.min() ?? 0
      result.append(
        TabularImportance(
          column: encoding.name, loss: losses.reduce(0, +) / Double(shuffles), range: low...max(low, losses.max() ?? 0))
      )
    }
    return result.enumerated().sorted { ($1.element.loss, $0.offset) < ($0.element.loss, $1.offset) }.map(\.element)
  }

  /// What grows as predictions get worse.
  private func badness(on table: Table) throws(TabularError) -> Double {
    let scores = try evaluate(table).scores
    return switch task {
    case .regression: -(scores["rSquared"] ?? 0)
    case .classification: scores["logLoss"] ?? 0
    }
  }
}
