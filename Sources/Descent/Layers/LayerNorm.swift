public import DescentCore

/// Normalises every example over its features: y = scale · (x − μ) / √(σ² + ε) + shift (Ba et al. 2016).
///
/// Shapes: x [..., features…] → y the same; μ and the (biased) variance σ² are over the feature axes.
public struct LayerNorm: ConfigurableLayer {
  @Parameter public var scale: Tensor
  @Parameter public var shift: Tensor
  public let configuration: Configuration

  /// Normalises the last axis.
  public init(_ features: Int, epsilon: Double = 1e-5) { self.init(shape: [features], epsilon: epsilon) }

  /// Normalises as many of the last axes as `shape` has.
  public init(shape: [Int], epsilon: Double = 1e-5) {
    self = trapping("LayerNorm") { () throws(ConfigurationError) in
      try LayerNorm(configuration: Configuration(shape: shape, epsilon: epsilon))
    }
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    let shape = configuration.shape
    guard x.shape.suffix(shape.count) == shape[...] else {
      fatalError("LayerNorm: expects the last axes to be \(text(shape)), not shape \(text(x.shape))")
    }
    let axes = Array((x.rank - shape.count)..<x.rank)
    return x.standardized(axes: axes, epsilon: configuration.epsilon) * scale + shift
  }

  public struct Configuration: Codable, Sendable { public let shape: [Int], epsilon: Double }

  public init(configuration: Configuration) throws(ConfigurationError) {
    try requireSizes(configuration.shape, "a shape")
    guard !configuration.shape.isEmpty && configuration.epsilon >= 0 else {
      throw ConfigurationError("expected at least one axis and an epsilon not below 0")
    }
    self.configuration = configuration
    scale = .ones(configuration.shape)
    shift = .zeros(configuration.shape)
  }
}
