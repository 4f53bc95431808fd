/// Rows of a table parted into training, validation and test rows.
public struct Split: Sendable, Equatable {
  /// Row indices in rising order; the three have no row in common.
  public let train: [Int]
  public let validation: [Int]
  public let test: [Int]

  /// Draws test and validation rows from `rows`, the same for the same seed on every platform.
  ///
  /// Each part that is asked for gets its share of the rows, rounded, but at least one. With `strata` (a group for each
  /// of `rows`) each group gives its share to each part, and at least one row of each group stays in training.
  ///
  /// - Throws: `DataError.tooFewRows` when training would be left without rows.
  public init(
    rows: [Int], validation: Double = 0.15, test: Double = 0.15, seed: UInt64, strata: [Int]? = nil
  ) throws(DataError) {
    precondition(
      validation >= 0 && test >= 0 && validation + test < 1,
      "The shares of validation (\(validation)) and test (\(test)) must not be negative and leave rows for training.")
    let wanted = 1 + (validation > 0 ? 1 : 0) + (test > 0 ? 1 : 0)
    guard rows.count >= wanted else {
      throw .tooFewRows(found: rows.count, expected: wanted, purpose: "a split into \(wanted) parts")
    }
    func size(_ share: Double) -> Int { share == 0 ? 0 : max(1, Int((share * Double(rows.count)).rounded())) }
    var groups = shuffledGroups(rows, strata: strata, seed: seed)
    let sizes = groups.map(\.count)
    self.test = take(min(size(test), rows.count - wanted + 1), from: &groups, inProportionTo: sizes)
    let open = rows.count - 1 - self.test.count
    self.validation = take(min(size(validation), open), from: &groups, inProportionTo: sizes)
    self.train = groups.flatMap(\.self).sorted()
  }

  /// Splits the rows 0..<count.
  public init(
    count: Int, validation: Double = 0.15, test: Double = 0.15, seed: UInt64, strata: [Int]? = nil
  ) throws(DataError) {
    try self.init(rows: Array(0..<count), validation: validation, test: test, seed: seed, strata: strata)
  }

  /// Parts `rows` into `count` folds for cross-validation; fold sizes, and those of each group in `strata`, differ by
  /// at most one. Each split has one fold as `validation`, all others as `train`, and no test rows.
  ///
  /// - Throws: `DataError.tooFewRows` when there are fewer rows than folds.
  public static func folds(
    _ count: Int, of rows: [Int], seed: UInt64, strata: [Int]? = nil
  ) throws(DataError) -> [Split] {
    precondition(count > 1, "Cross-validation needs at least 2 folds, found \(count).")
    guard rows.count >= count else {
      throw .tooFewRows(found: rows.count, expected: count, purpose: "\(count) folds")
    }
    var folds = [[Int]](repeating: [], count: count)
    // Dealing on from fold to fold across groups keeps both the groups and the folds even.
    for (place, row) in shuffledGroups(rows, strata: strata, seed: seed).flatMap(\.self).enumerated() {
      folds[place % count].append(row)
    }
    return folds.indices.map { held in
      let train = folds.indices.filter { $0 != held }.flatMap { folds[$0] }
      return Split(train: train.sorted(), validation: folds[held].sorted())
    }
  }

  private init(train: [Int], validation: [Int]) {
    self.train = train
    self.validation = validation
    self.test = []
  }
}

extension Table {
  /// Splits the rows that have a target, in equal shares of each class when the task is a classification.
  public func split(
    predicting target: String, validation: Double = 0.15, test: Double = 0.15, seed: UInt64, task: PredictionTask? = nil
  ) throws(DataError) -> Split {
    let rows = try rowsWithValue(in: target)
    let strata = try strata(of: target, rows: rows, task: task)
    return try Split(rows: rows, validation: validation, test: test, seed: seed, strata: strata)
  }

  /// Folds of the rows that have a target, in equal shares of each class when the task is a classification.
  public func folds(
    _ count: Int, predicting target: String, seed: UInt64, task: PredictionTask? = nil
  ) throws(DataError) -> [Split] {
    let rows = try rowsWithValue(in: target)
    return try Split.folds(count, of: rows, seed: seed, strata: try strata(of: target, rows: rows, task: task))
  }

  private func strata(of target: String, rows: [Int], task: PredictionTask?) throws(DataError) -> [Int]? {
    guard try chosenTask(task, predicting: target) == .classification else { return nil }
    let column = try column(target)
    guard case .category(_, let codes) = column.asCategories().values else { return nil }
    return rows.map { Int(codes[$0]) }
  }
}

/// The rows in a drawn order, parted by group in rising order of the groups.
private func shuffledGroups(_ rows: [Int], strata: [Int]?, seed: UInt64) -> [[Int]] {
  let order = shuffledIndices(count: rows.count, seed: seed)
  guard let strata else { return [order.map { rows[$0] }] }
  precondition(strata.count == rows.count, "Expected a group for each of \(rows.count) rows, found \(strata.count).")
  let groups = Dictionary(grouping: order) { strata[$0] }
  return groups.sorted { $0.key < $1.key }.map { $0.value.map { rows[$0] } }
}

/// Removes `count` rows from the ends of the groups in proportion to `sizes`, by largest remainders; each group keeps
/// one row as long as any other has more to give.
private func take(_ count: Int, from groups: inout [[Int]], inProportionTo sizes: [Int]) -> [Int] {
  let total = max(1, sizes.reduce(0, +))
  var counts = groups.indices.map { min(sizes[$0] * count / total, max(0, groups[$0].count - 1)) }
  let byRemainder = groups.indices.sorted { left, right in
    let (leftRest, rightRest) = (sizes[left] * count % total, sizes[right] * count % total)
    return leftRest == rightRest ? left < right : leftRest > rightRest
  }
  var open = count - counts.reduce(0, +)
  for kept in [1, 0] {
    var isExhausted = false
    while open > 0, !isExhausted {
      isExhausted = true
      for group in byRemainder where open > 0 && groups[group].count - counts[group] > kept {
        counts[group] += 1
        open -= 1
        isExhausted = false
      }
    }
  }
  var taken: [Int] = []
  for group in groups.indices {
    taken += groups[group].suffix(counts[group])
    groups[group].removeLast(counts[group])
  }
  return taken.sorted()
}
