/// A day of the Gregorian calendar, and its number since the first one of the year 0.
struct CalendarDay {
  let year: Int
  let month: Int
  let day: Int

  var isLastOfMonth: Bool { day == Self.monthLength(year, month) }
  var monthNumber: Int { year * 12 + month - 1 }
  var number: Int { Self.daysBefore(year: year, month: month) + day - 1 }

  init(year: Int, month: Int, day: Int) {
    (self.year, self.month, self.day) = (year, month, day)
  }

  init(_ number: Int) {
    var year = number / 366
    while Self.daysBefore(year: year + 1, month: 1) <= number { year += 1 }
    var month = 1
    while month < 12, Self.daysBefore(year: year, month: month + 1) <= number { month += 1 }
    self.init(year: year, month: month, day: number - Self.daysBefore(year: year, month: month) + 1)
  }

  static func monthLength(_ year: Int, _ month: Int) -> Int {
    let isLeap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0
    return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
  }

  private static func daysBefore(year: Int, month: Int) -> Int {
    let leapDays = year == 0 ? 0 : (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 + 1
    return year * 365 + leapDays + (1..<month).reduce(0) { $0 + monthLength(year, $1) }
  }
}

/// What lies between dates, most often: so many units, months, or days from Monday to Friday.
struct CalendarRhythm: Sendable {
  private enum Grid {
    case units
    /// The same day of months, or the last one of those that do not have it.
    case months(day: Int)
    case workingDays
  }

  private let grid: Grid
  private let step: Int
  /// How many steps are longer or shorter than most.
  let irregularCount: Int

  /// Numbers of units in ascending order.
  init(_ numbers: [Int]) { self.init(numbers, .units) }

  /// Numbers of days in ascending order.
  init(ofDays numbers: [Int]) {
    let even = CalendarRhythm(numbers)
    let days = numbers.map { CalendarDay($0) }
    let day = days.allSatisfy(\.isLastOfMonth) ? 31 : days.map(\.day).max() ?? 1
    let isMonthly = days.allSatisfy { $0.day == min(day, CalendarDay.monthLength($0.year, $0.month)) }
    if isMonthly && numbers.count > 1 {
      self.init(days.map(\.monthNumber), .months(day: day))
    } else if even.irregularCount > 0, numbers.allSatisfy({ Self.weekday($0) < 5 }),
      case let working = CalendarRhythm(numbers.map(Self.workingDay), .workingDays),
      working.step == 1 && working.irregularCount < even.irregularCount
    {
      self = working
    } else {
      self = even
    }
  }

  private init(_ positions: [Int], _ grid: Grid) {
    let steps = zip(positions.dropFirst(), positions).map { $0 - $1 }
    let counts = Dictionary(steps.map { ($0, 1) }, uniquingKeysWith: +)
    let usual = counts.max { ($0.value, -$0.key) < ($1.value, -$1.key) }?.key ?? 1
    self.grid = grid
    step = usual
    irregularCount = steps.count { $0 != usual }
  }

  /// The number that comes so many steps after another.
  func number(_ count: Int, after last: Int) -> Int {
    switch grid {
    case .units:
      return last + count * step
    case .months(let day):
      let month = CalendarDay(last).monthNumber + count * step
      let (year, place) = (month / 12, month % 12 + 1)
      return CalendarDay(year: year, month: place, day: min(day, CalendarDay.monthLength(year, place))).number
    case .workingDays:
      let position = Self.workingDay(last) + count * step
      return position / 5 * 7 + position % 5 + Self.firstMonday
    }
  }

  /// A step in words, such as `1 month`.
  func text(_ unit: String) -> String {
    switch grid {
    case .units: counted(step, unit)
    case .months(let day):
      (step % 12 == 0 ? counted(step / 12, "year") : counted(step, "month")) + (day == 31 ? " (last days)" : "")
    case .workingDays: "1 day (Monday to Friday)"
    }
  }

  // MARK: - Weeks

  /// The first day of the year 0 is a Saturday.
  private static let firstMonday = 2

  /// 0 for a Monday.
  private static func weekday(_ number: Int) -> Int { (number - firstMonday + 7) % 7 }

  /// Which one it is of the days from Monday to Friday.
  private static func workingDay(_ number: Int) -> Int {
    let days = number - firstMonday
    return days / 7 * 5 + weekday(number)
  }
}
