/// Dates at steps that are equal, or nearly so: `2024`, `2024-05`, `2024-05-31` or `2024-05-31 18:30`.
///
/// Days may also be the same of each month, its last one, or those from Monday to Friday.
package struct CalendarDates: Sendable {
  private let unit: Unit
  private let separator: Character
  private let rhythm: CalendarRhythm
  private let last: Int
  /// The time of the day that all dates share, where their rhythm is one of days.
  private let time: Int
  private let isOfDays: Bool

  /// How many steps there are, and how many of them are longer or shorter than most.
  package let stepCount: Int
  package var irregularCount: Int { rhythm.irregularCount }

  /// Whether the dates that follow can be known: no more than a twentieth of the steps are other ones, or a single one.
  package var isRegular: Bool {
    irregularCount * 20 <= stepCount || irregularCount == 1 && stepCount > 2
  }

  /// As messages call the steps between dates, such as `1 month`.
  package var stepText: String { rhythm.text(isOfDays ? Unit.day.rawValue : unit.rawValue) }

  private enum Unit: String {
    case year, month, day, minute, second

    /// How many there are in a day; nil where days have nothing to do with it.
    var countInDay: Int? {
      switch self {
      case .year, .month: nil
      case .day: 1
      case .minute: 1440
      case .second: 86_400
      }
    }
  }

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
    separator = texts.last?.contains("T") == true ? "T" : " "
    stepCount = max(0, numbers.count - 1)
    // Times that are all the same leave days.
    if let size = unit?.countInDay, let first = numbers.first, numbers.allSatisfy({ ($0 - first) % size == 0 }) {
      time = first % size
      let days = numbers.map { $0 / size }
      rhythm = CalendarRhythm(ofDays: days)
      last = days.last ?? 0
      self.unit = unit ?? .day
      isOfDays = true
    } else {
      time = 0
      rhythm = CalendarRhythm(numbers)
      last = numbers.last ?? 0
      self.unit = unit ?? .day
      isOfDays = false
    }
  }

  static func isDate(_ text: String) -> Bool { number(text) != nil }

  /// The dates that follow the last.
  package func next(_ count: Int) -> [String] {
    (0..<count).map { index in
      let number = rhythm.number(index + 1, after: last)
      return text(isOfDays ? number * (unit.countInDay ?? 1) + time : number)
    }
  }

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
    guard let day = digits(parts[2], 2), 1...CalendarDay.monthLength(year, month) ~= day else { return nil }
    return (CalendarDay(year: year, month: month, day: day).number, .day)
  }

  private static func digits(_ text: Substring, _ count: Int) -> Int? {
    text.utf8.count == count && text.utf8.allSatisfy { 0x30..<0x3A ~= $0 } ? Int(text) : nil
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
    let day = CalendarDay(number)
    return "\(padded(day.year, 4))-\(padded(day.month))-\(padded(day.day))"
  }

  private static func padded(_ number: Int, _ width: Int = 2) -> String {
    let text = "\(number)"
    return String(repeating: "0", count: max(0, width - text.count)) + text
  }
}
