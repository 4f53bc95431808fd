/// How the cells of one column spell numbers.
package enum NumberStyle: Sendable {
  /// `-1234.5e3`: a point before the fraction.
  case point
  /// `1,234.5`: commas between groups of three digits; only in quoted cells of comma-separated files.
  case groupedByCommas
  /// `-1234,5e3`: a comma before the fraction; only in semicolon-separated files, and then in the whole column.
  case decimalComma
}

/// The rules that tell numbers, missing values and categories apart.
///
/// A number is `[+-] digits [. digits] [e [+-] digits]` (or `. digits`) with a finite value; spaces and tabs around it
/// do not count. So `inf`, `0x10`, `1_000`, `5 %`, `1e999`, `true` and dates are text. A cell is missing when it is
/// empty or spelled as in `missingSpellings`, quoted or not. A column is numeric when all cells that are not missing
/// are numbers.
package enum CellTyping {
  /// What stands for "no value", exactly as written here.
  package static let missingSpellings = [
    "", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NAN", "null", "NULL", "Null", "None", "?", "-",
  ]

  /// The finite number that `text` spells, or nil.
  package static func number(_ text: String, style: NumberStyle = .point) -> Double? {
    let bytes = Array(text.utf8)
    return number(bytes, in: trimmed(bytes, 0, bytes.count), style: style)
  }

  /// Whether `text` is a spelling of "no value".
  package static func isMissing(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return isMissing(bytes, in: trimmed(bytes, 0, bytes.count))
  }

  static func trimmed(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Range<Int> {
    var (start, end) = (start, end)
    while start < end, bytes[start] == Byte.space || bytes[start] == Byte.tab { start += 1 }
    while end > start, bytes[end - 1] == Byte.space || bytes[end - 1] == Byte.tab { end -= 1 }
    return start..<end
  }

  static func isMissing(_ bytes: [UInt8], in range: Range<Int>) -> Bool {
    guard range.count <= 4 else { return false }
    if range.isEmpty { return true }
    if isDigit(bytes[range.lowerBound]) { return false }
    return missingSpellings.contains { $0.utf8.elementsEqual(bytes[range]) }
  }

  static func number(_ bytes: [UInt8], in range: Range<Int>, style: NumberStyle) -> Double? {
    scanned(bytes, in: range, style: style).flatMap { $0.isFinite ? $0 : nil }
  }

  /// Whether the cell spells an infinity, such as `inf` or `-Infinity`, or a number beyond the largest, such as `1e400`.
  static func isInfinite(_ bytes: [UInt8], in range: Range<Int>, style: NumberStyle) -> Bool {
    if let number = scanned(bytes, in: range, style: style) { return number.isInfinite }
    let word = bytes[range].first.map { $0 == Byte.minus || $0 == Byte.plus } ?? false ? range.dropFirst() : range
    return ["inf", "infinity"].contains { $0.utf8.elementsEqual(bytes[word].lazy.map { $0 | 0x20 }) }
  }

  /// The number in the cell, infinite where it is too large; nil where there is none.
  private static func scanned(_ bytes: [UInt8], in range: Range<Int>, style: NumberStyle) -> Double? {
    var scanner = NumberScanner(bytes: bytes, range: range, style: style)
    return scanner.scan()
  }

  fileprivate static func isDigit(_ byte: UInt8) -> Bool { byte &- Byte.zero < 10 }
}

/// Reads one number; exact for every input (Clinger's fast path, the standard library's parser beyond it).
private struct NumberScanner {
  let bytes: [UInt8]
  let range: Range<Int>
  let style: NumberStyle
  private var index: Int
  private var mantissa: UInt64 = 0
  private var significantDigits = 0
  private var exponent = 0

  init(bytes: [UInt8], range: Range<Int>, style: NumberStyle) {
    self.bytes = bytes
    self.range = range
    self.style = style
    self.index = range.lowerBound
  }

  mutating func scan() -> Double? {
    let isNegative = next == Byte.minus
    if isNegative || next == Byte.plus { index += 1 }
    let digitsStart = index
    guard let wholeDigits = scanWholePart() else { return nil }
    var fractionDigits = 0
    if next == (style == .decimalComma ? Byte.comma : Byte.point) {
      index += 1
      fractionDigits = scanDigits()
      exponent -= fractionDigits
    }
    guard wholeDigits + fractionDigits > 0 else { return nil }
    let digitsEnd = index
    guard scanExponent(), index == range.upperBound else { return nil }
    let magnitude = fastMagnitude ?? exactMagnitude(digitsStart..<digitsEnd)
    return isNegative ? -magnitude : magnitude
  }

  private var next: UInt8? { index < range.upperBound ? bytes[index] : nil }

  private mutating func scanDigits() -> Int {
    let start = index
    while index < range.upperBound, CellTyping.isDigit(bytes[index]) {
      mantissa = mantissa &* 10 &+ UInt64(bytes[index] &- Byte.zero)
      if mantissa != 0 || significantDigits > 0 { significantDigits += 1 }
      index += 1
    }
    return index - start
  }

  /// The number of digits before the fraction, or nil when commas do not group them by three.
  private mutating func scanWholePart() -> Int? {
    var digits = scanDigits()
    guard style == .groupedByCommas, next == Byte.comma else { return digits }
    guard 1...3 ~= digits else { return nil }
    while next == Byte.comma {
      index += 1
      let group = scanDigits()
      guard group == 3 else { return nil }
      digits += group
    }
    return digits
  }

  private mutating func scanExponent() -> Bool {
    guard let mark = next, mark | 0x20 == UInt8(ascii: "e") else { return true }
    index += 1
    let isNegative = next == Byte.minus
    if isNegative || next == Byte.plus { index += 1 }
    var value = 0
    let start = index
    while index < range.upperBound, CellTyping.isDigit(bytes[index]) {
      value = min(value * 10 + Int(bytes[index] &- Byte.zero), 1_000_000)
      index += 1
    }
    exponent += isNegative ? -value : value
    return index > start
  }

  /// Exact when the digits fit 53 bits and the power of ten is itself exact, since one rounding is left.
  private var fastMagnitude: Double? {
    guard significantDigits <= 19, mantissa <= 1 << 53, -22...22 ~= exponent else { return nil }
    let power = Self.powersOfTen[abs(exponent)]
    return exponent < 0 ? Double(mantissa) / power : Double(mantissa) * power
  }

  private func exactMagnitude(_ digits: Range<Int>) -> Double {
    let text = String(decoding: bytes[digits].filter(CellTyping.isDigit), as: UTF8.self)
    return Double("\(text)e\(exponent)") ?? .infinity
  }

  private static let powersOfTen = (0...22).map { power in (0..<power).reduce(1.0) { value, _ in value * 10 } }
}
