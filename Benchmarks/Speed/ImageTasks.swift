import Descent

/// Training steps of a network of images.
struct ImageTraining: Task {
  let size: Int
  let channels: [Int]
  let dense: [Int]
  let learningRate: Double
  let batch: Int
  let batches: Int

  func prepare() throws -> Prepared {
    let model = ImageNetwork(size: size, channels: channels, dense: dense)
    try model.loadCommonWeights()
    let step = try CompiledStep(model, .adam(learningRate: learningRate)) { model, batch in
      softmaxCrossEntropy(logits: model(batch.inputs), targets: batch.targets)
    }
    return try Prepared(training: step, on: (0..<batches).map(data))
  }

  /// Images of noise. What is to be learnt is which of the first pixels is brightest.
  private func data(_ index: Int) -> Batch {
    let pixels = size * size * channels[0]
    let inputs = Noise.values(1000 + index, count: batch * pixels)
    let targets = (0..<batch).map { row in
      let first = inputs[(row * pixels)..<(row * pixels + dense.last!)]
      return Int32(first.firstIndex(of: first.max()!)! - first.startIndex)
    }
    return Batch(inputs: Tensor(inputs, shape: [batch, size, size, channels[0]]), targets: Tensor(targets))
  }
}

/// A network of images asked for the same batch again and again.
struct ImageInference: Task {
  let size: Int
  let channels: [Int]
  let dense: [Int]
  let batch: Int

  func prepare() throws -> Prepared {
    let model = ImageNetwork(size: size, channels: channels, dense: dense)
    try model.loadCommonWeights()
    return try Prepared(model, [batch, size, size, channels[0]], seed: 1000)
  }
}

/// A convolution that keeps height and width.
struct ConvolutionTask: Task {
  let batch: Int
  let size: Int
  let window: Int
  let inputs: Int
  let outputs: Int

  func prepare() throws -> Prepared {
    let weight = Noise.tensor(1, [window, window, inputs, outputs])
    return try Prepared(Factor(value: weight) { $0.convolved(with: $1, padding: .same) }, [batch, size, size, inputs])
  }
}
