/// What was measured beside what was claimed.
struct Claim: CustomStringConvertible {
  let name: String
  let measured: String
  let wanted: String
  let holds: Bool

  static func atLeast(_ bound: Double, _ name: String, _ values: [Double]) -> Claim {
    Claim(
      name: name, measured: spread(values), wanted: "≥ \(text(bound))", holds: median(values) >= bound)
  }

  static func atMost(_ bound: Double, _ name: String, _ values: [Double]) -> Claim {
    Claim(
      name: name, measured: spread(values), wanted: "≤ \(text(bound))", holds: median(values) <= bound)
  }

  var description: String { "\(holds ? "holds" : "FAILS")  \(name): \(measured), wanted \(wanted)" }

  private static func spread(_ values: [Double]) -> String {
    guard values.count > 1, let least = values.min(), let most = values.max() else { return text(values[0]) }
    return "median \(text(median(values))) of \(values.count) (\(text(least)) to \(text(most)))"
  }

  /// Four significant digits.
  private static func text(_ value: Double) -> String {
    guard value != 0, abs(value) < 1000 else { return "\((value * 10).rounded() / 10)" }
    var factor = 1.0
    while abs(value) * factor < 1000 { factor *= 10 }
    return "\((value * factor).rounded() / factor)"
  }
}

func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  return (sorted[sorted.count / 2] + sorted[(sorted.count - 1) / 2]) / 2
}

func seconds(_ body: () throws -> Void) rethrows -> Double {
  let (seconds, attoseconds) = try ContinuousClock().measure(body).components
  return Double(seconds) + Double(attoseconds) * 1e-18
}
