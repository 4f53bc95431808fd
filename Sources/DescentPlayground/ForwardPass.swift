import DescentCore
import DescentRules

/// The network as a function of its parameters: a weight [inputs, units] and a bias [units] for each layer.
struct ForwardPass {
  let settings: PlaygroundSettings

  /// The shapes of weights and biases, in turn.
  var parameterShapes: [[Int]] {
    let widths = [settings.features.count] + settings.hiddenLayers + [1]
    return (1..<widths.count).flatMap { [[widths[$0 - 1], widths[$0]], [widths[$0]]] }
  }

  /// Weights uniform on ±½, biases 0.1.
  func initialParameters(_ key: RandomKey) -> [Tensor] {
    let shapes = parameterShapes
    let keys = key.split(shapes.count)
    return zip(shapes, keys).map { shape, key in
      shape.count == 2 ? key.uniform(shape, from: -0.5, to: 0.5) : .full(shape, 0.1)
    }
  }

  /// The outputs of every layer, [points, units] each; the last is the network's own, in −1 ... 1.
  func layers(_ inputs: Tensor, _ parameters: [Tensor]) -> [Tensor] {
    var outputs: [Tensor] = []
    var values = inputs  // [points, features]
    for index in stride(from: 0, to: parameters.count, by: 2) {
      let sums = values.matmul(parameters[index]) + parameters[index + 1]  // [points, units]
      values = index + 2 == parameters.count ? sums.tanh() : activate(sums)
      outputs.append(values)
    }
    return outputs
  }

  private func activate(_ sums: Tensor) -> Tensor {
    switch settings.activation {
    case .tanh: sums.tanh()
    case .relu: sums.relu()
    case .sigmoid: sums.sigmoid()
    case .linear: sums
    }
  }

  /// The mean of ½(output − label)².
  func loss(_ inputs: Tensor, _ labels: Tensor, _ parameters: [Tensor]) -> Tensor {
    halfSquaredError(layers(inputs, parameters)[parameters.count / 2 - 1], labels)
  }

  /// What the settings ask for large weights.
  func penalty(_ parameters: [Tensor]) -> Tensor? {
    let weights = parameters.filter { $0.rank == 2 }
    switch settings.penalty {
    case .none: return nil
    case .l1: return l1Penalty(weights, strength: settings.penaltyRate)
    case .l2: return l2Penalty(weights, strength: settings.penaltyRate / 2)
    }
  }
}
