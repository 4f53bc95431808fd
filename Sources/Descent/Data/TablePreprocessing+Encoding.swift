/// Rows of a table as numbers.
public struct EncodedFeatures: Sendable, Equatable {
  /// Row-major values.  // [rowCount, names.count]
  public let values: [Float]
  public let rowCount: Int
  public let names: [String]
  public let report: EncodingReport
}

extension TablePreprocessing {
  /// Encodes `rows` (nil: all) of `table`, whose columns may come in any order, with others besides.
  ///
  /// - Throws: `DataError` when a column is absent, or a cell is not a number where one is needed.
  public func encode(_ table: Table, rows: [Int]? = nil) throws(DataError) -> EncodedFeatures {
    let rows = rows ?? Array(0..<table.rowCount)
    let names = featureNames
    var writer = FeatureWriter(rowCount: rows.count, width: names.count)
    var report = EncodingReport(comparing: table, with: self)
    for encoding in columns {
      if case .dropped = encoding.rule { continue }
      guard let column = table[encoding.name] else {
        throw .missingFeature(source: table.source, name: encoding.name, available: table.columnNames)
      }
      switch encoding.rule {
      case .number(let mean, let deviation, let median, let flagsMissing):
        let numbers = try NumberReading(column, of: table).values(at: rows)
        let scaled = numbers.map { Float((($0.isNaN ? median : $0) - mean) / deviation) }
        if let place = scaled.firstIndex(where: { !$0.isFinite }) {
          throw .valueTooLarge(
            place: table.place(row: rows[place], column: column.name), found: numberText(numbers[place]))
        }
        writer.append(scaled)
        if flagsMissing { writer.append(numbers.map { $0.isNaN ? 1 : 0 }) }
        report.count(missing: numbers.count { $0.isNaN }, in: column.name, filledWith: median)
      case .oneHot(let levels, _):
        let matches = LevelReading(column, levels: levels).matches(at: rows)
        writer.append(oneHot: matches, width: levels.count)
        report.count(matches, in: column.name)
      case .missingFlag:
        writer.append(rows.map { column.isMissing(at: $0) ? 1 : 0 })
      case .dropped:
        continue
      }
    }
    return EncodedFeatures(values: writer.values, rowCount: rows.count, names: names, report: report)
  }

  /// Encodes the targets of those of `rows` (nil: all) that have one.
  ///
  /// - Throws: `DataError` when the column is absent, or holds text for a regression or a class unknown from training.
  public func encodeTargets(_ table: Table, rows: [Int]? = nil) throws(DataError) -> EncodedTargets {
    let column = try table.column(target)
    let all = rows ?? Array(0..<table.rowCount)
    let rows = all.filter { !column.isMissing(at: $0) }
    var values: [Float] = []
    var positions: [Int] = []
    switch targetEncoding {
    case .regression(let mean, let deviation):
      let numbers = try NumberReading(column, of: table).values(at: rows)
      values = numbers.map { Float(($0 - mean) / deviation) }
      if let place = values.firstIndex(where: { !$0.isFinite }) {
        throw .valueTooLarge(place: table.place(row: rows[place], column: target), found: numberText(numbers[place]))
      }
    case .classification(let classes):
      for (row, match) in zip(rows, LevelReading(column, levels: classes).matches(at: rows)) {
        switch match {
        case .level(let position): positions.append(position)
        case .unknown(let text):
          throw .unknownClass(place: table.place(row: row, column: target), found: text, classes: classes)
        case .missing: preconditionFailure("Rows without a target were filtered out.")
        }
      }
      values = positions.map { Float($0) }
    }
    return EncodedTargets(rows: rows, values: values, classes: positions, droppedCount: all.count - rows.count)
  }
}

/// Fills the row-major matrix feature by feature.
private struct FeatureWriter {
  private let width: Int
  private var feature = 0
  private(set) var values: [Float]

  init(rowCount: Int, width: Int) {
    self.width = width
    values = [Float](repeating: 0, count: rowCount * width)
  }

  mutating func append(_ column: [Float]) {
    for (row, value) in column.enumerated() { values[row * width + feature] = value }
    feature += 1
  }

  mutating func append(oneHot matches: [LevelReading.Match], width levels: Int) {
    for (row, match) in matches.enumerated() {
      if case .level(let level) = match { values[row * width + feature + level] = 1 }
    }
    feature += levels
  }
}
