/// What becomes of one column of the table before the network sees it.
public struct ColumnEncoding: Sendable, Equatable, CustomStringConvertible {
  public enum Rule: Sendable, Equatable {
    /// (x - mean) / deviation, the median standing in for a missing value; with `flagsMissing`, a second feature
    /// is 1 where the value is missing and else 0.
    case number(mean: Double, deviation: Double, median: Double, flagsMissing: Bool)
    /// One feature a level, 1 where the cell holds it; a missing or unknown category is 0 in all. `otherCount`
    /// categories were too rare to get a feature.
    case oneHot(levels: [String], otherCount: Int)
    /// One feature: 1 where the cell is missing, the values themselves being all alike.
    case missingFlag
    /// No feature.
    case dropped(reason: String)
  }

  public let name: String
  public let rule: Rule

  /// A column of more categories than this keeps the most frequent ones.
  static let maximumLevels = 100

  /// Fits the rule to the training rows.
  ///
  /// A column is dropped when it has no value or only one; when it counts the rows from 0 or 1; or when it looks like
  /// an identifier: more than 10 categories, and different ones in more than half of the rows that have any.
  init(fitting column: Column, rows: [Int], table: Table) throws(DataError) {
    name = column.name
    let distinct = column.distinctValues(in: rows)
    let hasMissing = distinct.presentCount < rows.count
    if let reason = Self.identifierReason(column, distinct: distinct, rows: rows) {
      rule = .dropped(reason: reason)
    } else if distinct.count == 0 {
      rule = .dropped(reason: "no value in the training rows")
    } else if case .number(let numbers) = column.values {
      let present = rows.map { numbers[$0] }.filter { !$0.isNaN }
      let statistics = try NumberStatistics(present, rows: rows, column: column, table: table)
      if statistics.deviation > 0 {
        rule = .number(
          mean: statistics.mean, deviation: statistics.deviation, median: statistics.median, flagsMissing: hasMissing)
      } else {
        rule = hasMissing ? .missingFlag : .dropped(reason: "constant, always \(numberText(present[0]))")
      }
    } else if distinct.count == 1, !hasMissing {
      rule = .dropped(reason: "constant, always \"\(distinct.texts[0].text)\"")
    } else {
      let frequent = distinct.texts.sorted { ($1.count, $0.text) < ($0.count, $1.text) }.prefix(Self.maximumLevels)
      rule = .oneHot(levels: sortedLevels(frequent.map(\.text)), otherCount: distinct.count - frequent.count)
    }
  }

  init(name: String, rule: Rule) {
    self.name = name
    self.rule = rule
  }

  /// Why a column identifies rows rather than describes them, or nil.
  static func identifierReason(_ column: Column, distinct: DistinctValues, rows: [Int]) -> String? {
    switch column.values {
    case .number(let numbers):
      guard rows.count > 2, let first = rows.first else { return nil }
      let start = numbers[first] - Double(first)
      let countsRows = (start == 0 || start == 1) && rows.allSatisfy { numbers[$0] == Double($0) + start }
      return countsRows ? "it only counts the rows" : nil
    case .category:
      guard distinct.count > 10, 2 * distinct.count > distinct.presentCount else { return nil }
      return "looks like an identifier, \(distinct.count) different values in \(distinct.presentCount) rows"
    }
  }

  /// The names of the features this column becomes.
  public var featureNames: [String] {
    switch rule {
    case .number(_, _, _, let flagsMissing): flagsMissing ? [name, "\(name) missing"] : [name]
    case .oneHot(let levels, _): levels.map { "\(name)=\($0)" }
    case .missingFlag: ["\(name) missing"]
    case .dropped: []
    }
  }

  public var description: String {
    switch rule {
    case .number(let mean, let deviation, let median, let flagsMissing):
      "\(name): number, standardised (mean \(shortText(mean)), deviation \(shortText(deviation)))"
        + (flagsMissing ? ", missing values become the median \(shortText(median)) and are flagged" : "")
    case .oneHot(let levels, 0):
      "\(name): \(counted(levels.count, "category", "categories")), one-hot"
    case .oneHot(let levels, let otherCount):
      "\(name): the \(levels.count) most frequent of \(levels.count + otherCount) categories, one-hot"
    case .missingFlag:
      "\(name): constant where it is not missing, only flagged as missing or not"
    case .dropped(let reason):
      "\(name): dropped (\(reason))"
    }
  }
}
