/// Dates at steps that are equal, or nearly so: `2024`, `2024-05`, `2024-05-31` or `2024-05-31 18:30`.
package struct CalendarDates: Sendable {
  private let unit: Unit
  private let last: Int
  private let separator: Character
  /// How many units lie between two dates, most often.
  private let step: Int
  /// How many steps are longer or shorter than most.
  package let irregularCount: Int
  /// As messages call the steps between dates, such as `1 month`.
  package var stepText: String { counted(step, unit.rawValue) }

  private enum Unit: String { case year, month, day, minute, second }

  /// Reads the dates of a column.
  ///
  /// - Throws: `SeriesError` if one is no date, or of another kind than the first, or they are not in order.
  package init(_ texts: [String], place: (_ row: Int) -> String) throws(SeriesError) {
    var numbers: [Int] = []
    var unit: Unit?
    for (row, text) in texts.enumerated() {
      guard let (number, kind) = Self.number(text), unit ?? kind == kind else {
        throw .expectedDate(place: place(row), found: text)
      }
      unit = kind
      if let before = numbers.last, number <= before {
        throw number == before
          ? .repeatedDate(place: place(row), found: text)
          : .unsortedDates(place: place(row), found: text, before: texts[row - 1])
      }
      numbers.append(number)
    }
    self.unit = unit ?? .day
    last = numbers.last ?? 0
    separator = texts.last?.contains("T") == true ? "T" : " "
    let steps = zip(numbers.dropFirst(), numbers).map { $0 - $1 }
    let counts = Dictionary(steps.map { ($0, 1) }, uniquingKeysWith: +)
    let usual = counts.max { ($0.value, -$0.key) < ($1.value, -$1.key) }?.key ?? 1
    step = usual
    irregularCount = steps.count { $0 != usual }
  }

  static func isDate(_ text: String) -> Bool { number(text) != nil }

  /// The dates that follow the last.
  package func next(_ count: Int) -> [String] { (0..<count).map { text(last + ($0 + 1) * step) } }

  // MARK: - One date

  /// What it counts since the year 0.
  private static func number(_ text: String) -> (number: Int, unit: Unit)? {
    let halves = text.split(separator: text.contains("T") ? "T" : " ", omittingEmptySubsequences: false)
    guard let (day, unit) = dayNumber(halves[0]) else { return nil }
    if halves.count == 1 { return (day, unit) }
    guard halves.count == 2, unit == .day else { return nil }
    let parts = halves[1].split(separator: ":", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { digits($0, 2) }
    guard numbers.count == parts.count, 2...3 ~= parts.count, numbers[0] < 24, numbers[1...].allSatisfy({ $0 < 60 })
    else { return nil }
    let minute = (day * 24 + numbers[0]) * 60 + numbers[1]
    return numbers.count == 2 ? (minute, .minute) : (minute * 60 + numbers[2], .second)
  }

  private static func dayNumber(_ text: Substring) -> (number: Int, unit: Unit)? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard 1...3 ~= parts.count, let year = digits(parts[0], 4) else { return nil }
    if parts.count == 1 { return (year, .year) }
    guard let month = digits(parts[1], 2), 1...12 ~= month else { return nil }
    if parts.count == 2 { return (year * 12 + month - 1, .month) }
    guard let day = digits(parts[2], 2), 1...monthLength(year, month) ~= day else { return nil }
    return (daysBefore(year: year, month: month) + day - 1, .day)
  }

  private static func digits(_ text: Substring, _ count: Int) -> Int? {
    text.utf8.count == count && text.utf8.allSatisfy { 0x30..<0x3A ~= $0 } ? Int(text) : nil
  }

  private static func monthLength(_ year: Int, _ month: Int) -> Int {
    let isLeap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0
    return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
  }

  private static func daysBefore(year: Int, month: Int) -> Int {
    let leapDays = year == 0 ? 0 : (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 + 1
    return year * 365 + leapDays + (1..<month).reduce(0) { $0 + monthLength(year, $1) }
  }

  private func text(_ number: Int) -> String {
    switch unit {
    case .year: return Self.padded(number, 4)
    case .month: return "\(Self.padded(number / 12, 4))-\(Self.padded(number % 12 + 1))"
    case .day: return Self.dayText(number)
    case .minute:
      let time = "\(Self.padded(number / 60 % 24)):\(Self.padded(number % 60))"
      return "\(Self.dayText(number / 1440))\(separator)\(time)"
    case .second:
      let time = "\(Self.padded(number / 3600 % 24)):\(Self.padded(number / 60 % 60)):\(Self.padded(number % 60))"
      return "\(Self.dayText(number / 86_400))\(separator)\(time)"
    }
  }

  private static func dayText(_ number: Int) -> String {
    var year = number / 366
    while daysBefore(year: year + 1, month: 1) <= number { year += 1 }
    var month = 1
    while month < 12, daysBefore(year: year, month: month + 1) <= number { month += 1 }
    return "\(padded(year, 4))-\(padded(month))-\(padded(number - daysBefore(year: year, month: month) + 1))"
  }

  private static func padded(_ number: Int, _ width: Int = 2) -> String {
    let text = "\(number)"
    return String(repeating: "0", count: max(0, width - text.count)) + text
  }
}
