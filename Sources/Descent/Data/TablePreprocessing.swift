/// Turns the columns of a table into the numbers a network sees, by rules fitted on the training rows alone.
///
/// ```swift
/// let preprocessing = try TablePreprocessing(fitting: table, rows: split.train, target: "Weight")
/// let features = try preprocessing.encode(table, rows: split.train)  // row-major [rows, features]
/// let targets = try preprocessing.encodeTargets(table, rows: split.train)
/// print(preprocessing)  // the rule of each column
/// ```
public struct TablePreprocessing: Sendable, Equatable, CustomStringConvertible {
  /// The version of the JSON this library writes.
  public static let formatVersion = 1

  /// The name of the column to predict.
  public let target: String
  public let targetEncoding: TargetEncoding
  /// The rule of each column but the target, in the order of the training table.
  public let columns: [ColumnEncoding]

  /// Fits the rules to `rows` (nil: all) of `table`; rows without a target are left out.
  ///
  /// - Parameters:
  ///   - task: overrides what `Table.task(predicting:)` decides from the whole target column.
  ///   - ignored: columns that must not be used.
  /// - Throws: `DataError` when the target has fewer than two values or no other column can be used.
  public init(
    fitting table: Table, rows: [Int]? = nil, target: String, task: PredictionTask? = nil,
    ignoring ignored: [String] = []
  ) throws(DataError) {
    for name in ignored { _ = try table.column(name) }
    let targetColumn = try table.column(target)
    let task = try table.chosenTask(task, predicting: target)
    let rows = (rows ?? Array(0..<table.rowCount)).filter { !targetColumn.isMissing(at: $0) }
    var columns: [ColumnEncoding] = []
    self.targetEncoding = try TargetEncoding(fitting: targetColumn, rows: rows, task: task, table: table)
    for column in table.columns where column.name != target {
      columns.append(
        ignored.contains(column.name)
          ? ColumnEncoding(name: column.name, rule: .dropped(reason: "ignored on request"))
          : try ColumnEncoding(fitting: column, rows: rows, table: table))
    }
    guard columns.contains(where: { !$0.featureNames.isEmpty }) else {
      throw .noFeatures(source: table.source, target: target, dropped: columns.map(\.description))
    }
    self.target = target
    self.columns = columns
  }

  init(target: String, targetEncoding: TargetEncoding, columns: [ColumnEncoding]) {
    self.target = target
    self.targetEncoding = targetEncoding
    self.columns = columns
  }

  /// The names of the features, in the order of `EncodedFeatures.values`.
  public var featureNames: [String] { columns.flatMap(\.featureNames) }

  /// One line a column, then one for the target.
  public var description: String { lines.joined(separator: "\n") }

  /// What `description` says of each column, then of the target.
  package var lines: [String] {
    let rule =
      switch targetEncoding {
      case .regression(let mean, let deviation):
        "\(target): predicted, a number (mean \(shortText(mean)), deviation \(shortText(deviation)))"
      case .classification(let classes):
        "\(target): predicted, one of \(classes.count) classes (\(listed(classes)))"
      }
    return columns.map(\.description) + [rule]
  }
}
