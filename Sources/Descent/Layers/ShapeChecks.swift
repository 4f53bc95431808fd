import DescentCore

/// A layer that can tell which shape it makes of another without being given a tensor.
///
/// Layers trap on shapes that do not fit, since in a program they are mistakes of the programmer; a network read from a
/// file is data, so its layers are asked before they are used.
protocol ShapeChecking {
  /// The shape of the result.  // [batch, …] → [batch, …]
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int]
}

extension ShapeChecking {
  /// Stops the program if the layer cannot be given the tensor.
  func requireShape(of x: Tensor) {
    do {
      _ = try outputShape(for: x.shape)
    } catch {
      fatalError(error.description)
    }
  }
}

/// A layer that is made of others, all of whose results have to be small enough.
protocol NestedShapeChecking: ShapeChecking {
  func outputShape(for shape: [Int], atMost most: Int) throws(ConfigurationError) -> [Int]
}

extension NestedShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    try outputShape(for: shape, atMost: mostFeatures)
  }
}

/// Throws unless the shape is [batch, s₁…s_d, channels], with so many spatial axes and channels if they are given.
func requireImages(
  _ layer: String, _ shape: [Int], axes: Int? = nil, channels: Int? = nil
) throws(ConfigurationError) {
  guard shape.count >= 3 && axes ?? shape.count - 2 == shape.count - 2 && channels ?? shape.last == shape.last else {
    let spatial = axes.map { "\($0) spatial \($0 == 1 ? "axis" : "axes")" } ?? "…"
    throw ConfigurationError(
      "\(layer): expects [batch, \(spatial), \(channels.map { "\($0)" } ?? "channels")], not shape \(text(shape))")
  }
}

/// The shape a layer makes of another; a layer that cannot tell keeps it.
///
/// - Parameter most: the numbers that the layer, and those in it, may make of an example.
func outputShape(
  of layer: any Layer, for shape: [Int], atMost most: Int = mostFeatures
) throws(ConfigurationError) -> [Int] {
  let result: [Int]
  switch layer {
  case let layer as any NestedShapeChecking: result = try layer.outputShape(for: shape, atMost: most)
  case let layer as any ShapeChecking: result = try layer.outputShape(for: shape)
  case let layer as any RecurrentLayer: result = try layer.shape.outputShape(for: shape)
  default: return shape
  }
  guard result.count > 1 else {
    throw ConfigurationError("\(type(of: layer)): no axis is left beside the batch")
  }
  // Counted without overflow: the product of all extents may be larger than any integer.
  guard result.dropFirst().reduce(1.0, { $0 * Double($1) }) <= Double(most) else {
    throw ConfigurationError("\(type(of: layer)): makes examples of more than \(most) numbers, \(text(result))")
  }
  return result
}

/// More numbers than this for an example are a mistake, or an attack on the memory, but for images.
let mostFeatures = 1 << 20

private func features(_ count: Double, from layer: String) throws(ConfigurationError) -> Int {
  guard count <= Double(mostFeatures) else {
    throw ConfigurationError("\(layer) would make more than \(mostFeatures) features")
  }
  return Int(count)
}

extension Sequential: NestedShapeChecking {
  func outputShape(for shape: [Int], atMost most: Int) throws(ConfigurationError) -> [Int] {
    var shape = shape
    for (index, layer) in layers.enumerated() {
      do {
        shape = try Descent.outputShape(of: layer, for: shape, atMost: most)
      } catch {
        throw ConfigurationError("layer \(index), \(error.description)")
      }
    }
    return shape
  }
}

extension Residual: NestedShapeChecking {
  func outputShape(for shape: [Int], atMost most: Int) throws(ConfigurationError) -> [Int] {
    let changed = try Descent.outputShape(of: body, for: shape, atMost: most)
    var passed = shape
    if let shortcut { passed = try Descent.outputShape(of: shortcut, for: shape, atMost: most) }
    guard changed == passed else { throw ConfigurationError("Residual: \(mismatch(shape, changed, passed))") }
    return passed
  }
}

extension Recomputed: NestedShapeChecking {
  func outputShape(for shape: [Int], atMost most: Int) throws(ConfigurationError) -> [Int] {
    try Descent.outputShape(of: body, for: shape, atMost: most)
  }
}

extension Dense: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    guard shape.last == inputs else {
      throw ConfigurationError("Dense: expects \(inputs) features in the last axis, not shape \(text(shape))")
    }
    return shape.dropLast() + [outputs]
  }
}

extension LayerNorm: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    guard shape.count > configuration.shape.count, shape.suffix(configuration.shape.count) == configuration.shape[...]
    else {
      throw ConfigurationError(
        "LayerNorm: expects the last axes to be \(text(configuration.shape)), not \(text(shape))")
    }
    return shape
  }
}

extension BatchNorm: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    guard shape.count >= 2 && shape.last == configuration.features else {
      throw ConfigurationError("BatchNorm: expects [batch, \(configuration.features)], not shape \(text(shape))")
    }
    return shape
  }
}

extension Flatten: ShapeChecking {
  func outputShape(for shape: [Int]) -> [Int] { [shape[0], shape.dropFirst().reduce(1, *)] }
}

extension Reshape: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    let count = shape.dropFirst().reduce(1, *)
    guard let result = try? resolvedShape(configuration.shape, count: count), result.elementCount == count else {
      throw ConfigurationError("Reshape: \(count) numbers do not fill \(text(configuration.shape))")
    }
    return [shape[0]] + result
  }
}

extension PolynomialFeatures: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    let inputs = Double(shape[shape.count - 1])
    var count = inputs * Double(configuration.degree)
    if configuration.interactions {
      let products = (1...configuration.degree).map { Double($0) }.reduce(1) { $0 * (inputs + $1) / $1 }
      count = products.rounded() - 1
    }
    return shape.dropLast() + [try features(count, from: "PolynomialFeatures")]
  }
}

extension BasisExpansion: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    let inputs = Double(shape[shape.count - 1])
    let count = configuration.functions.reduce(0) { $0 + ($1 == .product ? inputs * (inputs - 1) / 2 : inputs) }
    guard count > 0 else { throw ConfigurationError("BasisExpansion: one feature has no products") }
    return shape.dropLast() + [try features(count, from: "BasisExpansion")]
  }
}

extension Softmax: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    try requireAxis(configuration.axis, of: shape, "Softmax")
    return shape
  }
}

extension LogSoftmax: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    try requireAxis(configuration.axis, of: shape, "LogSoftmax")
    return shape
  }
}

private func requireAxis(_ axis: Int, of shape: [Int], _ layer: String) throws(ConfigurationError) {
  guard (-shape.count..<shape.count).contains(axis) else {
    throw ConfigurationError("\(layer): there is no axis \(axis) in shape \(text(shape))")
  }
}
