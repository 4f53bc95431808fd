public import DescentCore

/// What an adaptive pooling layer is made from: the extents of its results.
public struct AdaptivePoolingConfiguration: Codable, Sendable {
  public let outputs: [Int]

  fileprivate func check() throws(ConfigurationError) {
    guard (1...3).contains(outputs.count) else {
      throw ConfigurationError("expected extents of 1, 2 or 3 spatial axes, found \(outputs)")
    }
    try requireSizes(outputs, "extents")
  }

  fileprivate func outputShape(_ layer: String, for shape: [Int]) throws(ConfigurationError) -> [Int] {
    try requireImages(layer, shape, axes: outputs.count)
    guard shape.dropFirst().dropLast().allSatisfy({ $0 > 0 }) else {
      throw ConfigurationError("\(layer): expects spatial axes with elements, not shape \(text(shape))")
    }
    return [shape[0]] + outputs + [shape[shape.count - 1]]
  }

  /// Each spatial axis cut into bins, from ⌊i · extent / outputs⌋ up to ⌈(i + 1) · extent / outputs⌉, and each bin
  /// reduced along the axis: a bin over several axes is the product of its sides, so they can be taken in turn.
  fileprivate func pooled(_ x: Tensor, _ reduce: (_ bin: Tensor, _ axis: Int) -> Tensor) -> Tensor {
    var y = x
    for (axis, count) in zip(1..., outputs) {
      let extent = y.shape[axis]
      if extent % count == 0 {
        let bins = Array(y.shape[..<axis]) + [count, extent / count] + y.shape[(axis + 1)...]
        y = reduce(y.reshaped(bins), axis + 1)
      } else {
        y = .stack(
          (0..<count).map { bin in
            let start = bin * extent / count
            let end = ((bin + 1) * extent + count - 1) / count
            return reduce(y.slice(axis: axis, from: start, count: end - start), axis)
          }, axis: axis)
      }
    }
    return y
  }
}

/// The means of bins that divide each spatial axis as evenly as it goes, so that images of any size give results of one:
/// x [batch, s₁…s_d, channels] → y [batch, outputs…, channels]. Bin i of m goes from ⌊i · s / m⌋ up to ⌈(i + 1) · s / m⌉,
/// as in PyTorch; bins may share elements.
public struct AdaptiveAveragePooling: ConfigurableLayer {
  public let configuration: AdaptivePoolingConfiguration

  public init(_ outputs: [Int]) {
    self = trapping("AdaptiveAveragePooling") { () throws(ConfigurationError) in
      try Self(configuration: AdaptivePoolingConfiguration(outputs: outputs))
    }
  }

  public init(configuration: AdaptivePoolingConfiguration) throws(ConfigurationError) {
    try configuration.check()
    self.configuration = configuration
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    requireShape(of: x)
    return configuration.pooled(x) { $0.mean(axis: $1) }
  }
}

/// The largest elements of such bins: x [batch, s₁…s_d, channels] → y [batch, outputs…, channels].
public struct AdaptiveMaxPooling: ConfigurableLayer {
  public let configuration: AdaptivePoolingConfiguration

  public init(_ outputs: [Int]) {
    self = trapping("AdaptiveMaxPooling") { () throws(ConfigurationError) in
      try Self(configuration: AdaptivePoolingConfiguration(outputs: outputs))
    }
  }

  public init(configuration: AdaptivePoolingConfiguration) throws(ConfigurationError) {
    try configuration.check()
    self.configuration = configuration
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    requireShape(of: x)
    return configuration.pooled(x) { $0.max(axis: $1) }
  }
}

extension AdaptiveAveragePooling: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    try configuration.outputShape("AdaptiveAveragePooling", for: shape)
  }
}

extension AdaptiveMaxPooling: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    try configuration.outputShape("AdaptiveMaxPooling", for: shape)
  }
}
