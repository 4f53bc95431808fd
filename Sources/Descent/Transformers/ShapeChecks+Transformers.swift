import DescentCore

// Transformer layers keep the shape of [batch, time, width]; `GPT` makes logits of indices.

extension MultiHeadAttention: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    try sequenceShape("MultiHeadAttention", configuration.width, shape)
  }
}

extension TransformerBlock: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    _ = try feedForward.outputShape(for: shape)
    return try attention.outputShape(for: shape)
  }
}

extension TransformerEncoder: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    for block in blocks { _ = try block.outputShape(for: shape) }
    return shape
  }
}

extension FeedForward: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    let hidden = try up.outputShape(for: shape)
    return try down.outputShape(for: Descent.outputShape(of: activation, for: hidden))
  }
}

extension LearnedPositions: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    let result = try sequenceShape("LearnedPositions", width, shape)
    guard shape[1] <= context else {
      throw ConfigurationError("LearnedPositions: knows \(context) places, not \(shape[1])")
    }
    return result
  }
}

extension SinusoidalPositions: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    try sequenceShape("SinusoidalPositions", width, shape)
  }
}

extension GPT: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    guard shape.count == 2 && shape[1] <= configuration.context else {
      throw ConfigurationError(
        "GPT: expects [batch, time] of up to \(configuration.context) tokens, not shape \(text(shape))")
    }
    return shape + [configuration.vocabulary]
  }
}

private func sequenceShape(_ layer: String, _ width: Int, _ shape: [Int]) throws(ConfigurationError) -> [Int] {
  guard shape.count == 3 && shape[2] == width else {
    throw ConfigurationError("\(layer): expects [batch, time, \(width)], not shape \(text(shape))")
  }
  return shape
}
