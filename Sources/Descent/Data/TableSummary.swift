/// What one column holds: its kind, how many cells are missing and, for numbers, their range and mean.
public struct ColumnSummary: Sendable, Equatable {
  public let name: String
  public let isNumeric: Bool
  public let missingCount: Int
  public let distinctCount: Int
  /// Smallest, mean and largest number; nil for categories and for a column without values.
  public let minimum: Double?
  public let mean: Double?
  public let maximum: Double?
  /// The most frequent category, the first in order among equals; nil for numbers and where no category repeats.
  public let mostFrequent: String?

  init(_ column: Column) {
    let distinct = column.distinctValues()
    name = column.name
    isNumeric = column.isNumeric
    missingCount = column.count - distinct.presentCount
    distinctCount = distinct.count
    minimum = distinct.numbers.first
    maximum = distinct.numbers.last
    if case .number(let numbers) = column.values, distinct.presentCount > 0 {
      mean = meanOfPresent(numbers)
    } else {
      mean = nil
    }
    let top = distinct.texts.map(\.count).max()
    mostFrequent = top == 1 && distinct.count > 1 ? nil : distinct.texts.first { $0.count == top }?.text
  }
}

/// The summaries of all columns; prints as an aligned text table.
public struct TableSummary: Sendable, Equatable, CustomStringConvertible {
  public let rowCount: Int
  public let columns: [ColumnSummary]

  public var description: String {
    let header = ["column", "kind", "missing", "distinct", "minimum", "mean", "maximum", "most frequent"]
    let rows = columns.map { column in
      [
        clipped(column.name), column.isNumeric ? "number" : "category", "\(column.missingCount)",
        "\(column.distinctCount)", column.minimum.map(shortText) ?? "", column.mean.map(shortText) ?? "",
        column.maximum.map(shortText) ?? "", clipped(column.mostFrequent ?? ""),
      ]
    }
    let rightAligned = [false, false, true, true, true, true, true, false]
    return alignedText(header: header, rows: rows, rightAligned: rightAligned)
      + "\(counted(rowCount, "row")) × \(counted(columns.count, "column"))"
  }
}

extension Table {
  /// Kind, missing and distinct values, minimum, mean and maximum of each column.
  public var summary: TableSummary {
    TableSummary(rowCount: rowCount, columns: columns.map(ColumnSummary.init))
  }
}

/// The mean of the numbers that are not NaN, updated one by one so that it cannot overflow before the numbers do.
func meanOfPresent(_ numbers: some Sequence<Double>) -> Double {
  var mean = 0.0
  var count = 0.0
  for number in numbers where !number.isNaN {
    count += 1
    mean += number / count - mean / count
  }
  return mean
}
