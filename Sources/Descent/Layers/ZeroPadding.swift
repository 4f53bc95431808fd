public import DescentCore

/// Zeros around the spatial axes: x [batch, s₁…s_d, channels] → y [batch, low₁ + s₁ + high₁, …, channels].
public struct ZeroPadding: ConfigurableLayer {
  public let configuration: Configuration

  /// So many zeros before and after each spatial axis, or only before it where `high` says another number.
  public init(_ low: [Int], _ high: [Int]? = nil) {
    self = trapping("ZeroPadding") { () throws(ConfigurationError) in
      try ZeroPadding(configuration: Configuration(low: low, high: high ?? low))
    }
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    requireShape(of: x)
    return x.padded([(0, 0)] + zip(configuration.low, configuration.high).map { ($0, $1) } + [(0, 0)])
  }

  public struct Configuration: Codable, Sendable { public let low, high: [Int] }

  public init(configuration: Configuration) throws(ConfigurationError) {
    let c = configuration
    guard (1...3).contains(c.low.count) && c.high.count == c.low.count,
      (c.low + c.high).allSatisfy({ (0...1 << 20).contains($0) })
    else {
      throw ConfigurationError(
        "expected padding not below 0 for each of 1, 2 or 3 spatial axes, found \(c.low) and \(c.high)")
    }
    self.configuration = c
  }
}

extension ZeroPadding: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    let c = configuration
    try requireImages("ZeroPadding", shape, axes: c.low.count)
    return [shape[0]] + zip(shape[1...], zip(c.low, c.high)).map { $0 + $1.0 + $1.1 } + [shape[shape.count - 1]]
  }
}
