import Descent

/// A parameter that is multiplied with its input, for tests of what training does with parameters.
struct Gain: Layer {
  @Parameter var factor: Tensor

  init(_ factor: Tensor) { self.factor = factor }

  func callAsFunction(_ x: Tensor) -> Tensor { x * factor }
}

/// Counts its calls in training, as batch normalisation keeps running statistics.
struct CallCount: Layer {
  @Buffer var calls: Tensor = .zeros([])

  func callAsFunction(_ x: Tensor) -> Tensor {
    if ModuleContext.current.phase == .training { calls = calls + 1 }
    return x
  }
}

enum TrainingData {
  static let xor = Dataset(inputs: [[0, 0], [0, 1], [1, 0], [1, 1]], targets: [[0], [1], [1], [0]])

  /// y = 2 x − 1 + a deterministic disturbance.
  static func line(_ count: Int) -> Dataset {
    let x = (0..<count).map { Float($0) / Float(count) }
    let y = x.enumerated().map { 2 * $1 - 1 + Float(($0 * 7) % 5 - 2) * 0.05 }
    return Dataset(inputs: Tensor(x, shape: [count, 1]), targets: Tensor(y, shape: [count, 1]))
  }
}

extension Dataset {
  /// The same rows with one target for all.
  func mapTargets(to value: Float) -> Dataset { Dataset(inputs: inputs, targets: .full([count, 1], value)) }
}

/// The bits of all parameters and buffers.
func bits(_ model: some Module) -> [[UInt32]] {
  model.state.tensors.map { $0.array(of: Float.self).map(\.bitPattern) }
}

func squaredError<Model: Layer>(_ model: Model, _ batch: Batch) -> Tensor {
  (model(batch.inputs) - batch.targets).squared().mean()
}
