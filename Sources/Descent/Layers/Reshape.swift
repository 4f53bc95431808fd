public import DescentCore

/// Every example in another shape: x [batch, …] → y [batch, shape…]. One extent may be −1 and follows from the others.
public struct Reshape: ConfigurableLayer {
  public let configuration: Configuration

  public init(_ shape: Int...) {
    self = trapping("Reshape") { () throws(ConfigurationError) in
      try Reshape(configuration: Configuration(shape: shape))
    }
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    guard x.rank >= 1 else { fatalError("Reshape: expects [batch, …], not a tensor of rank 0") }
    let example = Array(x.shape.dropFirst())
    let shape = trapping { () throws(ShapeError) in
      try resolvedShape(configuration.shape, count: example.elementCount)
    }
    guard shape.elementCount == example.elementCount else {
      fatalError("Reshape: examples of shape \(text(example)) do not fill \(text(shape))")
    }
    return x.reshaped([x.shape[0]] + shape)
  }

  public struct Configuration: Codable, Sendable { public let shape: [Int] }

  public init(configuration: Configuration) throws(ConfigurationError) {
    let known = configuration.shape.filter { $0 != -1 }
    guard configuration.shape.count - known.count <= 1 else {
      throw ConfigurationError("expected at most one extent of -1, found \(text(configuration.shape))")
    }
    try requireSizes(known, "extents")
    self.configuration = configuration
  }
}
