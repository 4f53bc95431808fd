/// The values of a column in the order of time, with their dates if the table has any.
struct TimeSeries: Sendable {
  let name: String
  let source: String
  let values: [Double]
  let dates: CalendarDates?
  let dateColumn: String?
  /// As messages and forecasts call the values: the texts of the dates, or the numbers of the rows.
  let labels: [String]

  /// - Parameters:
  ///   - name: the column of the values.
  ///   - dates: the column of the dates; nil takes the first other column that holds dates alone.
  /// - Throws: `SeriesError.expectedDate` too if no column holds dates alone, but one would but for a few cells.
  init(_ table: Table, column name: String, dates chosen: String?) throws(SeriesError) {
    self.name = name
    source = table.source
    values = try Self.values(table, name)
    if let chosen {
      dateColumn = chosen
    } else if let found = Self.dateColumn(of: table, besides: name) {
      dateColumn = found
    } else {
      try Self.checkForNearlyDates(table, besides: name)
      dateColumn = nil
    }
    if let dateColumn {
      let column = try seriesErrors { () throws(DataError) in try table.column(dateColumn) }
      labels = (0..<table.rowCount).map { column.text(at: $0) ?? "" }
      dates = try CalendarDates(labels) { table.place(row: $0, column: dateColumn) }
    } else {
      labels = (0..<table.rowCount).map { "\($0 + 1)" }
      dates = nil
    }
  }

  private static func values(_ table: Table, _ name: String) throws(SeriesError) -> [Double] {
    let column = try seriesErrors { () throws(DataError) in try table.column(name) }
    guard case .number(let numbers) = column.values else {
      let row = (0..<column.count).first { row in column.text(at: row).map { Double($0) == nil } ?? true } ?? 0
      guard let found = column.text(at: row) else {
        throw .missingValue(place: table.place(row: row, column: name))
      }
      throw .data(.expectedNumber(place: table.place(row: row, column: name), found: found))
    }
    if let row = numbers.firstIndex(where: \.isNaN) { throw .missingValue(place: table.place(row: row, column: name)) }
    // Squares and differences of the values must be finite too.
    if let row = numbers.firstIndex(where: { $0.magnitude > 1e100 }) {
      throw .data(.valueTooLarge(place: table.place(row: row, column: name), found: "\(numbers[row])"))
    }
    return numbers
  }

  private static func dateColumn(of table: Table, besides name: String) -> String? {
    table.columns.first { column in
      guard column.name != name, case .category(let levels, _) = column.values else { return false }
      return !levels.isEmpty && column.missingCount == 0 && levels.allSatisfy(CalendarDates.isDate)
    }?.name
  }

  /// Without their dates, their order and those that come twice would go unnoticed.
  private static func checkForNearlyDates(_ table: Table, besides name: String) throws(SeriesError) {
    for column in table.columns where column.name != name {
      guard case .category(let levels, let codes) = column.values else { continue }
      let areDates = levels.map(CalendarDates.isDate)
      let wrong = codes.indices.filter { codes[$0] < 0 || !areDates[Int(codes[$0])] }
      guard let row = wrong.first, wrong.count * 20 < table.rowCount else { continue }
      throw .expectedDate(place: table.place(row: row, column: column.name), found: column.text(at: row) ?? "")
    }
  }

  /// What the values that follow are called, and whether these are dates.
  func nextLabels(_ count: Int) -> (texts: [String], areDates: Bool) {
    if let dates, dates.isRegular { return (dates.next(count), true) }
    return ((0..<count).map { "\(values.count + $0 + 1)" }, false)
  }
}

/// Runs code that throws `DataError` where `SeriesError` is thrown.
func seriesErrors<R>(_ body: () throws(DataError) -> R) throws(SeriesError) -> R {
  do {
    return try body()
  } catch {
    throw .data(error)
  }
}
