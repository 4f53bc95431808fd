#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An axis with the range it shows, which holds all values that can be drawn.
struct ScaledAxis {
  let axis: Axis
  let isLogarithmic: Bool
  /// In the unit of the axis.
  let range: ClosedRange<Double>
  /// The range as places: the values, or their logarithms.
  private let places: ClosedRange<Double>

  /// Beyond, spans overflow.
  private static let largest = 1e150

  /// - Parameter isAnchored: whether bars start here, so that 0 has to be shown.
  init(_ axis: Axis, values: [Double], isAnchored: Bool = false) {
    let finite = values.filter { $0.isFinite && abs($0) <= Self.largest }
    let positive = finite.filter { $0 > 1 / Self.largest }
    let spread = (positive.max() ?? 1) / (positive.min() ?? 1)
    switch axis.scale {
    case .linear: isLogarithmic = false
    case .logarithmic: isLogarithmic = true
    case .automatic: isLogarithmic = !isAnchored && !positive.isEmpty && positive.count == finite.count && spread > 100
    }
    self.axis = axis
    if isLogarithmic {
      let wished = axis.range.flatMap { $0.lowerBound > 1 / Self.largest ? $0 : nil }
      let logs = (wished.map { [$0.lowerBound, $0.upperBound] } ?? positive).map { log10(min($0, Self.largest)) }
      places = Self.room(logs, isPadded: wished == nil, least: 0.1)
      range = pow(10, places.lowerBound)...pow(10, places.upperBound)
    } else {
      let bounds = axis.range.map { [$0.lowerBound, $0.upperBound] }
      let wished = bounds.flatMap { $0.allSatisfy { abs($0) <= Self.largest } ? $0 : nil }
      places = Self.room(wished ?? (isAnchored ? finite + [0] : finite), isPadded: wished == nil, least: 0)
      range = places
    }
  }

  /// A range around values, a little wider than they are; 0 is in it where they are not far from it.
  private static func room(_ values: [Double], isPadded: Bool, least: Double) -> ClosedRange<Double> {
    guard let low = values.min(), let high = values.max() else { return least > 0 ? -1...0 : 0...1 }
    let span = high - low
    guard span > max(1e-9 * max(abs(low), abs(high)), 1e-140, least) else {
      let room = least > 0 ? 0.15 : low == 0 ? 1 : max(abs(low) * 0.1, 1e-130)
      return (low - room)...(high + room)
    }
    guard isPadded else { return low...high }
    // A logarithm of 0 is no place to start from.
    if least == 0 && low >= 0 && low <= 0.3 * high { return 0...(high + 0.04 * span) }
    if least == 0 && high <= 0 && high >= 0.3 * low { return (low - 0.04 * span)...0 }
    return (low - 0.04 * span)...(high + 0.04 * span)
  }

  /// Whether a value has a place, within the range or not.
  func shows(_ value: Double) -> Bool {
    value.isFinite && abs(value) <= Self.largest && (!isLogarithmic || value > 1 / Self.largest)
  }

  /// From 0 at the lower bound to 1 at the upper one.
  func position(_ value: Double) -> Double {
    let place = isLogarithmic ? log10(value) : value
    let position = (place - places.lowerBound) / (places.upperBound - places.lowerBound)
    return min(max(position, -100), 100)
  }

  func ticks(atMost count: Int) -> Ticks {
    isLogarithmic
      ? .logarithmic(range, atMost: count) : .linear(range, atMost: count, isWhole: axis.isWhole)
  }

  var title: String { isLogarithmic ? axis.text + ", logarithmic" : axis.text }

  /// What has to be said of values that have no place.
  func remark(on values: [Double]) -> String? {
    let unfit = values.filter { $0.isFinite && !shows($0) }.count
    let broken = values.filter { !$0.isFinite }.count
    var parts: [String] = []
    if broken > 0 { parts.append(broken == 1 ? "1 is not finite" : "\(broken) are not finite") }
    if unfit > 0 {
      let reason = isLogarithmic ? "not above 0" : "too large"
      parts.append(unfit == 1 ? "1 is \(reason)" : "\(unfit) are \(reason)")
    }
    let beyond = axis.range == nil ? 0 : values.filter { shows($0) && !(0...1).contains(position($0)) }.count
    if beyond > 0 {
      parts.append(beyond == 1 ? "1 is outside the range shown" : "\(beyond) are outside the range shown")
    }
    guard !parts.isEmpty else { return nil }
    let name = axis.title.isEmpty ? "Values" : "Values of \(axis.title)"
    return "\(name) that are not drawn: \(parts.joined(separator: ", ")), of \(values.count)."
  }
}
