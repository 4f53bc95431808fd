import Descent

/// Training steps with momentum of a residual network for small images (He et al. 2016, section 4.2), whose shortcuts have
/// no parameters: all weights are those of 3×3 convolutions and of the last layer.
struct ResidualTraining: TrainingTask {
  let size: Int
  let inputs: Int
  let widths: [Int]
  let blocksPerWidth: Int
  let classes: Int
  let parameters: Int
  let learningRate: Double
  let momentum: Double
  let batch: Int
  let batches: Int

  func makeStep() throws -> CompiledStep<Sequential> {
    let model = Sequential.resNet(
      image: [size, size, inputs], classes: classes, widths: widths, blocks: widths.map { _ in blocksPerWidth },
      shortcut: .zeros)
    let count = model.parameters.reduce(0) { $0 + $1.value.count }
    precondition(count == parameters, "the network has \(count) parameters, not \(parameters)")
    try model.loadCommonWeights()
    return try CompiledStep(model, .sgd(learningRate: learningRate, momentum: momentum)) { model, batch in
      softmaxCrossEntropy(logits: model(batch.inputs), targets: batch.targets)
    }
  }

  func data(_ index: Int) -> Batch {
    Batch(images: [batch, size, size, inputs], classes: classes, seed: 1000 + index)
  }

  /// The running statistics are compared too: by the loss of the trained network in the phase of inference.
  func prepare() throws -> Prepared {
    let step = try makeStep()
    var prepared = try Prepared(training: step, on: (0..<batches).map(data))
    let batch = data(0)
    let logits = try CompiledModel(step.model)(batch.inputs)
    prepared.check.append(softmaxCrossEntropy(logits: logits, targets: batch.targets).scalar(of: Double.self))
    return prepared
  }
}
