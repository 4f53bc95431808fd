public import DescentCore

/// Normalises every channel of every example over its spatial axes: y = scale · (x − μ) / √(σ² + ε) + shift (Ulyanov et
/// al. 2016). It is a `GroupNorm` with a group for each channel.
///
/// Shapes: x [batch, s₁…s_d, channels] → y the same; scale and shift [channels].
public struct InstanceNorm: ConfigurableLayer {
  @Parameter public var scale: Tensor
  @Parameter public var shift: Tensor
  public let configuration: Configuration

  public init(_ channels: Int, epsilon: Double = 1e-5) {
    self = trapping("InstanceNorm") { () throws(ConfigurationError) in
      try InstanceNorm(configuration: Configuration(channels: channels, epsilon: epsilon))
    }
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    requireShape(of: x)
    return x.standardized(axes: Array(1..<(x.rank - 1)), epsilon: configuration.epsilon) * scale + shift
  }

  public struct Configuration: Codable, Sendable { public let channels: Int, epsilon: Double }

  public init(configuration: Configuration) throws(ConfigurationError) {
    try requireSizes([configuration.channels], "channels")
    guard configuration.epsilon >= 0 else { throw ConfigurationError("expected an epsilon not below 0") }
    self.configuration = configuration
    scale = .ones([configuration.channels])
    shift = .zeros([configuration.channels])
  }
}

extension InstanceNorm: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    try requireImages("InstanceNorm", shape, channels: configuration.channels)
    return shape
  }
}
