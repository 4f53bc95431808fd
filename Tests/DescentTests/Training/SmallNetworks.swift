import Descent

/// Networks of three kinds with data, for tests of training as a whole.
enum SmallNetwork: String, CaseIterable, Codable, Sendable {
  case perceptron, imageNetwork, languageModel

  /// Training from the same weights every time.
  func training(on engine: Engine) throws -> SmallTraining {
    try withSeed(3) {
      switch self {
      case .perceptron:
        let model = Sequential {
          Dense(200, 130); ReLU(); LayerNorm(130); Dropout(0.2); Dense(130, 65); Tanh(); Dense(65, 10)
        }
        return try SmallTraining(model, .adam(learningRate: 0.01), engine, Self.images([66, 200]), loss: classify)
      case .imageNetwork:
        let model = Sequential {
          Convolution(3, 12, window: [3, 3], padding: .same); BatchNorm(12); ReLU(); MaxPooling([2, 2])
          Convolution(12, 24, window: [3, 3], strides: [2, 2], groups: 2); GELU(); Dropout(0.2); Flatten()
          Dense(24 * 9, 10)
        }
        return try SmallTraining(
          model, .sgd(learningRate: 0.05, momentum: 0.9), engine, Self.images([13, 15, 15, 3]), loss: classify)
      case .languageModel:
        let model = LanguageModel(vocabulary: 50, context: 24, layers: 2, heads: 2, width: 32)
        return try SmallTraining(model, .adamW(learningRate: 0.01, weightDecay: 0.1), engine, Self.texts) {
          softmaxCrossEntropy(logits: $0($1.inputs), targets: $1.targets)
        }
      }
    }
  }

  private static func images(_ shape: [Int]) -> [Batch] {
    RandomKey(5).split(3).map { key in
      let inputs = key.normal(shape)
      let targets = (0..<shape[0]).map { Int32($0 * 7 % 10) }
      return Batch(inputs: Tensor(inputs.memory, shape: shape), targets: Tensor(targets))
    }
  }

  private static var texts: [Batch] {
    (0..<3).map { batch in
      let tokens = (0..<(6 * 25)).map { Int32(($0 * $0 + 11 * batch + $0 / 7) % 50) }
      let rows = Tensor(tokens, shape: [6, 25])
      return Batch(inputs: rows[TensorIndex.all, ..<(-1)], targets: rows[TensorIndex.all, 1...])
    }
  }
}

private func classify(_ model: Sequential, _ batch: Batch) -> Tensor {
  softmaxCrossEntropy(logits: model(batch.inputs), targets: batch.targets)
}

/// A compiled step whose model's type does not matter, and its data.
struct SmallTraining {
  let batches: [Batch]
  /// Makes a step and gives its loss.
  let step: (Batch) throws -> Float
  /// The bits of everything that was learned.
  let learned: () -> [[UInt32]]

  init<Model: Module>(
    _ model: Model, _ optimizer: some Optimizer, _ engine: Engine, _ batches: [Batch],
    loss: @escaping (Model, Batch) -> Tensor
  ) throws {
    let step = try CompiledStep(model, optimizer, key: RandomKey(9), engine: engine, loss: loss)
    evaluate(batches.flatMap { [$0.inputs, $0.targets] })
    self.batches = batches
    self.step = { batch in try step(batch) }
    learned = { bits(model) }
  }
}

/// A transformer that predicts the next token: learned positions, the head tied to the embedding.
private struct LanguageModel: Module {
  @Parameter var tokens: Tensor  // [vocabulary, width]
  @Parameter var positions: Tensor  // [context, width]
  let blocks: [AttentionBlock]
  let norm: LayerNorm

  init(vocabulary: Int, context: Int, layers: Int, heads: Int, width: Int) {
    tokens = RandomKey(1).normal([vocabulary, width]) * 0.1
    positions = RandomKey(2).normal([context, width]) * 0.1
    blocks = (0..<layers).map { _ in AttentionBlock(heads: heads, width: width) }
    norm = LayerNorm(width)
  }

  func callAsFunction(_ indices: Tensor) -> Tensor {  // [batch, time]
    let x = tokens.gather(indices) + positions  // [batch, time, width]
    return norm(blocks.reduce(x) { $1($0) }).matmul(tokens.T)  // [batch, time, vocabulary]
  }
}

private struct AttentionBlock: Layer {
  let heads: Int
  let norms: [LayerNorm]
  let qkv: Dense
  let output: Dense
  let perceptron: Sequential

  init(heads: Int, width: Int) {
    self.heads = heads
    norms = [LayerNorm(width), LayerNorm(width)]
    qkv = Dense(width, 3 * width)
    output = Dense(width, width)
    perceptron = Sequential {
      Dense(width, 4 * width); GELU(); Dense(4 * width, width); Dropout(0.1)
    }
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    let parts = qkv(norms[0](x)).reshaped(Array(x.shape.dropLast()) + [3, heads, -1])
      .split(into: 3, axis: 2).map { $0.squeezed(axes: [2]).swappingAxes(1, 2) }  // [batch, head, time, feature]
    let seen = scaledDotProductAttention(query: parts[0], key: parts[1], value: parts[2], mask: .causal)
    let y = x + output(seen.swappingAxes(1, 2).reshaped(x.shape))
    return y + perceptron(norms[1](y))
  }
}
