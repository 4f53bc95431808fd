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
    let context = ModuleContext.current
    guard context.phase == .training && rate > 0 else { return x }
    let kept: Double = 1 - rate
    let isKept = context.nextKey().bernoulli(x.shape, probability: kept)
    return isKept.select(x / kept, Tensor.zeros(like: x))
  }

  public struct Configuration: Codable, Sendable { let rate: Double }

  public var configuration: Configuration { Configuration(rate: rate) }

  public init(configuration: Configuration) throws(ConfigurationError) {
    guard (0..<1).contains(configuration.rate) else {
      throw ConfigurationError("expected a rate from 0 up to but not including 1, found \(configuration.rate)")
    }
    rate = configuration.rate
  }
}
