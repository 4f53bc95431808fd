extension Table {
  /// Splits the rows that have a target, in equal shares of each class when the task is a classification.
  ///
  /// Rows that are equal in every column but the ignored ones stay together, so that no test row was seen in training,
  /// where at most a tenth of the rows repeat an earlier one; more repeats are those of columns with few values, and the
  /// rows are split as they are. With `group`, all rows that have the same value in that column stay together, and the
  /// shares are shares of the groups.
  public func split(
    predicting target: String, validation: Double = 0.15, test: Double = 0.15, seed: UInt64,
    task: PredictionTask? = nil, ignoring ignored: [String] = [], group: String? = nil
  ) throws(DataError) -> Split {
    let rows = try rowsWithValue(in: target)
    let strata = try strata(of: target, rows: rows, task: task)
    let groups = try groups(of: rows, by: group, ignoring: ignored)
    return try Split(rows: rows, validation: validation, test: test, seed: seed, strata: strata, groups: groups)
  }

  /// Folds of the rows that have a target, with classes, equal rows and `group` treated as in `split`.
  public func folds(
    _ count: Int, predicting target: String, seed: UInt64, task: PredictionTask? = nil,
    ignoring ignored: [String] = [], group: String? = nil
  ) throws(DataError) -> [Split] {
    let rows = try rowsWithValue(in: target)
    let strata = try strata(of: target, rows: rows, task: task)
    let groups = try groups(of: rows, by: group, ignoring: ignored)
    return try Split.folds(count, of: rows, seed: seed, strata: strata, groups: groups)
  }

  /// Splits the rows that have a target by time: the latest for test, those before them for validation.
  ///
  /// `column` holds numbers, or texts that sort by time as ISO 8601 dates do; rows without a time are left out.
  public func split(
    predicting target: String, validation: Double = 0.15, test: Double = 0.15, inOrderOf column: String
  ) throws(DataError) -> Split {
    let time = try self.column(column)
    let rows = try rowsWithValue(in: target).filter { !time.isMissing(at: $0) }
    return try Split(inOrder: time.rising(rows), validation: validation, test: test)
  }

  private func strata(of target: String, rows: [Int], task: PredictionTask?) throws(DataError) -> [Int]? {
    guard try chosenTask(task, predicting: target) == .classification else { return nil }
    let labels = try column(target).labels
    return rows.map { labels[$0] }
  }

  private func groups(
    of rows: [Int], by name: String?, ignoring ignored: [String]
  ) throws(DataError) -> [Int]? {
    let equal = try equalRows(among: rows, ignoring: ignored)
    guard let name else { return equal.groups(of: rows) }
    let labels = try column(name).labels
    // A row without a group makes one with the rows equal to it.
    return rows.map { labels[$0] < 0 ? -1 - equal.group(of: $0) : labels[$0] }
  }
}

extension Column {
  /// A label for each row, the same where the values are; -1 where they are missing.
  fileprivate var labels: [Int] {
    guard case .category(_, let codes) = asCategories().values else { return [] }
    return codes.map { Int($0) }
  }

  /// The rows sorted by their values, equal ones in the order given.
  fileprivate func rising(_ rows: [Int]) -> [Int] {
    switch values {
    case .number(let numbers): rows.sorted { (numbers[$0], $0) < (numbers[$1], $1) }
    case .category(let levels, let codes):
      rows.sorted { (levels[Int(codes[$0])], $0) < (levels[Int(codes[$1])], $1) }
    }
  }
}
