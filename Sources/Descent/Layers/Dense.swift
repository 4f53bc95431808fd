public import DescentCore
public import DescentRules

/// A fully connected layer: y = x·W + b.
///
/// Shapes: x [..., inputs] → y [..., outputs]; weight W [inputs, outputs], bias b [outputs].
/// The weight starts uniform on ± √(6 / (inputs + outputs)) (Glorot & Bengio 2010) unless another initializer is
/// given, the bias at 0.
public struct Dense: ConfigurableLayer {
  @Parameter public var weight: Tensor
  @OptionalParameter public var bias: Tensor?

  public init(
    _ inputs: Int, _ outputs: Int, bias: Bool = true, initializer: Initializer = .glorotUniform,
    key: RandomKey? = nil
  ) {
    trapping("Dense") { () throws(ConfigurationError) in try requireSizes([inputs, outputs], "inputs and outputs") }
    let key = key ?? nextInitialKey()
    weight = initializer([inputs, outputs], fanIn: inputs, fanOut: outputs, key: key)
    self.bias = bias ? .zeros([outputs]) : nil
  }

  public var inputs: Int { $weight.storage.shape[0] }
  public var outputs: Int { $weight.storage.shape[1] }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    guard x.shape.last == inputs else {
      fatalError("Dense: expects \(inputs) features in the last axis, not shape \(text(x.shape))")
    }
    let y = x.matmul(weight)
    return bias.map { y + $0 } ?? y
  }

  public struct Configuration: Codable, Sendable { let inputs, outputs: Int, bias: Bool }

  public var configuration: Configuration {
    Configuration(inputs: inputs, outputs: outputs, bias: bias != nil)
  }

  public init(configuration: Configuration) throws(ConfigurationError) {
    try requireSizes([configuration.inputs, configuration.outputs], "inputs and outputs")
    self.init(configuration.inputs, configuration.outputs, bias: configuration.bias)
  }
}
