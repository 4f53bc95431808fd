public import DescentCore

/// Divides every example by the root of the mean of its squares: y = scale · x / √(mean(x²) + ε) (Zhang & Sennrich 2019).
///
/// Shapes: x [..., features] → y the same; scale [features].
public struct RMSNorm: ConfigurableLayer {
  @Parameter public var scale: Tensor
  public let configuration: Configuration

  public init(_ features: Int, epsilon: Double = 1e-6) {
    self = trapping("RMSNorm") { () throws(ConfigurationError) in
      try RMSNorm(configuration: Configuration(features: features, epsilon: epsilon))
    }
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    requireShape(of: x)
    let meanSquare = x.squared().mean(axis: -1, keepingAxis: true)  // [..., 1]
    return x * (meanSquare + configuration.epsilon).rsqrt() * scale
  }

  public struct Configuration: Codable, Sendable { public let features: Int, epsilon: Double }

  public init(configuration: Configuration) throws(ConfigurationError) {
    try requireSizes([configuration.features], "features")
    guard configuration.epsilon >= 0 else { throw ConfigurationError("expected an epsilon not below 0") }
    self.configuration = configuration
    scale = .ones([configuration.features])
  }
}

extension RMSNorm: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    guard shape.last == configuration.features else {
      throw ConfigurationError(
        "RMSNorm: expects \(configuration.features) features in the last axis, not shape \(text(shape))")
    }
    return shape
  }
}
