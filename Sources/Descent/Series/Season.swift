/// After how many values a series repeats itself.
public struct Season: Sendable, Hashable, Codable {
  public let length: Int
  /// How much values a season apart agree, from −1 to 1; nil where the length was given.
  public let autocorrelation: Double?

  /// What agrees less is no season.
  private static let leastAutocorrelation = 0.3
  /// No longer seasons are looked for, in no more than the last so many values.
  private static let longest = 2000
  private static let mostValues = 20_000

  static func given(_ length: Int) -> Season? { length > 1 ? Season(length: length, autocorrelation: nil) : nil }

  /// The season of a series: the highest peak of the autocorrelation of its changes from value to value, or, where they
  /// have none, of the values themselves without their linear trend, beyond where it first falls below 0.
  static func detected(in values: [Double]) -> Season? {
    let values = Array(values.suffix(mostValues))
    let changes = zip(values.dropFirst(), values).map { $0 - $1 }
    return peak(of: changes) ?? peak(of: withoutTrend(values))
  }

  private static func peak(of values: [Double]) -> Season? {
    let correlations = autocorrelations(values, upTo: min(longest, values.count / 3))
    guard let start = correlations.firstIndex(where: { $0 < 0 }) else { return nil }
    let first = max(start, 2), end = max(first, correlations.count - 1)
    let peaks = (first..<end).filter { place in
      let height = correlations[place]
      return height >= correlations[place - 1] && height > correlations[place + 1]
    }
    guard let length = peaks.max(by: { correlations[$0] < correlations[$1] }),
      correlations[length] >= leastAutocorrelation
    else { return nil }
    return Season(length: length, autocorrelation: correlations[length])
  }

  /// r(k) = Σ (xₜ − x̄)(xₜ₊ₖ − x̄) / Σ (xₜ − x̄)², from k = 0 on.
  static func autocorrelations(_ values: [Double], upTo most: Int) -> [Double] {
    guard values.count > 2 else { return [] }
    let mean = values.reduce(0, +) / Double(values.count)
    let centred = values.map { $0 - mean }
    let total = centred.reduce(0) { $0 + $1 * $1 }
    guard total > 0 else { return [] }
    return (0...most).map { lag in zip(centred, centred.dropFirst(lag)).reduce(0) { $0 + $1.0 * $1.1 } / total }
  }

  private static func withoutTrend(_ values: [Double]) -> [Double] {
    let middle = Double(values.count - 1) / 2
    let times = values.indices.map { Double($0) - middle }
    let spread = times.reduce(0) { $0 + $1 * $1 }
    let slope = spread > 0 ? zip(times, values).reduce(0) { $0 + $1.0 * $1.1 } / spread : 0
    return zip(times, values).map { $1 - slope * $0 }
  }
}
