/// Numbers in rows and columns as shades, with names on both sides: confusion matrices, attention maps, correlations.
///
/// Values that are not finite are hatched. Shades run from the least value, or 0, to the largest; where some values
/// are below 0, two colours run from 0 to the largest magnitude.
public struct HeatMap: Chart {
  public var title: String
  public var note: String
  /// What the rows and the columns are.
  public var rowTitle: String
  public var columnTitle: String
  public var rows: [String]
  public var columns: [String]
  /// [row, column]
  public var values: [[Double]]
  /// What stands in the cells, [row, column]; nil writes the values where they fit.
  public var texts: [[String]]?
  /// What the shades run over; nil takes the values' own range.
  public var range: ClosedRange<Double>?

  public init(
    _ title: String, rowTitle: String = "", rows: [String], columnTitle: String = "", columns: [String],
    values: [[Double]], texts: [[String]]? = nil, range: ClosedRange<Double>? = nil, note: String = ""
  ) {
    for grid in [values.map(\.count), texts?.map(\.count)].compactMap(\.self) {
      precondition(
        grid.count == rows.count && grid.allSatisfy { $0 == columns.count },
        "HeatMap: expects \(rows.count) rows of \(columns.count) cells")
    }
    self.title = title
    self.note = note
    self.rowTitle = rowTitle
    self.columnTitle = columnTitle
    self.rows = rows
    self.columns = columns
    self.values = values
    self.texts = texts
    self.range = range
  }

  /// How often each class was taken for each: rows are the actual classes, columns the predicted ones; the shade of a
  /// cell is its share of the row.
  public init(
    confusion title: String, counts: [[Int]], classNames: [String],
    note: String = "Shades are shares of a row: of the rows of a class, how many were taken for which."
  ) {
    let shares = counts.map { row in
      let total = row.reduce(0, +)
      return row.map { total == 0 ? 0 : Double($0) / Double(total) }
    }
    self.init(
      title, rowTitle: "actual", rows: classNames, columnTitle: "predicted", columns: classNames, values: shares,
      texts: counts.map { $0.map { "\($0)" } }, range: 0...1, note: note)
  }

  public func drawing() -> ChartDrawing { HeatMapDrawing(self).drawing() }
}
