public import DescentCore

/// The mean of every channel over all spatial axes: x [batch, s₁…s_d, channels] → y [batch, channels].
public struct GlobalAveragePooling: PlainLayer {
  public init() {}

  public func callAsFunction(_ x: Tensor) -> Tensor {
    requireShape(of: x)
    return x.mean(axes: Array(1..<(x.rank - 1)))
  }
}

/// The largest element of every channel over all spatial axes: x [batch, s₁…s_d, channels] → y [batch, channels].
/// Elements that tie share the derivative equally.
public struct GlobalMaxPooling: PlainLayer {
  public init() {}

  public func callAsFunction(_ x: Tensor) -> Tensor {
    requireShape(of: x)
    return x.max(axes: Array(1..<(x.rank - 1)))
  }
}

extension GlobalAveragePooling: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    try requireImages("GlobalAveragePooling", shape)
    return [shape[0], shape[shape.count - 1]]
  }
}

extension GlobalMaxPooling: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    try requireImages("GlobalMaxPooling", shape)
    guard shape.dropFirst().dropLast().allSatisfy({ $0 > 0 }) else {
      throw ConfigurationError("GlobalMaxPooling: nothing is the largest of no elements, of shape \(text(shape))")
    }
    return [shape[0], shape[shape.count - 1]]
  }
}
