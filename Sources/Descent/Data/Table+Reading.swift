extension Table {
  /// Reads a CSV file of UTF-8 text; a column whose cells are all numbers or missing is numeric, any other categories.
  ///
  /// The delimiter is found among comma, semicolon, tab and pipe unless it is given.
  ///
  /// - Throws: `CSVError` with file, line and column of what is wrong.
  public init(
    csv path: String, delimiter: Character? = nil, header: CSVHeader = .expected
  ) throws(CSVError) {
    let bytes = try readBytes(path)
    try self.init(csvBytes: bytes, source: path, delimiter: delimiter, header: header)
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
    try self.init(csvBytes: bytes, source: source, delimiter: delimiter, header: header, keepingSpelling: false)
  }

  /// - Parameter keepsSpelling: Whether the table is written with the very texts of its cells, such as `007`, `1.50` and
  ///   `NA`; numbers with a decimal comma are not kept, because they would be texts in a comma-separated file.
  package init(
    csvBytes bytes: [UInt8], source: String, delimiter: Character?, header: CSVHeader = .expected,
    keepingSpelling keepsSpelling: Bool
  ) throws(CSVError) {
    let reader = try CSVReader(bytes: bytes, file: source, delimiter: delimiter, header: header)
    let columns = try reader.names.indices.map { column throws(CSVError) in
      try reader.typedColumn(column, file: source, keepingSpelling: keepsSpelling)
    }
    self.init(columns: columns, rowCount: reader.rowCount, source: source, lines: reader.rowLines)
  }
}

extension CSVReader {
  fileprivate func typedColumn(
    _ column: Int, file: String, keepingSpelling keepsSpelling: Bool
  ) throws(CSVError) -> Column {
    func spelling() -> [String]? {
      keepsSpelling ? (0..<rowCount).map { text(row: $0, column: column) } : nil
    }
    let styles: [NumberStyle] =
      switch delimiter {
      case Byte.comma: [.groupedByCommas]
      case Byte.semicolon: [.point, .decimalComma]
      default: [.point]
      }
    for style in styles {
      if let numbers = numbers(inColumn: column, style: style) {
        return Column(
          names[column], values: .number(numbers), spelling: style == .decimalComma ? nil : spelling())
      }
    }
    if let row = styles.lazy.compactMap({ rowOfInfinity(amongNumbersOf: column, style: $0) }).first {
      throw .notFinite(
        file: file, line: rowLines[row], column: names[column], found: text(row: row, column: column))
    }
    var builder = CategoryBuilder()
    for row in 0..<rowCount {
      let cell = cell(row: row, column: column)
      let isMissing = CellTyping.isMissing(bytes, in: CellTyping.trimmed(bytes, cell.start, cell.end))
      let text = cell.text(in: bytes)
      guard CombiningMarks.areFew(in: text) else {
        throw .tooManyMarks(file: file, line: rowLines[row], column: names[column])
      }
      builder.append(isMissing ? nil : text)
    }
    return Column(names[column], values: builder.values, spelling: spelling())
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
  /// The first row with an infinity, or a number too large to be held, in a column whose other cells are numbers or
  /// missing; nil for other columns.
  private func rowOfInfinity(amongNumbersOf column: Int, style: NumberStyle) -> Int? {
    var first: Int?
    var hasNumbers = false
    for row in 0..<rowCount {
      let cell = cell(row: row, column: column)
      let range = CellTyping.trimmed(bytes, cell.start, cell.end)
      if CellTyping.number(bytes, in: range, style: style) != nil {
        hasNumbers = true
      } else if CellTyping.isInfinite(bytes, in: range, style: style) {
        first = first ?? row
      } else if !CellTyping.isMissing(bytes, in: range) {
        return nil
      }
    }
    return hasNumbers ? first : nil
  }
}
