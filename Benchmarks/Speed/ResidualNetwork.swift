import Descent

/// A residual network for small images (He et al. 2016, section 4.2): a convolution, then blocks of two whose input also
/// passes by. Where a block halves the image and doubles the channels, its input passes by as every second pixel with
/// zeros for the new channels (their option A), so all weights are those of 3×3 convolutions and of the last layer.
struct ResidualNetwork: Layer {
  let stem: Convolution
  let norm: BatchNorm
  let blocks: [ResidualBlock]
  let head: Dense

  init(inputs: Int, widths: [Int], blocksPerWidth: Int, classes: Int) {
    stem = window3(inputs, widths[0])
    norm = BatchNorm(widths[0])
    blocks = widths.indices.flatMap { stage in
      (0..<blocksPerWidth).map { block in
        ResidualBlock(block == 0 ? widths[Swift.max(stage - 1, 0)] : widths[stage], widths[stage])
      }
    }
    head = Dense(widths.last!, classes)
  }

  func callAsFunction(_ images: Tensor) -> Tensor {  // [batch, height, width, channel]
    let x = blocks.reduce(relu(norm(stem(images)))) { $1($0) }
    return head(x.mean(axes: [1, 2]))  // [batch, class]
  }
}

/// A block that halves the image where it has more outputs than inputs.
struct ResidualBlock: Layer {
  let first: Convolution
  let firstNorm: BatchNorm
  let second: Convolution
  let secondNorm: BatchNorm
  private let newChannels: Int

  init(_ inputs: Int, _ outputs: Int) {
    newChannels = outputs - inputs
    first = window3(inputs, outputs, stride: newChannels > 0 ? 2 : 1)
    firstNorm = BatchNorm(outputs)
    second = window3(outputs, outputs)
    secondNorm = BatchNorm(outputs)
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    let y = secondNorm(second(relu(firstNorm(first(x)))))
    return relu(y + (newChannels > 0 ? halved(x) : x))
  }

  private func halved(_ x: Tensor) -> Tensor {
    let everySecond = TensorIndex.range(stride: 2)
    return x[TensorIndex.all, everySecond, everySecond].padded([(0, 0), (0, 0), (0, 0), (0, newChannels)])
  }
}

private func window3(_ inputs: Int, _ outputs: Int, stride: Int = 1) -> Convolution {
  Convolution(
    inputs, outputs, window: [3, 3], strides: [stride, stride], padding: .symmetric([1, 1]), bias: false,
    initializer: .zeros)
}

/// Training steps of a residual network with momentum.
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

  func makeStep() throws -> CompiledStep<ResidualNetwork> {
    let model = ResidualNetwork(inputs: inputs, widths: widths, blocksPerWidth: blocksPerWidth, classes: classes)
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
