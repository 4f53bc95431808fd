/// Rows of a table parted into training, validation and test rows.
public struct Split: Sendable, Equatable {
  /// Row indices in rising order; the three have no row in common.
  public let train: [Int]
  public let validation: [Int]
  public let test: [Int]

  /// Draws test and validation rows from `rows`, the same for the same seed on every platform.
  ///
  /// Each part that is asked for gets its share of the rows, rounded, but at least one. With `strata` (a label for each
  /// of `rows`) each stratum gives its share to each part, and at least one row of each stays in training. With `groups`
  /// (a label for each of `rows`) the rows of a group stay together, and the shares are shares of the groups.
  ///
  /// - Throws: `DataError` when there are fewer rows or groups than parts.
  public init(
    rows: [Int], validation: Double = 0.15, test: Double = 0.15, seed: UInt64, strata: [Int]? = nil,
    groups: [Int]? = nil
  ) throws(DataError) {
    let units = SplitUnits(rows: rows, strata: strata, groups: groups)
    let sizes = try PartSizes(of: units, validation: validation, test: test)
    var open = units.shuffled(seed: seed)
    let strataSizes = open.map(\.count)
    self.test = units.rows(of: takeUnits(sizes.test, from: &open, inProportionTo: strataSizes))
    self.validation = units.rows(of: takeUnits(sizes.validation, from: &open, inProportionTo: strataSizes))
    self.train = units.rows(of: open.flatMap(\.self))
  }

  /// Splits the rows 0..<count.
  public init(
    count: Int, validation: Double = 0.15, test: Double = 0.15, seed: UInt64, strata: [Int]? = nil
  ) throws(DataError) {
    try self.init(rows: Array(0..<count), validation: validation, test: test, seed: seed, strata: strata)
  }

  /// Takes the first of `rows` for training, the next for validation and the last for test, as data in time need.
  ///
  /// - Throws: `DataError.tooFewRows` when there are fewer rows than parts.
  public init(inOrder rows: [Int], validation: Double = 0.15, test: Double = 0.15) throws(DataError) {
    let sizes = try PartSizes(
      of: SplitUnits(rows: rows, strata: nil, groups: nil), validation: validation, test: test)
    let testStart = rows.count - sizes.test
    let validationStart = testStart - sizes.validation
    self.train = rows[..<validationStart].sorted()
    self.validation = rows[validationStart..<testStart].sorted()
    self.test = rows[testStart...].sorted()
  }

  /// Parts `rows` into `count` folds for cross-validation; fold sizes, and those of each stratum, differ by at most one
  /// row (one group with `groups`). Each split has one fold as `validation`, all others as `train`, and no test rows.
  ///
  /// - Throws: `DataError` when there are fewer rows or groups than folds.
  public static func folds(
    _ count: Int, of rows: [Int], seed: UInt64, strata: [Int]? = nil, groups: [Int]? = nil
  ) throws(DataError) -> [Split] {
    precondition(count > 1, "Cross-validation needs at least 2 folds, found \(count).")
    let units = SplitUnits(rows: rows, strata: strata, groups: groups)
    try units.require(count, for: "\(count) folds")
    var folds = [[Int]](repeating: [], count: count)
    // Dealing on from fold to fold across strata keeps both the strata and the folds even.
    for (place, unit) in units.shuffled(seed: seed).flatMap(\.self).enumerated() {
      folds[place % count].append(unit)
    }
    return folds.indices.map { held in
      let others = folds.indices.filter { $0 != held }.flatMap { folds[$0] }
      return Split(train: units.rows(of: others), validation: units.rows(of: folds[held]))
    }
  }

  private init(train: [Int], validation: [Int]) {
    self.train = train
    self.validation = validation
    self.test = []
  }
}

/// How many units go to validation and test, so that each part asked for, training included, has at least one.
private struct PartSizes {
  let validation: Int
  let test: Int

  init(of units: SplitUnits, validation: Double, test: Double) throws(DataError) {
    precondition(
      validation >= 0 && test >= 0 && validation + test < 1,
      "The shares of validation (\(validation)) and test (\(test)) must not be negative and leave rows for training.")
    let parts = 1 + (validation > 0 ? 1 : 0) + (test > 0 ? 1 : 0)
    try units.require(parts, for: "a split into \(counted(parts, "part"))")
    func size(_ share: Double) -> Int { share == 0 ? 0 : max(1, Int((share * Double(units.count)).rounded())) }
    self.test = min(size(test), units.count - parts + 1)
    self.validation = min(size(validation), units.count - 1 - self.test)
  }
}
