import Descent

/// What was understood of the data, for people.
struct PlanText: CustomStringConvertible {
  private let plan: TabularPlan

  init(_ plan: TabularPlan) { self.plan = plan }

  var description: String {
    let rows = counted(plan.table.rowCount, "row")
    let columns = counted(plan.table.columns.count, "column")
    let sections = [
      ["\(plan.source): \(rows) × \(columns), \(missing)", ""], ColumnText.lines(plan.preprocessing, plan.table),
      ["", "Task      \(plan.decision.explanation)"], checks, ["Split     \(split)", "Network   \(network)"],
      ["Training  \(training)", ""],
    ]
    return sections.flatMap(\.self).map(printable).joined(separator: "\n")
  }

  private var missing: String {
    let count = plan.table.columns.reduce(0) { $0 + $1.missingCount }
    return count == 0 ? "nothing missing" : "\(counted(count, "value")) missing"
  }

  private var checks: [String] {
    plan.checks.filter { !isSaidOfColumn($0) }.enumerated().map { "\($0 == 0 ? "Checks" : "      ")    \($1)" }
  }

  /// The lines of columns say which are dropped, and why.
  private func isSaidOfColumn(_ check: DataCheck) -> Bool {
    let name: String
    switch check {
    case .identifier(let column, _), .constantColumn(let column, _), .emptyColumn(let column): name = column
    default: return false
    }
    return plan.preprocessing.columns.contains { column in
      if case .dropped = column.rule { column.name == name } else { false }
    }
  }

  private var split: String {
    let parts = plan.split
    let shares = plan.decision.task == .classification ? ", the same shares of each class in all" : ""
    return "\(parts.train.count) rows to train, \(parts.validation.count) to validate, \(parts.test.count) to test "
      + "(seed \(plan.configuration.seed)\(shares))"
  }

  private var network: String {
    let sizes = plan.layerSizes.map { "\($0)" }.joined(separator: " → ")
    return "\(sizes)\(plan.configuration.hidden.isEmpty ? "" : ", SiLU"), \(counted(plan.parameterCount, "parameter"))"
  }

  private var training: String {
    let settings = plan.configuration
    let smoothing =
      plan.decision.task == .classification ? "label smoothing \(numberText(settings.labelSmoothing)), " : ""
    let products = settings.precision == .float32 ? "" : "products in \(settings.precision.rawValue), "
    return "AdamW, learning rate \(numberText(settings.learningRate)), batches of \(plan.batchSize), \(smoothing)"
      + "\(products)at most \(counted(settings.epochs, "epoch")), patience \(settings.patience)"
  }
}

/// The columns of a table and what becomes of each, one line a column.
enum ColumnText {
  private static let mostLines = 20

  static func lines(_ preprocessing: TablePreprocessing, _ table: TableSummary?) -> [String] {
    let missing = Dictionary(
      uniqueKeysWithValues: table?.columns.map { ($0.name, $0.missingCount) } ?? [])
    let described = preprocessing.lines
    let names = preprocessing.columns.map(\.name) + [preprocessing.target]
    let shown = names.count > mostLines + 2 ? Array(0..<mostLines) + [names.count - 1] : Array(names.indices)
    let width = shown.map { clipped(names[$0]).count }.max() ?? 0
    var lines = shown.map { index in
      let name = clipped(names[index])
      let space = String(repeating: " ", count: width - name.count)
      let count = missing[names[index]] ?? 0
      let gaps = count > 0 ? " [\(count) missing]" : ""
      return "  \(name)\(space)  \(printable(String(described[index].dropFirst(names[index].count + 2))))\(gaps)"
    }
    if shown.count < names.count {
      let dropped = preprocessing.columns.dropFirst(mostLines).filter(\.featureNames.isEmpty).map(\.name)
      let without = dropped.isEmpty ? "" : ", of which are dropped: \(listed(dropped))"
      lines.insert("  … and \(names.count - shown.count) more columns\(without)", at: mostLines)
    }
    return lines
  }
}
