#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Numbers for people, the same text on every machine.
package enum NumberText {
  /// Four significant digits and, below a million, all digits before the point.
  package static func short(_ value: Double, digits: Int = 4) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "−∞" : "∞" }
    guard value != 0 else { return "0" }
    // Beyond, powers of ten have no reciprocal.
    guard abs(value) > 1e-290 else { return "\(value)" }
    var exponent = Int(log10(abs(value)).rounded(.down)) - digits + 1
    if abs(value) < 1e6 { exponent = min(exponent, 0) }
    var whole = Int((value / power(exponent)).rounded())
    while whole % 10 == 0 {
      whole /= 10
      exponent += 1
    }
    return decimal(whole, exponent: exponent)
  }

  /// whole · 10^exponent, exactly.
  static func decimal(_ whole: Int, exponent: Int) -> String {
    let digits = "\(whole.magnitude)"
    let leading = digits.count - 1 + exponent
    if whole != 0, leading >= 6 || leading < -4 {
      let (short, dropped) = withoutZeros(whole)
      return decimal(short, exponent: dropped + exponent - leading) + "×10" + superscript(leading)
    }
    guard whole != 0 else { return "0" }
    let sign = whole < 0 ? "−" : ""
    if exponent >= 0 { return sign + grouped(digits + String(repeating: "0", count: exponent)) }
    let padded = String(repeating: "0", count: max(0, 1 - exponent - digits.count)) + digits
    return "\(sign)\(grouped(String(padded.dropLast(-exponent)))).\(padded.suffix(-exponent))"
  }

  static func power(_ exponent: Int) -> Double { pow(10, Double(exponent)) }

  /// A power of ten as the mark of a logarithmic axis.
  static func powerOfTen(_ exponent: Int) -> String {
    (-3...5).contains(exponent) ? decimal(1, exponent: exponent) : "10" + superscript(exponent)
  }

  private static func superscript(_ number: Int) -> String {
    let signs = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    return (number < 0 ? "⁻" : "") + String("\(number.magnitude)".compactMap { $0.wholeNumberValue.map { signs[$0] } })
  }

  private static func withoutZeros(_ whole: Int) -> (Int, dropped: Int) {
    var (rest, dropped) = (whole, 0)
    while rest % 10 == 0 {
      rest /= 10
      dropped += 1
    }
    return (rest, dropped)
  }

  /// Thin spaces between groups of three digits, from five digits on.
  private static func grouped(_ digits: String) -> String {
    guard digits.count > 4 else { return digits }
    var result = ""
    for (position, digit) in digits.enumerated() {
      if position > 0 && (digits.count - position) % 3 == 0 { result += "\u{202F}" }
      result.append(digit)
    }
    return result
  }
}
