public import DescentCore

/// Weighs the channels by what the whole image shows: y = σ(W₂ · relu(W₁ · mean(x) + b₁) + b₂) · x (Hu et al. 2018).
///
/// Shapes: x [batch, s₁…s_d, channels] → y the same; the mean over the spatial axes is [batch, channels], between W₁ and W₂
/// are `squeezed` numbers.
public struct SqueezeExcitation: ConfigurableLayer {
  public let squeeze: Dense
  public let excite: Dense

  /// - Parameter squeezed: a sixteenth of the channels, or 1 if they are fewer, unless given.
  public init(_ channels: Int, squeezed: Int? = nil, key: RandomKey? = nil) {
    let squeezed = squeezed ?? max(channels / 16, 1)
    let keys = (key ?? nextInitialKey()).split(2)
    squeeze = Dense(channels, squeezed, initializer: .heUniform, key: keys[0])
    excite = Dense(squeezed, channels, key: keys[1])
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    requireShape(of: x)
    let means = x.mean(axes: Array(1..<(x.rank - 1)))  // [batch, channels]
    let weights = excite(squeeze(means).relu()).sigmoid()
    return x * weights.reshaped([x.shape[0]] + x.shape[2...].map { _ in 1 } + [squeeze.inputs])
  }

  public struct Configuration: Codable, Sendable { let channels, squeezed: Int }

  public var configuration: Configuration { Configuration(channels: squeeze.inputs, squeezed: squeeze.outputs) }

  public init(configuration: Configuration) throws(ConfigurationError) {
    try requireSizes([configuration.channels, configuration.squeezed], "channels and squeezed ones")
    self.init(configuration.channels, squeezed: configuration.squeezed)
  }
}

extension SqueezeExcitation: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    try requireImages("SqueezeExcitation", shape, channels: squeeze.inputs)
    return shape
  }
}
