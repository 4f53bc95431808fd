public import DescentCore

/// In training every element is 0 with probability p = rate and else x / (1 − p); in inference y = x
/// (Srivastava et al. 2014).
///
/// Which elements vanish follows from the random key of the step, so it changes at every step and repeats with the
/// seed.
public struct Dropout: ConfigurableLayer {
  public let rate: Double

  public init(_ rate: Double) {
    self = trapping("Dropout") { () throws(ConfigurationError) in
      try Dropout(configuration: Configuration(rate: rate))
    }
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.dropped(rate, by: x.shape)
  }

  public struct Configuration: Codable, Sendable { let rate: Double }

  public var configuration: Configuration { Configuration(rate: rate) }

  public init(configuration: Configuration) throws(ConfigurationError) {
    rate = try configuration.checkedRate()
  }
}

/// Dropout of whole channels: in training each channel of each example is 0 with probability p = rate and else x / (1 − p)
/// (Tompson et al. 2015). Neighbouring pixels say much the same, so that dropping single ones would hide nothing.
///
/// Shapes: x [batch, s₁…s_d, channels] → y the same.
public struct SpatialDropout: ConfigurableLayer {
  public let rate: Double

  public init(_ rate: Double) {
    self = trapping("SpatialDropout") { () throws(ConfigurationError) in
      try SpatialDropout(configuration: Dropout.Configuration(rate: rate))
    }
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    requireShape(of: x)
    return x.dropped(rate, by: [x.shape[0]] + x.shape[2...].map { _ in 1 } + [x.shape[x.rank - 1]])
  }

  public var configuration: Dropout.Configuration { Dropout.Configuration(rate: rate) }
  public init(configuration: Dropout.Configuration) throws(ConfigurationError) {
    rate = try configuration.checkedRate()
  }
}

/// Dropout of whole examples: in training each is 0 with probability p = rate and else x / (1 − p) (Huang et al. 2016). As
/// the last of a `Residual`, it leaves out the layers around which the input passes.
public struct StochasticDepth: ConfigurableLayer {
  public let rate: Double

  public init(_ rate: Double) {
    self = trapping("StochasticDepth") { () throws(ConfigurationError) in
      try StochasticDepth(configuration: Dropout.Configuration(rate: rate))
    }
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    guard x.rank >= 1 else { fatalError("StochasticDepth: expects [batch, …], not a tensor of rank 0") }
    return x.dropped(rate, by: [x.shape[0]] + x.shape.dropFirst().map { _ in 1 })
  }

  public var configuration: Dropout.Configuration { Dropout.Configuration(rate: rate) }
  public init(configuration: Dropout.Configuration) throws(ConfigurationError) {
    rate = try configuration.checkedRate()
  }
}

extension Dropout.Configuration {
  fileprivate func checkedRate() throws(ConfigurationError) -> Double {
    guard (0..<1).contains(rate) else {
      throw ConfigurationError("expected a rate from 0 up to but not including 1, found \(rate)")
    }
    return rate
  }
}

extension Tensor {
  /// In training 0 with the probability `rate`, else divided by 1 − rate; one draw for each element of `shape`, which
  /// broadcasts.
  fileprivate func dropped(_ rate: Double, by shape: [Int]) -> Tensor {
    let context = ModuleContext.current
    guard context.phase == .training && rate > 0 else { return self }
    let kept: Double = 1 - rate
    let isKept = context.nextKey().bernoulli(shape, probability: kept)
    return isKept.select(self / kept, Tensor.zeros(like: self))
  }
}

extension SpatialDropout: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    try requireImages("SpatialDropout", shape)
    return shape
  }
}
