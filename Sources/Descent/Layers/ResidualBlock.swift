public import DescentCore

/// Two convolutions with a window of 3×3 around which the input also passes (He et al. 2016):
/// y = relu(norm(conv(relu(norm(conv(x))))) + shortcut(x)).
///
/// Shapes: x [batch, height, width, inputs] → y [batch, ⌈height / stride⌉, ⌈width / stride⌉, outputs]. Where that keeps
/// the shape the shortcut is x itself. Else it is `.projection`, a 1×1 convolution with the stride and a normalisation
/// (their option B), or `.zeros`, the pixels at the stride with zeros for the new channels (their option A, without
/// parameters).
public struct ResidualBlock: ConfigurableLayer {
  public enum Shortcut: String, Codable, Sendable { case projection, zeros }

  public let first: Convolution
  public let firstNorm: BatchNorm
  public let second: Convolution
  public let secondNorm: BatchNorm
  public let projection: Sequential?
  public let configuration: Configuration

  public init(_ inputs: Int, _ outputs: Int, stride: Int = 1, shortcut: Shortcut = .projection) {
    let configuration = Configuration(inputs: inputs, outputs: outputs, stride: stride, shortcut: shortcut)
    self = trapping("ResidualBlock") { () throws(ConfigurationError) in
      try ResidualBlock(configuration: configuration)
    }
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    requireShape(of: x)
    return (secondNorm(second(firstNorm(first(x)).relu())) + shortcut(x)).relu()
  }

  private func shortcut(_ x: Tensor) -> Tensor {
    let c = configuration
    if let projection { return projection(x) }
    if c.keepsShape { return x }
    let pixels = TensorIndex.range(stride: c.stride)
    return x[TensorIndex.all, pixels, pixels].padded([(0, 0), (0, 0), (0, 0), (0, c.outputs - c.inputs)])
  }

  public struct Configuration: Codable, Sendable {
    public let inputs, outputs, stride: Int, shortcut: Shortcut
    var keepsShape: Bool { inputs == outputs && stride == 1 }
  }

  public init(configuration: Configuration) throws(ConfigurationError) {
    let c = configuration
    try requireSizes([9, c.inputs, c.outputs], "inputs and outputs")
    try requireSizes([c.stride], "a stride")
    guard c.shortcut == .projection || c.outputs >= c.inputs else {
      throw ConfigurationError("expected at least as many outputs as the \(c.inputs) inputs that pass by")
    }
    self.configuration = c
    first = Convolution(
      c.inputs, c.outputs, window: [3, 3], strides: [c.stride, c.stride], padding: .symmetric([1, 1]), bias: false)
    firstNorm = BatchNorm(c.outputs)
    second = Convolution(c.outputs, c.outputs, window: [3, 3], padding: .symmetric([1, 1]), bias: false)
    secondNorm = BatchNorm(c.outputs)
    projection =
      c.keepsShape || c.shortcut == .zeros
      ? nil
      : Sequential {
        Convolution(c.inputs, c.outputs, window: [1, 1], strides: [c.stride, c.stride], bias: false)
        BatchNorm(c.outputs)
      }
  }
}

extension ResidualBlock: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    let c = configuration
    try requireImages("ResidualBlock", shape, axes: 2, channels: c.inputs)
    return [shape[0]] + shape[1...2].map { ($0 + c.stride - 1) / c.stride } + [c.outputs]
  }
}
