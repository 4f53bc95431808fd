public import DescentCore

/// y = scale · x, a factor for each channel that starts small, so that a deep residual network starts near the identity
/// (Touvron et al. 2021).
///
/// Shapes: x [..., channels] → y the same; scale [channels].
public struct LayerScale: ConfigurableLayer {
  @Parameter public var scale: Tensor
  public let configuration: Configuration

  public init(_ channels: Int, initial: Double = 1e-6) {
    self = trapping("LayerScale") { () throws(ConfigurationError) in
      try LayerScale(configuration: Configuration(channels: channels, initial: initial))
    }
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    requireShape(of: x)
    return scale * x
  }

  public struct Configuration: Codable, Sendable { public let channels: Int, initial: Double }

  public init(configuration: Configuration) throws(ConfigurationError) {
    try requireSizes([configuration.channels], "channels")
    self.configuration = configuration
    scale = .full([configuration.channels], configuration.initial)
  }
}

extension LayerScale: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    guard shape.last == configuration.channels else {
      throw ConfigurationError(
        "LayerScale: expects \(configuration.channels) channels in the last axis, not shape \(text(shape))")
    }
    return shape
  }
}
