/// The shortest text that reads back as the same number; whole numbers up to 2^53 have no fraction.
package func numberText(_ value: Double) -> String {
  guard value == value.rounded(), abs(value) <= 0x1p53 else { return "\(value)" }
  return value == 0 && value.sign == .minus ? "-0" : "\(Int(value))"
}

/// A number for people: four significant digits, and all digits before the point.
package func shortText(_ value: Double) -> String {
  guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
  var factor = 1.0
  while abs(value) * factor < 1000, factor < 1e300 { factor *= 10 }
  return numberText((value * factor).rounded() / factor)
}
