public import DescentCore
public import DescentRules

/// Two dense layers with an activation between them, for each place alone: y = W₂·f(W₁·x + b₁) + b₂.
///
/// Shapes: x [..., width] → y the same; in between [..., hidden].
public struct FeedForward: ConfigurableLayer {
  public let up: Dense
  public let activation: any Layer
  public let down: Dense

  /// - Parameter hidden: nil for four times the width.
  public init(
    _ width: Int, hidden: Int? = nil, activation: any Layer = GELU(), bias: Bool = true,
    initializer: Initializer = .glorotUniform, outputInitializer: Initializer? = nil
  ) {
    up = Dense(width, hidden ?? 4 * width, bias: bias, initializer: initializer)
    self.activation = activation
    down = Dense(hidden ?? 4 * width, width, bias: bias, initializer: outputInitializer ?? initializer)
  }

  public func callAsFunction(_ x: Tensor) -> Tensor { down(activation(up(x))) }

  public struct Configuration: Codable, Sendable {
    let width, hidden: Int
    let activation: DescribedLayer
    let bias: Bool
  }

  public var configuration: Configuration {
    Configuration(
      width: up.inputs, hidden: up.outputs, activation: DescribedLayer(activation), bias: up.bias != nil)
  }

  public init(configuration c: Configuration) throws(ConfigurationError) {
    try requireSizes([c.width, c.hidden], "width and hidden")
    self.init(c.width, hidden: c.hidden, activation: c.activation.layer, bias: c.bias)
  }
}
