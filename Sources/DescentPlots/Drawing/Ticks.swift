#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The marked places of an axis: multiples of 1, 2 or 5 times a power of ten, or powers of ten.
package struct Ticks: Equatable {
  package struct Tick: Equatable {
    package let value: Double
    package let label: String
  }

  package let all: [Tick]

  package var labels: [String] { all.map(\.label) }
  var widestLabel: Double { all.map { TextWidth.of($0.label) }.max() ?? 0 }

  /// At most `count` steps between marks.
  package static func linear(_ range: ClosedRange<Double>, atMost count: Int, isWhole: Bool = false) -> Ticks {
    let span = range.upperBound - range.lowerBound
    var exponent = Int(log10(span / Double(count)).rounded(.down))
    var mantissa = [1, 2, 5].first { span / (Double($0) * NumberText.power(exponent)) <= Double(count) } ?? 10
    if mantissa == 10 { (mantissa, exponent) = (1, exponent + 1) }
    if isWhole && exponent < 0 { (mantissa, exponent) = (1, 0) }
    let step = Double(mantissa) * NumberText.power(exponent)
    let first = Int((range.lowerBound / step - 1e-6).rounded(.up))
    let last = Int((range.upperBound / step + 1e-6).rounded(.down))
    guard first <= last else { return Ticks(all: []) }
    return Ticks(
      all: (first...last).map { index in
        // Divided, not multiplied, where that is exact.
        let whole = Double(index * mantissa)
        let value = exponent < 0 ? whole / NumberText.power(-exponent) : whole * NumberText.power(exponent)
        return Tick(value: value, label: NumberText.decimal(index * mantissa, exponent: exponent))
      })
  }

  /// Powers of ten, at most `count` of them; where a range holds fewer than two, what a linear axis marks.
  package static func logarithmic(_ range: ClosedRange<Double>, atMost count: Int) -> Ticks {
    let first = Int((log10(range.lowerBound) - 1e-9).rounded(.up))
    let last = Int((log10(range.upperBound) + 1e-9).rounded(.down))
    let decades = last - first + 1
    if decades < 2 {
      let steps = mantissas(range, first: first - 1, last: last)
      return steps.count >= 2 && steps.count <= count + 1 ? Ticks(all: steps) : linear(range, atMost: min(count, 4))
    }
    if decades <= 2 && count >= 6 { return Ticks(all: mantissas(range, first: first - 1, last: last)) }
    let stride = (decades + count - 1) / count
    return Ticks(
      all: (first...last).filter { ($0 - last) % stride == 0 }.map {
        Tick(value: NumberText.power($0), label: NumberText.powerOfTen($0))
      })
  }

  /// 1, 2 and 5 times powers of ten.
  private static func mantissas(_ range: ClosedRange<Double>, first: Int, last: Int) -> [Tick] {
    guard first <= last else { return [] }
    return (first...last).flatMap { exponent in
      [1, 2, 5].compactMap { mantissa in
        let value = Double(mantissa) * NumberText.power(exponent)
        let isInside = value >= range.lowerBound * (1 - 1e-9) && value <= range.upperBound * (1 + 1e-9)
        return isInside ? Tick(value: value, label: NumberText.decimal(mantissa, exponent: exponent)) : nil
      }
    }
  }
}
