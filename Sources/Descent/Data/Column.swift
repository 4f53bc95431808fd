/// A named column of a table: numbers, or categories; a cell may be missing.
public struct Column: Sendable, Equatable {
  public enum Values: Sendable {
    /// One number a row; NaN where the value is missing.
    case number([Double])
    /// One index into `levels` a row; -1 where the value is missing.
    case category(levels: [String], codes: [Int32])
  }

  public let name: String
  public let values: Values
  /// The cells as their file spells them, for a table that is written again; no part of what the column means.
  let spelling: [String]?

  /// A numeric column; NaN marks a missing value, infinities are a programming error.
  public init(_ name: String, numbers: [Double]) {
    precondition(
      !numbers.contains { $0.isInfinite }, "Column \"\(name)\" holds an infinite value, expected finite ones.")
    self.init(name, values: .number(numbers))
  }

  /// A column of categories in order of first appearance; nil marks a missing value.
  public init(_ name: String, texts: [String?]) {
    var builder = CategoryBuilder()
    for text in texts { builder.append(text) }
    self.init(name, values: builder.values)
  }

  init(_ name: String, values: Values, spelling: [String]? = nil) {
    self.name = name
    self.values = values
    self.spelling = spelling
  }

  public var count: Int {
    switch values {
    case .number(let numbers): numbers.count
    case .category(_, let codes): codes.count
    }
  }

  public var isNumeric: Bool {
    if case .number = values { true } else { false }
  }

  public var missingCount: Int {
    switch values {
    case .number(let numbers): numbers.reduce(0) { $1.isNaN ? $0 + 1 : $0 }
    case .category(_, let codes): codes.reduce(0) { $1 < 0 ? $0 + 1 : $0 }
    }
  }

  public func isMissing(at row: Int) -> Bool {
    switch values {
    case .number(let numbers): numbers[row].isNaN
    case .category(_, let codes): codes[row] < 0
    }
  }

  /// The cell as text, as `write(csv:)` spells it; nil where it is missing.
  public func text(at row: Int) -> String? {
    switch values {
    case .number(let numbers): numbers[row].isNaN ? nil : numberText(numbers[row])
    case .category(let levels, let codes): codes[row] < 0 ? nil : levels[Int(codes[row])]
    }
  }

  /// The cells at `rows`, in that order.
  public func selecting(rows: [Int]) -> Column {
    let spelling = spelling.map { all in rows.map { all[$0] } }
    return switch values {
    case .number(let numbers):
      Column(name, values: .number(rows.map { numbers[$0] }), spelling: spelling)
    case .category(let levels, let codes):
      Column(name, values: .category(levels: levels, codes: rows.map { codes[$0] }), spelling: spelling)
    }
  }

  /// The same cells as categories, so that numbers that are only codes (a class, a postcode) are not computed with.
  public func asCategories() -> Column {
    guard isNumeric else { return self }
    return Column(name, texts: (0..<count).map(text(at:)))
  }

  /// The distinct values that occur in `rows` (nil: everywhere): numbers in rising order, or categories.
  func distinctValues(in rows: [Int]? = nil) -> DistinctValues {
    switch values {
    case .number(let numbers):
      let present = (rows.map { $0.map { numbers[$0] } } ?? numbers).filter { !$0.isNaN }.sorted()
      var distinct: [Double] = []
      for number in present where number != distinct.last { distinct.append(number) }
      return DistinctValues(presentCount: present.count, numbers: distinct, texts: [])
    case .category(let levels, let codes):
      var counts = [Int](repeating: 0, count: levels.count)
      for code in rows.map({ $0.map { codes[$0] } }) ?? codes where code >= 0 { counts[Int(code)] += 1 }
      let used = levels.indices.filter { counts[$0] > 0 }.map { (text: levels[$0], count: counts[$0]) }
      return DistinctValues(presentCount: counts.reduce(0, +), numbers: [], texts: used)
    }
  }

  public static func == (left: Column, right: Column) -> Bool {
    guard left.name == right.name else { return false }
    switch (left.values, right.values) {
    case (.number(let left), .number(let right)):
      return left.elementsEqual(right) { $0 == $1 || ($0.isNaN && $1.isNaN) }
    case (.category(let leftLevels, let leftCodes), .category(let rightLevels, let rightCodes)):
      if leftLevels == rightLevels { return leftCodes == rightCodes }
      return leftCodes.elementsEqual(rightCodes) { left, right in
        left < 0 || right < 0 ? left == right : leftLevels[Int(left)] == rightLevels[Int(right)]
      }
    case (.number, .category), (.category, .number):
      return false
    }
  }
}

/// The different values of a column and how many cells hold one.
struct DistinctValues {
  let presentCount: Int
  let numbers: [Double]
  let texts: [(text: String, count: Int)]

  var count: Int { numbers.count + texts.count }
}

/// Collects categories in order of first appearance.
struct CategoryBuilder {
  private var codeOfLevel: [String: Int32] = [:]
  private var levels: [String] = []
  private var codes: [Int32] = []

  mutating func append(_ text: String?) {
    guard let text else { return codes.append(-1) }
    if let code = codeOfLevel[text] { return codes.append(code) }
    let code = Int32(levels.count)
    codeOfLevel[text] = code
    levels.append(text)
    codes.append(code)
  }

  var values: Column.Values { .category(levels: levels, codes: codes) }
}
