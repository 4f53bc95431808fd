/// A real number as decimal digits: 0.d₁d₂d₃… · 10^exponent.
struct DecimalNumber {
  let value: Double
  let digits: [Int]
  let exponent: Int

  /// From the shortest text that reads back as the number, as Swift prints it.
  init(_ value: Double, shortest: String) {
    self.value = value
    guard value.isFinite && value != 0 else {
      digits = []
      exponent = 0
      return
    }
    let parts = shortest.split(separator: "e")
    let mantissa = parts[0].filter { $0 != "-" }
    let scale = parts.count > 1 ? Int(parts[1])! : 0
    let point = mantissa.split(separator: ".", omittingEmptySubsequences: false)
    var figures = (String(point[0]) + (point.count > 1 ? String(point[1]) : "")).compactMap(\.wholeNumberValue)
    var exponent = point[0].count + scale
    while figures.first == 0 {
      figures.removeFirst()
      exponent -= 1
    }
    while figures.last == 0 { figures.removeLast() }
    digits = figures
    self.exponent = exponent
  }

  private init(value: Double, digits: [Int], exponent: Int) {
    self.value = value
    self.digits = digits
    self.exponent = exponent
  }

  /// With at most `count` digits, rounded half up in magnitude.
  func rounded(toDigits count: Int) -> DecimalNumber {
    guard count >= 0 else { return DecimalNumber(value: value, digits: [], exponent: 0) }
    guard digits.count > count else { return self }
    var kept = Array(digits[..<count])
    var exponent = self.exponent
    if digits[count] >= 5 {
      var place = count - 1
      while place >= 0 && kept[place] == 9 {
        kept[place] = 0
        place -= 1
      }
      if place >= 0 {
        kept[place] += 1
      } else {
        kept.insert(1, at: 0)
        exponent += 1
      }
    }
    while kept.last == 0 { kept.removeLast() }
    return DecimalNumber(value: value, digits: kept, exponent: exponent)
  }

  func digit(_ place: Int) -> Character {
    digits.indices.contains(place) ? Character(String(digits[place])) : "0"
  }
}

/// Numbers written so that their points stand below each other.
enum NumberColumn {
  private static let mostDecimals = 8

  static func aligned(_ texts: [String]) -> [String] {
    let width = texts.map(\.count).max() ?? 0
    return texts.map { String(repeating: " ", count: width - $0.count) + $0 }
  }

  /// Positional where all magnitudes are near each other, scientific where they are not, as NumPy decides.
  static func format(_ numbers: [DecimalNumber]) -> [String] {
    let magnitudes = numbers.map { $0.value.magnitude }.filter { $0 > 0 && $0.isFinite }
    let largest = magnitudes.max() ?? 0
    let smallest = magnitudes.min() ?? 0
    let isScientific =
      !magnitudes.isEmpty && (largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1000)
    return aligned(isScientific ? scientific(numbers) : positional(numbers))
  }

  private static func positional(_ numbers: [DecimalNumber]) -> [String] {
    let rounded = numbers.map { $0.rounded(toDigits: $0.exponent + mostDecimals) }
    let decimals = rounded.map { $0.digits.isEmpty ? 0 : max(0, $0.digits.count - $0.exponent) }.max() ?? 0
    return rounded.map { number in
      guard number.value.isFinite else { return special(number.value) }
      let whole = number.exponent > 0 ? String((0..<number.exponent).map { number.digit($0) }) : "0"
      let own = number.digits.isEmpty ? 0 : max(0, number.digits.count - number.exponent)
      let fraction = String((0..<own).map { number.digit(number.exponent + $0) })
      return sign(number.value) + whole + "." + fraction + String(repeating: " ", count: decimals - own)
    }
  }

  private static func scientific(_ numbers: [DecimalNumber]) -> [String] {
    let rounded = numbers.map { $0.rounded(toDigits: mostDecimals + 1) }
    let decimals = max(0, (rounded.map(\.digits.count).max() ?? 1) - 1)
    let powers = rounded.map { $0.digits.isEmpty ? 0 : $0.exponent - 1 }
    let powerDigits = powers.map { max(2, String(abs($0)).count) }.max() ?? 2
    return zip(rounded, powers).map { number, power in
      guard number.value.isFinite else { return special(number.value) }
      let fraction = String((0..<decimals).map { number.digit($0 + 1) })
      let digits = String(abs(power))
      let magnitude = String(repeating: "0", count: powerDigits - digits.count) + digits
      return "\(sign(number.value))\(number.digit(0)).\(fraction)e\(power < 0 ? "-" : "+")\(magnitude)"
    }
  }

  private static func sign(_ value: Double) -> String { value.sign == .minus ? "-" : "" }

  private static func special(_ value: Double) -> String { value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
}
