public import DescentCore

/// Normalises groups of channels of every example: y = scale · (x − μ) / √(σ² + ε) + shift (Wu & He 2018).
///
/// Shapes: x [batch, s₁…s_d, channels] → y the same; scale and shift [channels]. μ and the (biased) variance σ² are over
/// all spatial axes and the channels of a group, of which there are channels / groups, one after the other. Nothing
/// depends on the batch.
public struct GroupNorm: ConfigurableLayer {
  @Parameter public var scale: Tensor
  @Parameter public var shift: Tensor
  public let configuration: Configuration

  public init(_ channels: Int, groups: Int, epsilon: Double = 1e-5) {
    let configuration = Configuration(channels: channels, groups: groups, epsilon: epsilon)
    self = trapping("GroupNorm") { () throws(ConfigurationError) in try GroupNorm(configuration: configuration) }
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    requireShape(of: x)
    let c = configuration
    let positions = x.shape.dropFirst().dropLast().reduce(1, *)
    let groups = x.reshaped([x.shape[0], positions, c.groups, c.channels / c.groups])
    return groups.standardized(axes: [1, 3], epsilon: c.epsilon).reshaped(x.shape) * scale + shift
  }

  public struct Configuration: Codable, Sendable { public let channels, groups: Int, epsilon: Double }

  public init(configuration: Configuration) throws(ConfigurationError) {
    let c = configuration
    try requireSizes([c.channels], "channels")
    guard c.groups > 0 && c.channels % c.groups == 0 && c.epsilon >= 0 else {
      throw ConfigurationError(
        "expected groups that divide \(c.channels) channels and an epsilon not below 0, found \(c.groups) and "
          + "\(c.epsilon)")
    }
    self.configuration = c
    scale = .ones([c.channels])
    shift = .zeros([c.channels])
  }
}

extension GroupNorm: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    guard shape.count >= 2 && shape.last == configuration.channels else {
      throw ConfigurationError("GroupNorm: expects [batch, …, \(configuration.channels)], not shape \(text(shape))")
    }
    return shape
  }
}
