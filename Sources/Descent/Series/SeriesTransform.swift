import DescentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How the values of a series become numbers that a network can learn from, and back.
public struct SeriesTransform: Sendable, Hashable, Codable {
  /// Whether logarithms are taken first: for values that vary the more the larger they are.
  public let usesLogarithm: Bool
  /// Whether a window is seen, and a forecast made, as changes from the window's last value: for values with a trend.
  public let isRelative: Bool
  /// What is subtracted where changes are not what is seen, and what all is divided by.
  public let center: Double
  public let scale: Double
  /// How many steps before the last value each input is.
  public let lags: [Int]

  /// Fits the rules to the training values.
  ///
  /// - Parameter areAllPositive: whether no value of the series is 0 or below.
  init(training: [Double], lags: [Int], areAllPositive: Bool, block: Int) {
    usesLogarithm = areAllPositive && Self.growsWithLevel(training, block: block)
    let values = usesLogarithm ? training.map { log($0) } : training
    let mean = values.reduce(0, +) / Double(values.count)
    let deviation = Self.deviation(values, from: mean)
    let half = values.count / 2
    let halves = (values.prefix(half), values.suffix(half))
    let shift = (halves.1.reduce(0, +) - halves.0.reduce(0, +)) / Double(max(half, 1))
    isRelative = shift.magnitude > deviation / 2
    let times = (lags.max() ?? 0)..<values.count
    let seen =
      isRelative
      ? times.flatMap { time in lags.dropFirst().map { values[time - $0] - values[time] } }
      : values.map { $0 - mean }
    center = mean
    let spread = Self.deviation(seen, from: 0)
    scale = spread > 0 ? spread : deviation
    self.lags = lags
  }

  private static func deviation(_ values: [Double], from center: Double) -> Double {
    guard !values.isEmpty else { return 0 }
    let square = values.reduce(0) { $0 + ($1 - center) * ($1 - center) } / Double(values.count)
    let largest = values.reduce(0) { max($0, ($1 - center).magnitude) }
    guard square == 0 && largest > 0 else { return square.squareRoot() }
    // Squares of the smallest numbers are 0; those of their shares of the largest are not.
    return largest
      * (values.reduce(0) { $0 + (($1 - center) / largest) * (($1 - center) / largest) }
      / Double(values.count)).squareRoot()
  }

  /// Whether stretches of higher values are also those that vary more.
  private static func growsWithLevel(_ values: [Double], block: Int) -> Bool {
    let blocks = stride(from: 0, through: values.count - block, by: block).map { values[$0..<$0 + block] }
    guard blocks.count >= 4 else { return false }
    let means = blocks.map { $0.reduce(0, +) / Double(block) }
    let deviations = zip(blocks, means).map { deviation(Array($0), from: $1) }
    // Where both are much the same everywhere, their correlation is a matter of chance.
    let areDifferent = [means, deviations].allSatisfy { ($0.max() ?? 0) > 1.5 * ($0.min() ?? 0) }
    return areDifferent && correlation(means, deviations) > 0.7
  }

  private static func correlation(_ left: [Double], _ right: [Double]) -> Double {
    let count = Double(left.count)
    let means = (left.reduce(0, +) / count, right.reduce(0, +) / count)
    let product = zip(left, right).reduce(0) { $0 + ($1.0 - means.0) * ($1.1 - means.1) }
    let spreads = deviation(left, from: means.0) * deviation(right, from: means.1) * count
    return spreads > 0 ? product / spreads : 0
  }

  /// Whether numbers from a file are such as training gives.
  var isUsable: Bool {
    let areInOrder = zip(lags, lags.dropFirst()).allSatisfy { $0 < $1 }
    return center.isFinite && scale.isFinite && scale > 0 && areInOrder && (lags.first ?? -1) >= 0
      && (lags.last ?? 0) < 1_000_000_000
  }

  // MARK: - Windows

  /// How many values a window takes.
  var windowCount: Int { (lags.max() ?? 0) + 1 }

  /// The values before anything else is done to them.
  func prepared(_ values: [Double]) -> [Double] { usesLogarithm ? values.map { log($0) } : values }

  private func base(_ prepared: [Double], at time: Int) -> Double { isRelative ? prepared[time] : center }

  /// What the network sees of the window that ends at `time`.
  func inputs(_ prepared: [Double], at time: Int) -> [Double] {
    let base = base(prepared, at: time)
    return lags.map { (prepared[time - $0] - base) / scale }
  }

  /// What it should answer.
  func targets(_ prepared: [Double], at time: Int, horizon: Int) -> [Double] {
    let base = base(prepared, at: time)
    return (1...horizon).map { (prepared[time + $0] - base) / scale }
  }

  /// The forecasts that answers stand for.
  func forecasts(_ answers: some Sequence<Double>, _ prepared: [Double], at time: Int) -> [Double] {
    let base = base(prepared, at: time)
    return answers.map { answer in
      let value = base + scale * answer
      return usesLogarithm ? exp(value) : value
    }
  }
}
