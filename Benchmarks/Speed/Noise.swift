import Descent

/// Numbers that follow from a seed alone, bit for bit the same in the peers' scripts, so that all engines start from
/// equal weights and learn from equal data.
enum Noise {
  /// After so many numbers they repeat, which keeps filling the largest tensors short.
  private static let period = 1 << 20

  /// Number `index` of a seed: uniform on [0, 1) in steps of 2⁻²⁴ (SplitMix64, Steele et al. 2014).
  static func unit(_ seed: Int, _ index: Int) -> Float {
    var z = ((UInt64(seed) << 32) &+ UInt64(index) &+ 1) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    return Float(z >> 40) / 16_777_216
  }

  /// Uniform on [-limit, limit).
  static func values(_ seed: Int, count: Int, limit: Double = 1) -> [Float] {
    let limit = Float(limit)
    let start = (0..<Swift.min(count, period)).map { (2 * unit(seed, $0) - 1) * limit }
    return count <= period ? start : (0..<count).map { start[$0 % period] }
  }

  /// Puts values into memory, one after the other.
  static func fill(_ memory: Memory, _ seed: Int) {
    let start = values(seed, count: Swift.min(memory.count, period))
    for index in 0..<memory.count { memory[index] = .real(Double(start[index % period])) }
  }

  static func tensor(_ seed: Int, _ shape: [Int], limit: Double = 1) -> Tensor {
    Tensor(values(seed, count: shape.reduce(1, *), limit: limit), shape: shape)
  }
}

extension Module {
  /// Gives the parameters the weights that all engines start from: matrices uniform on ± √(6 / (rows + columns)), those
  /// of a convolution narrower by the root of its window's area, scales 1, biases 0. The seed is the parameter's position.
  func loadCommonWeights() throws {
    try load(
      ModuleValues(
        parameters.enumerated().map { position, parameter in
          let shape = parameter.value.shape
          if shape.count >= 2 {
            let window = shape.dropLast(2).reduce(1, *)
            let limit = (6 / Double(window * (shape[shape.count - 2] + shape[shape.count - 1]))).squareRoot()
            return (parameter.path, Noise.tensor(position, shape, limit: limit))
          }
          return (parameter.path, parameter.path.hasSuffix("scale") ? .ones(shape) : .zeros(shape))
        }), verify: .lenient)  // Buffers stay as they are.
  }
}
