public import DescentCore
public import DescentRules

/// A transposed convolution over 1, 2 or 3 spatial axes, channels last: every element of x adds its multiple of the
/// window to y, `strides` apart.
///
/// Shapes: x [batch, s₁…s_d, inputs] → y [batch, o₁…o_d, outputs]; weight [window…, outputs, inputs], bias [outputs].
/// See `Tensor.transposedConvolved(with:strides:padding:outputPadding:dilation:groups:)` for the extents. The weight
/// starts uniform on ± √(6 / fan-in) (He et al. 2015) unless another initializer is given, the bias at 0.
public struct TransposedConvolution: ConfigurableLayer {
  @Parameter public var weight: Tensor
  @OptionalParameter public var bias: Tensor?
  public let configuration: Configuration

  public init(
    _ inputs: Int, _ outputs: Int, window: [Int], strides: [Int]? = nil, padding: WindowPadding = .valid,
    outputPadding: [Int]? = nil, bias: Bool = true, initializer: Initializer = .heUniform, key: RandomKey? = nil
  ) {
    let configuration = Configuration(
      inputs: inputs, outputs: outputs, window: window, strides: strides ?? window.map { _ in 1 }, padding: padding,
      outputPadding: outputPadding ?? window.map { _ in 0 }, bias: bias)
    self = trapping("TransposedConvolution") { () throws(ConfigurationError) in
      try TransposedConvolution(configuration, initializer, key: key)
    }
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    let c = configuration
    guard x.rank == c.window.count + 2 && x.shape.last == c.inputs else {
      fatalError(
        "TransposedConvolution: expects \(c.inputs) channels after the batch and \(c.window.count) spatial axes, not "
          + "shape " + text(x.shape))
    }
    let y = x.transposedConvolved(
      with: weight, strides: c.strides, padding: c.padding, outputPadding: c.outputPadding)
    return bias.map { y + $0 } ?? y
  }

  public struct Configuration: Codable, Sendable {
    public let inputs, outputs: Int, window, strides: [Int], padding: WindowPadding
    public let outputPadding: [Int], bias: Bool
  }

  public init(configuration: Configuration) throws(ConfigurationError) {
    try self.init(configuration, .heUniform, key: nil)
  }

  private init(
    _ configuration: Configuration, _ initializer: Initializer, key: RandomKey?
  ) throws(ConfigurationError) {
    let c = configuration
    try requireWindow(c.window, c.strides, c.padding)
    try requireSizes(c.window + [c.outputs, c.inputs], "window, outputs and inputs")
    guard c.outputPadding.count == c.window.count, c.outputPadding.allSatisfy({ (0...1 << 20).contains($0) }) else {
      throw ConfigurationError(
        "expected output padding not below 0 for each of \(c.window.count) spatial axes, found \(c.outputPadding)")
    }
    self.configuration = c
    let area = c.window.elementCount
    weight = initializer(
      c.window + [c.outputs, c.inputs], fanIn: area * c.inputs, fanOut: area * c.outputs,
      key: key ?? nextInitialKey())
    bias = c.bias ? .zeros([c.outputs]) : nil
  }
}
