extension Table {
  /// Looks for what commonly spoils training: too few rows, a target that says nothing, empty, constant, identifying or
  /// repeated columns, numbers spoilt by stray text, repeated rows, and columns that give the target away.
  ///
  /// - Parameters:
  ///   - task: overrides what `task(predicting:)` decides.
  ///   - ignored: columns that are not used, and so not looked at.
  public func checks(
    predicting target: String, task: PredictionTask? = nil, ignoring ignored: [String] = []
  ) throws(DataError) -> [DataCheck] {
    let targetColumn = try column(target)
    let task = try chosenTask(task, predicting: target)
    var checks: [DataCheck] = rowCount < 20 ? [.fewRows(count: rowCount)] : []
    checks += targetChecks(targetColumn, task: task)
    let features = try columns(ignoring: ignored).filter { $0.name != target }
    for column in features {
      checks += columnChecks(column)
      if let correlation = correlation(column, targetColumn), abs(correlation) > 0.999 {
        checks.append(.leakage(column: column.name, target: target, correlation: correlation))
      }
    }
    checks += equalColumnChecks(features)
    let equal = try equalRows(among: rowsWithValue(in: target), ignoring: ignored)
    if let first = equal.firsts.keys.min() {
      checks.append(
        .duplicateRows(count: equal.firsts.count, line: line(ofRow: first), stayTogether: equal.stayTogether))
    }
    return checks
  }

  private func targetChecks(_ target: Column, task: PredictionTask) -> [DataCheck] {
    var checks: [DataCheck] = []
    if target.missingCount > 0 { checks.append(.missingTargets(target: target.name, count: target.missingCount)) }
    let distinct = target.asCategories().distinctValues().texts
    if distinct.count == 1 {
      checks.append(.singleClass(target: target.name, value: distinct[0].text))
    } else if task == .classification {
      let rare = distinct.filter { $0.count < 5 }.map(\.text)
      if !rare.isEmpty { checks.append(.rareClasses(target: target.name, classes: sortedLevels(rare))) }
    }
    return checks
  }

  private func columnChecks(_ column: Column) -> [DataCheck] {
    let distinct = column.distinctValues()
    if distinct.count == 0 { return [.emptyColumn(column.name)] }
    if distinct.count == 1, distinct.presentCount == rowCount {
      return [.constantColumn(column.name, value: column.text(at: 0) ?? "")]
    }
    let rows = Array(0..<rowCount)
    return [mostlyNumbers(column)].compactMap(\.self)
      + [ColumnEncoding.identifierReason(column, distinct: distinct, rows: rows)].compactMap { reason in
        reason.map { .identifier(column: column.name, reason: $0) }
      }
  }

  private func mostlyNumbers(_ column: Column) -> DataCheck? {
    guard case .category(let levels, let codes) = column.values else { return nil }
    let isNumber = levels.map { CellTyping.number($0) != nil }
    let present = codes.filter { $0 >= 0 }
    let numbers = present.count { isNumber[Int($0)] }
    guard 2 * numbers > present.count, let first = codes.firstIndex(where: { $0 >= 0 && !isNumber[Int($0)] }) else {
      return nil
    }
    return .mostlyNumbers(
      column: column.name, numbers: numbers, others: present.count - numbers, example: levels[Int(codes[first])],
      line: line(ofRow: first))
  }

  private func equalColumnChecks(_ features: [Column]) -> [DataCheck] {
    // Constant and empty columns are reported as such; comparing the rest by a hash keeps wide tables fast.
    var groups: [Int: [Column]] = [:]
    var checks: [DataCheck] = []
    for column in features where column.distinctValues().count > 1 {
      var hasher = Hasher()
      for row in 0..<rowCount { column.hashCell(at: row, into: &hasher) }
      let hash = hasher.finalize()
      if let twin = groups[hash]?.first(where: { column.holdsSameCells(as: $0) }) {
        checks.append(.equalColumns(twin.name, column.name))
      } else {
        groups[hash, default: []].append(column)
      }
    }
    return checks
  }

  /// The rows that are equal in every column but the ignored ones.
  func equalRows(among rows: [Int], ignoring ignored: [String]) throws(DataError) -> EqualRows {
    let columns = try columns(ignoring: ignored)
    return EqualRows(
      among: rows, hash: { row, hasher in for column in columns { column.hashCell(at: row, into: &hasher) } },
      areEqual: { left, right in columns.allSatisfy { $0.cellsAreEqual(left, right) } })
  }

  private func columns(ignoring ignored: [String]) throws(DataError) -> [Column] {
    for name in ignored { _ = try column(name) }
    return columns.filter { !ignored.contains($0.name) }
  }
}

/// Pearson's correlation of two numeric columns over the rows that have both, or nil where it is not defined.
func correlation(_ first: Column, _ second: Column) -> Double? {
  guard case .number(let first) = first.values, case .number(let second) = second.values else { return nil }
  let pairs = zip(first, second).filter { !$0.isNaN && !$1.isNaN }
  guard pairs.count > 2 else { return nil }
  let (meanX, meanY) = (meanOfPresent(pairs.map(\.0)), meanOfPresent(pairs.map(\.1)))
  var (xx, yy, xy) = (0.0, 0.0, 0.0)
  for (x, y) in pairs {
    xx += (x - meanX) * (x - meanX)
    yy += (y - meanY) * (y - meanY)
    xy += (x - meanX) * (y - meanY)
  }
  let correlation = xy / (xx.squareRoot() * yy.squareRoot())
  return correlation.isFinite ? max(-1, min(1, correlation)) : nil
}

extension Column {
  fileprivate func hashCell(at row: Int, into hasher: inout Hasher) {
    switch values {
    case .number(let numbers): hasher.combine(numbers[row].isNaN ? .nan : numbers[row])
    case .category(_, let codes): hasher.combine(codes[row])
    }
  }

  fileprivate func cellsAreEqual(_ left: Int, _ right: Int) -> Bool {
    switch values {
    case .number(let numbers):
      numbers[left] == numbers[right] || (numbers[left].isNaN && numbers[right].isNaN)
    case .category(_, let codes):
      codes[left] == codes[right]
    }
  }

  fileprivate func holdsSameCells(as other: Column) -> Bool {
    Column(other.name, values: values) == other
  }
}
