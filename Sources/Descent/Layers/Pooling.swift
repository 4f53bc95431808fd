public import DescentCore

/// What a pooling layer is made from.
public struct PoolingConfiguration: Codable, Sendable {
  public let window, strides: [Int]
  public let padding: WindowPadding

  /// The strides are the window's extents unless given.
  fileprivate init(
    _ layer: String, _ window: [Int], _ strides: [Int]?, _ padding: WindowPadding
  ) {
    self.window = window
    self.strides = strides ?? window
    self.padding = padding
    trapping(layer) { () throws(ConfigurationError) in try check() }
  }

  fileprivate func check() throws(ConfigurationError) { try requireWindow(window, strides, padding) }
}

/// The largest element under a window, channel by channel: x [batch, s₁…s_d, channels] → y [batch, o₁…o_d, channels].
/// See `Tensor.maxPooled(window:strides:padding:)`.
public struct MaxPooling: ConfigurableLayer {
  public let configuration: PoolingConfiguration

  public init(_ window: [Int], strides: [Int]? = nil, padding: WindowPadding = .valid) {
    configuration = PoolingConfiguration("MaxPooling", window, strides, padding)
  }

  public init(configuration: PoolingConfiguration) throws(ConfigurationError) {
    try configuration.check()
    self.configuration = configuration
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.maxPooled(window: configuration.window, strides: configuration.strides, padding: configuration.padding)
  }
}

/// The mean of the elements under a window, channel by channel, padding not counted: x [batch, s₁…s_d, channels] →
/// y [batch, o₁…o_d, channels]. See `Tensor.averagePooled(window:strides:padding:countsPadding:)`.
public struct AveragePooling: ConfigurableLayer {
  public let configuration: PoolingConfiguration

  public init(_ window: [Int], strides: [Int]? = nil, padding: WindowPadding = .valid) {
    configuration = PoolingConfiguration("AveragePooling", window, strides, padding)
  }

  public init(configuration: PoolingConfiguration) throws(ConfigurationError) {
    try configuration.check()
    self.configuration = configuration
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.averagePooled(window: configuration.window, strides: configuration.strides, padding: configuration.padding)
  }
}
