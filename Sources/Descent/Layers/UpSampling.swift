public import DescentCore

/// Images enlarged by whole factors: x [batch, s₁…s_d, channels] → y [batch, factor₁ · s₁, …, channels].
///
/// `.nearest` repeats every element. `.linear` (bilinear over two axes, trilinear over three) takes element i of the
/// result at (i + ½) / factor − ½ of the input, between its two neighbours, and repeats those at the edges: PyTorch's
/// `align_corners=False`.
public struct UpSampling: ConfigurableLayer {
  public enum Interpolation: String, Codable, Sendable { case nearest, linear }

  public let configuration: Configuration

  public init(_ factors: [Int], _ interpolation: Interpolation = .nearest) {
    self = trapping("UpSampling") { () throws(ConfigurationError) in
      try UpSampling(configuration: Configuration(factors: factors, interpolation: interpolation))
    }
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    requireShape(of: x)
    return zip(1..., configuration.factors).reduce(x) { y, step in
      let (axis, factor) = step
      if factor == 1 { return y }
      let phases =
        configuration.interpolation == .nearest
        ? [Tensor](repeating: y, count: factor) : interpolated(y, axis, factor)
      var shape = y.shape
      shape[axis] *= factor
      return Tensor.stack(phases, axis: axis + 1).reshaped(shape)  // […, extent, factor, …]
    }
  }

  /// For each of the `factor` results that come from one element: between it and the one before or behind it.
  private func interpolated(_ x: Tensor, _ axis: Int, _ factor: Int) -> [Tensor] {
    let (extent, ends) = (x.shape[axis], [0, x.shape[axis] - 1].map { x.slice(axis: axis, from: $0, count: 1) })
    let before = Tensor.concatenate([ends[0], x.slice(axis: axis, from: 0, count: extent - 1)], axis: axis)
    let behind = Tensor.concatenate([x.slice(axis: axis, from: 1, count: extent - 1), ends[1]], axis: axis)
    return (0..<factor).map { phase in
      let place = (Double(phase) + 0.5) / Double(factor) - 0.5
      let share: Double = 1 - abs(place)
      return share * x + abs(place) * (place < 0 ? before : behind)
    }
  }

  public struct Configuration: Codable, Sendable { public let factors: [Int], interpolation: Interpolation }

  public init(configuration: Configuration) throws(ConfigurationError) {
    guard (1...3).contains(configuration.factors.count) else {
      throw ConfigurationError("expected a factor for each of 1, 2 or 3 spatial axes, found \(configuration.factors)")
    }
    try requireSizes(configuration.factors, "factors")
    self.configuration = configuration
  }
}

extension UpSampling: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    let factors = configuration.factors
    try requireImages("UpSampling", shape, axes: factors.count)
    var result = shape
    for (axis, factor) in zip(1..., factors) {
      let (extent, overflow) = shape[axis].multipliedReportingOverflow(by: factor)
      guard shape[axis] > 0 && !overflow else {
        throw ConfigurationError("UpSampling: cannot enlarge shape \(text(shape)) by \(text(factors))")
      }
      result[axis] = extent
    }
    return result
  }
}
