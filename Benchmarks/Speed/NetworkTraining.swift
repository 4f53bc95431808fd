import Descent

/// Training steps of a fully connected network, one batch after the other, over and over.
struct NetworkTraining: TrainingTask {
  enum Activation: String, Decodable { case tanh, relu }
  enum Loss: String, Decodable { case meanSquaredError, crossEntropy }
  enum Rule: String, Decodable { case sgd, adam }

  let layers: [Int]
  let activation: Activation
  let loss: Loss
  let optimizer: Rule
  let learningRate: Double
  let batch: Int
  let batches: Int
  let precision: Precision?

  func makeStep() throws -> CompiledStep<Sequential> {
    let model = network(layers, activation)
    try model.loadCommonWeights()
    let (loss, precision) = (loss, precision ?? .float32)
    let lossOnBatch = { (model: Sequential, batch: Batch) in
      switch loss {
      case .meanSquaredError: meanSquaredError(model(batch.inputs), batch.targets)
      case .crossEntropy: softmaxCrossEntropy(logits: model(batch.inputs), targets: batch.targets)
      }
    }
    return switch optimizer {
    case .sgd: try CompiledStep(model, .sgd(learningRate: learningRate), precision: precision, loss: lossOnBatch)
    case .adam: try CompiledStep(model, .adam(learningRate: learningRate), precision: precision, loss: lossOnBatch)
    }
  }

  /// Inputs are noise. What is to be learnt is the product of the first two, or which of the first ones is largest.
  func data(_ index: Int) -> Batch {
    let inputs = Noise.values(1000 + index, count: batch * layers[0])
    let rows = (0..<batch).map { inputs[($0 * layers[0])..<(($0 + 1) * layers[0])] }
    let targets =
      switch loss {
      case .meanSquaredError:
        Tensor(rows.map { $0[$0.startIndex] * $0[$0.startIndex + 1] }, shape: [batch, 1])
      case .crossEntropy:
        Tensor(
          rows.map { row in
            let first = row.prefix(layers.last!)
            return Int32(first.firstIndex(of: first.max()!)! - first.startIndex)
          })
      }
    return Batch(inputs: Tensor(inputs, shape: [batch, layers[0]]), targets: targets)
  }
}

func network(_ layers: [Int], _ activation: NetworkTraining.Activation) -> Sequential {
  var parts: [any Layer] = []
  for (inputs, outputs) in zip(layers, layers.dropFirst()) {
    if !parts.isEmpty { parts.append(activation == .relu ? ReLU() : Tanh()) }
    parts.append(Dense(inputs, outputs))
  }
  return Sequential(parts)
}
