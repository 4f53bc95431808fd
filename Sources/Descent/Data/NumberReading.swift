/// Reads a column as numbers, whatever its kind; the first cell that is not one is an error with its place.
struct NumberReading {
  private let column: Column
  private let table: Table
  private let numberOfLevel: [Double?]

  init(_ column: Column, of table: Table) {
    self.column = column
    self.table = table
    if case .category(let levels, _) = column.values {
      numberOfLevel = levels.map { CellTyping.number($0) }
    } else {
      numberOfLevel = []
    }
  }

  /// The numbers at `rows`; NaN where the cell is missing.
  func values(at rows: [Int]) throws(DataError) -> [Double] {
    switch column.values {
    case .number(let numbers):
      return rows.map { numbers[$0] }
    case .category(let levels, let codes):
      var numbers: [Double] = []
      for row in rows {
        let code = Int(codes[row])
        if code < 0 {
          numbers.append(.nan)
        } else if let number = numberOfLevel[code] {
          numbers.append(number)
        } else {
          throw .expectedNumber(place: table.place(row: row, column: column.name), found: levels[code])
        }
      }
      return numbers
    }
  }
}

/// Matches the cells of a column, whatever its kind, with levels known from training; "01" and 1 are the same number.
struct LevelReading {
  private let column: Column
  private let positionOfLevel: [String: Int]
  private let positionOfNumber: [Double: Int]

  init(_ column: Column, levels: [String]) {
    self.column = column
    positionOfLevel = Dictionary(uniqueKeysWithValues: levels.enumerated().map { ($1, $0) })
    positionOfNumber = Dictionary(
      levels.enumerated().compactMap { position, level in CellTyping.number(level).map { ($0, position) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// One match a row: a position among the levels, an unknown text, or missing.
  enum Match {
    case level(Int)
    case unknown(String)
    case missing
  }

  func matches(at rows: [Int]) -> [Match] {
    switch column.values {
    case .number(let numbers):
      return rows.map { row in
        numbers[row].isNaN
          ? .missing : positionOfNumber[numbers[row]].map(Match.level) ?? .unknown(numberText(numbers[row]))
      }
    case .category(let levels, let codes):
      let ofLevel = levels.map { level in
        let position = positionOfLevel[level] ?? CellTyping.number(level).flatMap { positionOfNumber[$0] }
        return position.map(Match.level) ?? .unknown(level)
      }
      return rows.map { codes[$0] < 0 ? .missing : ofLevel[Int(codes[$0])] }
    }
  }
}

/// Mean, population standard deviation and median of the numbers of a column that are not missing.
struct NumberStatistics {
  let mean: Double
  let deviation: Double
  let median: Double

  /// The statistics of `numbers`, which are not empty and not NaN; `rows` serve to name a number that is too large.
  init(_ numbers: [Double], rows: [Int], column: Column, table: Table) throws(DataError) {
    let sorted = numbers.sorted()
    let (low, high) = (sorted[(sorted.count - 1) / 2], sorted[sorted.count / 2])
    median = low / 2 + high / 2
    mean = meanOfPresent(numbers)
    let centre = mean
    let variance = numbers.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / Double(numbers.count)
    guard variance.isFinite else {
      let largest = abs(sorted[0]) > abs(sorted[sorted.count - 1]) ? sorted[0] : sorted[sorted.count - 1]
      let row = rows.first { column.text(at: $0) == numberText(largest) } ?? rows[0]
      throw .valueTooLarge(place: table.place(row: row, column: column.name), found: numberText(largest))
    }
    // Squares of differences below 1e-140 are lost; those of their ratios are not.
    let spread = max(sorted[sorted.count - 1] - centre, centre - sorted[0])
    deviation =
      sorted.first == sorted.last
      ? 0
      : spread > 1e-140
        ? variance.squareRoot()
        : spread
          * (numbers.reduce(0) { $0 + ($1 - centre) / spread * (($1 - centre) / spread) } / Double(numbers.count))
          .squareRoot()
  }
}
