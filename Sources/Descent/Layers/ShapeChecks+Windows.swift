import DescentCore

// The layers that slide a window tell their results' shapes by the operations themselves, which compute nothing.

extension Convolution: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    let c = configuration
    return try shapeOf("Convolution") { () throws(ShapeError) in
      try Tensor.tryConvolved(
        placeholder(shape), placeholder(c.window + [c.inputs / c.groups, c.outputs]), c.strides, c.padding, c.dilation,
        groups: c.groups)
    }
  }
}

extension TransposedConvolution: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    let c = configuration
    return try shapeOf("TransposedConvolution") { () throws(ShapeError) in
      try Tensor.tryTransposedConvolved(
        placeholder(shape), placeholder(c.window + [c.outputs, c.inputs]), c.strides, c.padding, c.outputPadding, nil,
        groups: 1)
    }
  }
}

extension MaxPooling: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    try pooledShape("MaxPooling", configuration, shape)
  }
}

extension AveragePooling: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    try pooledShape("AveragePooling", configuration, shape)
  }
}

private func pooledShape(
  _ layer: String, _ pool: PoolingConfiguration, _ shape: [Int]
) throws(ConfigurationError) -> [Int] {
  try shapeOf(layer) { () throws(ShapeError) in
    try placeholder(shape).tryMaxPooled(window: pool.window, strides: pool.strides, padding: pool.padding)
  }
}

private func placeholder(_ shape: [Int]) -> Tensor { .input(0, shape: shape, dtype: .float32) }

private func shapeOf(_ layer: String, _ result: () throws(ShapeError) -> Tensor) throws(ConfigurationError) -> [Int] {
  do {
    return try result().shape
  } catch {
    throw ConfigurationError("\(layer): \(error.problem)")
  }
}
