/// What was filled in, unknown or different from the training table while encoding.
public struct EncodingReport: Sendable, Equatable {
  /// Missing numbers of a column and the training median that stood in for them.
  public struct Missing: Sendable, Equatable {
    public let column: String
    public let count: Int
    /// The median, or nil for a column of categories, where nothing is filled in.
    public let median: Double?
  }

  /// Cells of a column whose category has no feature.
  public struct Unseen: Sendable, Equatable {
    public let column: String
    public let count: Int
    /// The different categories, in order of appearance.
    public let categories: [String]
  }

  public private(set) var missing: [Missing] = []
  public private(set) var unseen: [Unseen] = []
  /// Columns of the table that the training table did not have.
  public let extraColumns: [String]
  public let targetIsAbsent: Bool
  /// Whether the columns both tables have come in another order than in training.
  public let isReordered: Bool
  private let source: String
  private let target: String

  init(comparing table: Table, with preprocessing: TablePreprocessing) {
    let known = preprocessing.columns.map(\.name)
    let common = table.columnNames.filter(Set(known).contains)
    extraColumns = table.columnNames.filter { $0 != preprocessing.target && !known.contains($0) }
    targetIsAbsent = table[preprocessing.target] == nil
    isReordered = common != known.filter { table[$0] != nil }
    source = table.source
    target = preprocessing.target
  }

  mutating func count(missing count: Int, in column: String, filledWith median: Double?) {
    if count > 0 { missing.append(Missing(column: column, count: count, median: median)) }
  }

  mutating func count(_ matches: [LevelReading.Match], in column: String) {
    var missingCount = 0
    var unknown: [String] = []
    for match in matches {
      switch match {
      case .level: continue
      case .missing: missingCount += 1
      case .unknown(let text): unknown.append(text)
      }
    }
    count(missing: missingCount, in: column, filledWith: nil)
    guard !unknown.isEmpty else { return }
    var seen: Set<String> = []
    unseen.append(Unseen(column: column, count: unknown.count, categories: unknown.filter { seen.insert($0).inserted }))
  }

  /// One line on how the table's columns differ from the training table's, or nil when they do not.
  public var columnNote: String? {
    var parts: [String] = []
    if targetIsAbsent { parts.append("the column to predict, \"\(target)\", is absent") }
    if !extraColumns.isEmpty {
      parts.append("\(counted(extraColumns.count, "extra column")) ignored (\(listed(extraColumns)))")
    }
    if isReordered { parts.append("the columns come in another order") }
    return parts.isEmpty ? nil : "\(source): \(parts.joined(separator: "; "))."
  }

  /// `columnNote`, then one sentence for each column with missing values or unknown categories.
  public var sentences: [String] {
    let filled = missing.map { entry in
      let cells = counted(entry.count, "missing value")
      return if let median = entry.median {
        "\(entry.column): \(cells) replaced by the training median \(shortText(median))."
      } else {
        "\(entry.column): \(cells), encoded as none of the categories."
      }
    }
    let unknown = unseen.map { entry in
      "\(entry.column): \(counted(entry.count, "value")) of no category known from training "
        + "(\(listed(entry.categories))), encoded as none of the categories."
    }
    return [columnNote].compactMap(\.self) + filled + unknown
  }
}
