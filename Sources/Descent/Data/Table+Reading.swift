extension Table {
  /// Reads a CSV file of UTF-8 text; a column whose cells are all numbers or missing is numeric, any other categories.
  ///
  /// The delimiter is found among comma, semicolon, tab and pipe unless it is given.
  ///
  /// - Throws: `CSVError` with file, line and column of what is wrong.
  public init(
    csv path: String, delimiter: Character? = nil, header: CSVHeader = .expected
  ) throws(CSVError) {
    let bytes = try readCSVBytes(path)
    self.init(try CSVReader(bytes: bytes, file: path, delimiter: delimiter, header: header), source: path)
  }

  /// Reads CSV text that is already in memory; messages call it `source`.
  public init(
    csvText text: String, source: String = "CSV text", delimiter: Character? = nil, header: CSVHeader = .expected
  ) throws(CSVError) {
    try self.init(csvBytes: Array(text.utf8), source: source, delimiter: delimiter, header: header)
  }

  /// Reads the bytes of a CSV file that are already in memory; messages call them `source`.
  public init(
    csvBytes bytes: [UInt8], source: String = "CSV text", delimiter: Character? = nil, header: CSVHeader = .expected
  ) throws(CSVError) {
    self.init(try CSVReader(bytes: bytes, file: source, delimiter: delimiter, header: header), source: source)
  }

  private init(_ reader: CSVReader, source: String) {
    let columns = reader.names.indices.map { reader.typedColumn($0) }
    self.init(columns: columns, rowCount: reader.rowCount, source: source, lines: reader.rowLines)
  }
}

extension CSVReader {
  fileprivate func typedColumn(_ column: Int) -> Column {
    if let numbers = numbers(inColumn: column, style: delimiter == Byte.comma ? .groupedByCommas : .point) {
      return Column(names[column], values: .number(numbers))
    }
    if delimiter == Byte.semicolon, let numbers = numbers(inColumn: column, style: .decimalComma) {
      return Column(names[column], values: .number(numbers))
    }
    var builder = CategoryBuilder()
    for row in 0..<rowCount {
      let cell = cell(row: row, column: column)
      let isMissing = CellTyping.isMissing(bytes, in: CellTyping.trimmed(bytes, cell.start, cell.end))
      builder.append(isMissing ? nil : cell.text(in: bytes))
    }
    return Column(names[column], values: builder.values)
  }

  private func numbers(inColumn column: Int, style: NumberStyle) -> [Double]? {
    var numbers: [Double] = []
    numbers.reserveCapacity(rowCount)
    for row in 0..<rowCount {
      let cell = cell(row: row, column: column)
      let range = CellTyping.trimmed(bytes, cell.start, cell.end)
      // An unquoted cell of a comma-separated file has no comma, so grouping is possible in quoted cells alone.
      if let number = CellTyping.number(bytes, in: range, style: style) {
        numbers.append(number)
      } else if CellTyping.isMissing(bytes, in: range) {
        numbers.append(.nan)
      } else {
        return nil
      }
    }
    return numbers
  }
}
