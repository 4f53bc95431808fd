/// A table of named columns, each of numbers or of categories, that remembers which file and line a row came from.
///
/// ```swift
/// let fish = try Table(csv: "fish.csv")
/// print(fish)          // the first rows
/// print(fish.summary)  // kind, missing, distinct, minimum, mean, maximum of each column
/// ```
public struct Table: Sendable, Equatable {
  public let columns: [Column]
  public let rowCount: Int

  /// What messages call this table: the path it was read from, or "table".
  public let source: String

  private let lines: [Int]  // empty for a table that was not read from text
  private let positions: [String: Int]

  /// A table of `columns`; equal names or unequal lengths are a programming error.
  public init(columns: [Column]) {
    self.init(columns: columns, rowCount: columns.first?.count ?? 0, source: "table", lines: [])
  }

  init(columns: [Column], rowCount: Int, source: String, lines: [Int]) {
    var positions: [String: Int] = [:]
    for (position, column) in columns.enumerated() {
      precondition(
        column.count == rowCount,
        "Column \"\(column.name)\" has \(counted(column.count, "row")), expected \(rowCount) as in the first column.")
      precondition(
        positions.updateValue(position, forKey: column.name) == nil, "Two columns are named \"\(column.name)\".")
    }
    self.columns = columns
    self.rowCount = rowCount
    self.source = source
    self.lines = lines
    self.positions = positions
  }

  public var columnNames: [String] { columns.map(\.name) }

  /// The column named `name`, or nil.
  public subscript(name: String) -> Column? { positions[name].map { columns[$0] } }

  /// The column named `name`.
  ///
  /// - Throws: `DataError.noSuchColumn`, with the nearest name there is.
  public func column(_ name: String) throws(DataError) -> Column {
    guard let column = self[name] else {
      throw .noSuchColumn(source: source, name: name, available: columnNames)
    }
    return column
  }

  /// The physical line, from 1, on which a row starts in its file; nil for a table that was not read from text.
  public func line(ofRow row: Int) -> Int? { lines.isEmpty ? nil : lines[row] }

  /// The named columns, in the order given.
  public func selecting(_ names: [String]) throws(DataError) -> Table {
    var chosen: [Column] = []
    for name in names { chosen.append(try column(name)) }
    return Table(columns: chosen, rowCount: rowCount, source: source, lines: lines)
  }

  /// All columns but the named ones.
  public func dropping(_ names: [String]) throws(DataError) -> Table {
    for name in names { _ = try column(name) }
    let kept = columns.filter { !names.contains($0.name) }
    return Table(columns: kept, rowCount: rowCount, source: source, lines: lines)
  }

  /// The table with `column` added at the end, or in the place of the column of the same name.
  public func setting(_ column: Column) -> Table {
    var changed = columns
    if let position = positions[column.name] {
      changed[position] = column
    } else {
      changed.append(column)
    }
    let rowCount = columns.isEmpty ? column.count : rowCount
    return Table(columns: changed, rowCount: rowCount, source: source, lines: lines)
  }

  /// The rows at `indices`, in that order; an index may come more than once.
  public func rows(in indices: [Int]) -> Table {
    Table(
      columns: columns.map { $0.selecting(rows: indices) }, rowCount: indices.count, source: source,
      lines: lines.isEmpty ? [] : indices.map { lines[$0] })
  }

  /// The indices of the rows that have a value in the named column.
  public func rowsWithValue(in name: String) throws(DataError) -> [Int] {
    let column = try column(name)
    return (0..<rowCount).filter { !column.isMissing(at: $0) }
  }

  /// Where a cell is, for messages: `fish.csv, line 17, column "Height"`.
  func place(row: Int, column: String? = nil) -> String {
    sourcePlace(source, line: line(ofRow: row), row: row, column: column)
  }

  /// Tables are equal when their columns are: the same names, kinds and cells in the same order.
  public static func == (left: Table, right: Table) -> Bool {
    left.rowCount == right.rowCount && left.columns == right.columns
  }
}
