public import DescentCore
import DescentRules

/// Turns pairs of features by angles that grow with the place, so that the product of a query and a key depends on how
/// far they are apart (Su et al. 2021, "RoFormer").
///
/// Feature i of the first half and feature i of the second form a pair, turned by place · base^(−2i / features):
/// (a, b) → (a cos φ − b sin φ, b cos φ + a sin φ).
///
/// - Parameters:
///   - x: [..., time, features], of an even number of features.
///   - places: the place of each, whole numbers [time].
public func rotated(_ x: Tensor, by places: Tensor, base: Double = 10_000) -> Tensor {
  let features = x.shape[x.rank - 1]
  guard features % 2 == 0 else { fatalError("rotated: \(features) features are not pairs") }
  let half = features / 2
  let angles = angles(places, count: half, base: base)  // [time, half]
  let (cosine, sine) = (angles.cos().cast(to: x.dtype), angles.sin().cast(to: x.dtype))
  let parts = x.split(into: 2, axis: -1), a = parts[0], b = parts[1]
  return .concatenate([a * cosine - b * sine, b * cosine + a * sine], axis: -1)
}

/// place · base^(−i / count) for i from 0 to count − 1, in float64: places may be large.  // [time] → [time, count]
private func angles(_ places: Tensor, count: Int, base: Double) -> Tensor {
  let exponents = Tensor.arange(count, dtype: .float64) * (-1 / Double(count))
  return places.cast(to: .float64).expanded(axis: 1) * Tensor(base, dtype: .float64).pow(exponents)
}

/// Adds a learned vector for each place: y = x + P.
///
/// Shapes: x [batch, time, width] → y the same; P [context, width], of which the first `time` rows are used. P starts
/// normal with a standard deviation of 0.02 (Radford et al. 2019).
public struct LearnedPositions: ConfigurableLayer {
  @Parameter public var weight: Tensor

  public init(context: Int, width: Int, key: RandomKey? = nil) {
    trapping("LearnedPositions") { () throws(ConfigurationError) in try requireSizes([context, width], "sizes") }
    weight = (key ?? nextInitialKey()).normal([context, width], standardDeviation: 0.02)
  }

  public var context: Int { $weight.storage.shape[0] }
  public var width: Int { $weight.storage.shape[1] }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    let time = requiredTime(of: x, width, "LearnedPositions")
    guard time <= context else { fatalError("LearnedPositions: knows \(context) places, not \(time)") }
    return x + (time == context ? weight : weight[0..<time])
  }

  public struct Configuration: Codable, Sendable { let context, width: Int }
  public var configuration: Configuration { Configuration(context: context, width: width) }

  public init(configuration: Configuration) throws(ConfigurationError) {
    try requireSizes([configuration.context, configuration.width], "context and width")
    self.init(context: configuration.context, width: configuration.width)
  }
}

/// Adds sines and cosines of the place: y = x + P with P[t, 2i] = sin(t / 10000^(2i / width)) and P[t, 2i + 1] the cosine
/// (Vaswani et al. 2017). Any number of places; nothing is learned.
///
/// Shapes: x [batch, time, width] → y the same; the width is even.
public struct SinusoidalPositions: ConfigurableLayer {
  public let width: Int

  public init(width: Int) {
    self = trapping("SinusoidalPositions") { () throws(ConfigurationError) in
      try SinusoidalPositions(configuration: Configuration(width: width))
    }
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    x + encoding(Tensor.arange(requiredTime(of: x, width, "SinusoidalPositions"))).cast(to: x.dtype)
  }

  /// The rows of P at some places.  // [time] → [time, width]
  func encoding(_ places: Tensor) -> Tensor {
    let angles = angles(places, count: width / 2, base: 10_000)  // [time, width / 2]
    return Tensor.stack([angles.sin(), angles.cos()], axis: -1).reshaped([places.shape[0], width])
  }

  public struct Configuration: Codable, Sendable { let width: Int }
  public var configuration: Configuration { Configuration(width: width) }

  public init(configuration: Configuration) throws(ConfigurationError) {
    try requireSizes([configuration.width], "a width")
    guard configuration.width % 2 == 0 else {
      throw ConfigurationError("expected an even width, found \(configuration.width)")
    }
    width = configuration.width
  }
}

private func requiredTime(of x: Tensor, _ width: Int, _ layer: String) -> Int {
  guard x.rank == 3 && x.shape[2] == width else {
    fatalError("\(layer): expects [batch, time, \(width)], not \(text(x.shape))")
  }
  return x.shape[1]
}
