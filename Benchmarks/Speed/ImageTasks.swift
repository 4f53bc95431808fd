import Descent

/// Training steps of a network of images.
struct ImageTraining: TrainingTask {
  let size: Int
  let channels: [Int]
  let windows: [Int]
  let paddings: [ImageNetwork.Padding]
  let dense: [Int]
  let learningRate: Double
  let batch: Int
  let batches: Int

  func makeStep() throws -> CompiledStep<ImageNetwork> {
    let model = ImageNetwork(size: size, channels: channels, windows: windows, paddings: paddings, dense: dense)
    try model.loadCommonWeights()
    return try CompiledStep(model, .adam(learningRate: learningRate)) { model, batch in
      softmaxCrossEntropy(logits: model(batch.inputs), targets: batch.targets)
    }
  }

  func data(_ index: Int) -> Batch {
    Batch(images: [batch, size, size, channels[0]], classes: dense.last!, seed: 1000 + index)
  }
}

/// A network of images asked for the same batch again and again.
struct ImageInference: Task {
  let size: Int
  let channels: [Int]
  let windows: [Int]
  let paddings: [ImageNetwork.Padding]
  let dense: [Int]
  let batch: Int

  func prepare() throws -> Prepared {
    let model = ImageNetwork(size: size, channels: channels, windows: windows, paddings: paddings, dense: dense)
    try model.loadCommonWeights()
    return try Prepared(model, [batch, size, size, channels[0]], seed: 1000)
  }
}

extension Batch {
  /// Images of noise. What is to be learnt is which of the first pixels is brightest.
  init(images shape: [Int], classes: Int, seed: Int) {
    let inputs = Noise.values(seed, count: shape.reduce(1, *))
    let targets = stride(from: 0, to: inputs.count, by: inputs.count / shape[0]).map { start in
      let first = inputs[start..<(start + classes)]
      return Int32(first.firstIndex(of: first.max()!)! - start)
    }
    self.init(inputs: Tensor(inputs, shape: shape), targets: Tensor(targets))
  }
}
