public import DescentCore
public import DescentRules

/// A convolution over 1, 2 or 3 spatial axes, channels last: y = x * W + b.
///
/// Shapes: x [batch, s₁…s_d, inputs] → y [batch, o₁…o_d, outputs]; weight W [window…, inputs / groups, outputs],
/// bias b [outputs]. See `Tensor.convolved(with:strides:padding:dilation:groups:)` for the extents. The weight starts
/// uniform on ± √(6 / fan-in) (He et al. 2015) unless another initializer is given, the bias at 0.
public struct Convolution: ConfigurableLayer {
  @Parameter public var weight: Tensor
  @OptionalParameter public var bias: Tensor?
  public let configuration: Configuration

  public init(
    _ inputs: Int, _ outputs: Int, window: [Int], strides: [Int]? = nil, padding: WindowPadding = .valid,
    dilation: [Int]? = nil, groups: Int = 1, bias: Bool = true, initializer: Initializer = .heUniform,
    key: RandomKey? = nil
  ) {
    let ones = window.map { _ in 1 }
    let configuration = Configuration(
      inputs: inputs, outputs: outputs, window: window, strides: strides ?? ones, padding: padding,
      dilation: dilation ?? ones, groups: groups, bias: bias)
    self = trapping("Convolution") { () throws(ConfigurationError) in
      try Convolution(configuration, initializer, key: key)
    }
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    let c = configuration
    guard x.rank == c.window.count + 2 && x.shape.last == c.inputs else {
      fatalError(
        "Convolution: expects \(c.inputs) channels after the batch and \(c.window.count) spatial axes, not shape "
          + text(x.shape))
    }
    let y = x.convolved(
      with: weight, strides: c.strides, padding: c.padding, dilation: c.dilation, groups: c.groups)
    return bias.map { y + $0 } ?? y
  }

  public struct Configuration: Codable, Sendable {
    public let inputs, outputs: Int, window, strides: [Int], padding: WindowPadding
    public let dilation: [Int], groups: Int, bias: Bool
  }

  public init(configuration: Configuration) throws(ConfigurationError) {
    try self.init(configuration, .heUniform, key: nil)
  }

  private init(
    _ configuration: Configuration, _ initializer: Initializer, key: RandomKey?
  ) throws(ConfigurationError) {
    let c = configuration
    try requireWindow(c.window, c.strides, c.padding)
    try requireSizes(c.dilation, "dilation")
    try requireSizes(c.window + [c.inputs, c.outputs], "window, inputs and outputs")
    guard c.dilation.count == c.window.count else {
      throw ConfigurationError("expected a dilation for each of \(c.window.count) spatial axes, found \(c.dilation)")
    }
    guard c.groups > 0 && c.inputs % c.groups == 0 && c.outputs % c.groups == 0 else {
      throw ConfigurationError(
        "expected groups that divide \(c.inputs) inputs and \(c.outputs) outputs, found \(c.groups)")
    }
    self.configuration = c
    let area = c.window.elementCount
    weight = initializer(
      c.window + [c.inputs / c.groups, c.outputs], fanIn: area * c.inputs / c.groups,
      fanOut: area * c.outputs / c.groups, key: key ?? nextInitialKey())
    bias = c.bias ? .zeros([c.outputs]) : nil
  }
}

/// Throws unless a window and what goes with it fit 1, 2 or 3 spatial axes.
func requireWindow(_ window: [Int], _ strides: [Int], _ padding: WindowPadding) throws(ConfigurationError) {
  guard (1...3).contains(window.count) && strides.count == window.count else {
    throw ConfigurationError(
      "expected a window over 1, 2 or 3 spatial axes and a stride for each, found \(window) and \(strides)")
  }
  try requireSizes(window, "a window")
  try requireSizes(strides, "strides")
  if case .explicit(let low, let high) = padding {
    guard low.count == window.count && high.count == window.count,
      (low + high).allSatisfy({ (0...1 << 20).contains($0) })
    else {
      throw ConfigurationError(
        "expected padding not below 0 for each of \(window.count) spatial axes, found \(low) and \(high)")
    }
  }
}
