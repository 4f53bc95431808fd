import Descent
import DescentRules
import Testing

/// Learning rates and weight decays of some parameters alone.
@Suite struct AdjustedOptimizerTests {
  static let optimizers: [any Optimizer] = [
    SGD(learningRate: 0.25), SGD(learningRate: 0.25, momentum: 0.5, weightDecay: .coupled(0.125)),
    Adam(learningRate: 0.01, weightDecay: .coupled(0.1)), AdamW(learningRate: .exponential(0.02, factor: 0.9)),
    RMSProp(learningRate: 0.01, momentum: 0.5), Adagrad(learningRate: 0.1, weightDecay: .decoupled(0.1, on: .all)),
  ]

  private static let halved: [any Optimizer] = [
    SGD(learningRate: 0.125), SGD(learningRate: 0.125, momentum: 0.5, weightDecay: .coupled(0.125)),
    Adam(learningRate: 0.005, weightDecay: .coupled(0.1)), AdamW(learningRate: .exponential(0.01, factor: 0.9)),
    RMSProp(learningRate: 0.005, momentum: 0.5), Adagrad(learningRate: 0.05, weightDecay: .decoupled(0.1, on: .all)),
  ]

  /// Two layers that learn apart from each other.
  private struct Pair: Module {
    let left = withSeed(1) { Dense(3, 2) }
    let right = withSeed(2) { Dense(3, 2) }

    func loss(_ batch: Batch) -> Tensor {
      meanSquaredError(left(batch.inputs), batch.targets) + meanSquaredError(right(batch.inputs).tanh(), batch.targets)
    }
  }

  private let batch = Batch(inputs: RandomKey(5).normal([8, 3]), targets: RandomKey(6).normal([8, 2]))

  private func trained(_ optimizer: some Optimizer, steps: Int = 5) throws -> Pair {
    let model = Pair()
    let step = try CompiledStep(model, optimizer) { $0.loss($1) }
    for _ in 0..<steps { try step(batch) }
    return model
  }

  private func elements(_ layer: Dense) -> [UInt32] {
    (layer.weight.array(of: Float.self) + layer.bias!.array(of: Float.self)).map(\.bitPattern)
  }

  @Test(arguments: optimizers.indices)
  func halfTheRateIsAnOptimizerOfHalfTheRate(_ index: Int) throws {
    func adjusted(_ optimizer: some Optimizer) throws -> Pair {
      try trained(optimizer.adjusting("right.*", learningRateFactor: 0.5))
    }
    func plain(_ optimizer: some Optimizer) throws -> Pair { try trained(optimizer) }
    let (both, whole) = (try adjusted(Self.optimizers[index]), try plain(Self.optimizers[index]))
    let half = try plain(Self.halved[index])
    #expect(elements(both.left) == elements(whole.left))
    #expect(elements(both.right) == elements(half.right))
    #expect(elements(both.right) != elements(whole.right))
  }

  @Test func decayIsThatOfTheLastPatternThatFits() throws {
    // Of gradients that are 0 only decay is left: w ← (1 − η λ) w.
    struct Idle: Module {
      @Parameter var weight: Tensor = [[1], [1]]
      @Parameter var bias: Tensor = [1, 1]
      @Parameter var scale: Tensor = [1, 1]
    }
    func decayed(_ optimizer: some Optimizer) throws -> [Float] {
      let model = Idle()
      let step = try CompiledStep(model, optimizer) { model, _ in
        (model.weight.sum() + model.bias.sum() + model.scale.sum()) * 0
      }
      try step(batch)
      return [model.weight, model.bias, model.scale].map { $0.array(of: Float.self)[1] }
    }
    let rule = AdamW(learningRate: 0.5, weightDecay: 0.5)
    #expect(try decayed(rule) == [0.75, 1, 1])
    #expect(try decayed(rule.adjusting("*", weightDecay: 0)) == [1, 1, 1])
    #expect(try decayed(rule.adjusting("*s", weightDecay: 1)) == [0.75, 0.5, 1])
    #expect(try decayed(rule.adjusting("*", weightDecay: 0).adjusting("s*e", weightDecay: 1)) == [1, 1, 0.5])
    #expect(
      try decayed(rule.adjusting("*i*", learningRateFactor: 0.5).adjusting("weight", learningRateFactor: 0.5))
        == [0.9375, 1, 1])
    #expect(try decayed(rule.adjusting("*i*", learningRateFactor: 0)) == [1, 1, 1])
  }

  @Test(arguments: [
    ("*", true), ("left.weight", true), ("left.*", true), ("*.weight", true), ("*ft*ight*", true), ("l**t", true),
    ("", false), ("left", false), ("weight", false), ("left.weigh", false), ("*left", false), ("left.weight.*", false),
    ("*.weight*t", false),
  ])
  func patterns(_ pattern: String, fits: Bool) throws {
    struct Named: Module {
      struct Part: Module { @Parameter var weight: Tensor = [1] }
      let left = Part()
    }
    let optimizer = SGD(learningRate: 1).adjusting(pattern)
    func make() throws { _ = try CompiledStep(Named(), optimizer) { model, _ in model.left.weight.sum() } }
    if fits {
      try make()
    } else {
      let error = #expect(throws: TrainingError.self) { try make() }
      #expect(
        error?.description == "Expected a parameter whose path fits \"\(pattern)\", found none; there are left.weight.")
    }
  }

  @Test func fitTakesItAndFindsLearningRatesWithIt() throws {
    func fitted(_ factor: Double?) throws -> [[UInt32]] {
      let model = withSeed(3) {
        Sequential {
          Dense(1, 4); Tanh(); Dense(4, 1)
        }
      }
      let data = TrainingData.line(16)
      if let factor {
        try model.fit(
          data, loss: .meanSquaredError,
          optimizer: .adam(learningRate: 0.1).adjusting("0.*", learningRateFactor: factor).adjusting("0.bias"),
          epochs: 3)
      } else {
        try model.fit(data, loss: .meanSquaredError, optimizer: .adam(learningRate: 0.1), epochs: 3)
      }
      return bits(model)
    }
    #expect(try fitted(1) == fitted(nil))
    #expect(try fitted(0.5) != fitted(nil))
    let model = withSeed(3) { Sequential { Dense(1, 1) } }
    #expect(throws: TrainingError.unmatchedPattern("1.*", paths: ["0.weight", "0.bias"])) {
      try model.findLearningRate(TrainingData.line(8), loss: .meanSquaredError, optimizer: .sgd().adjusting("1.*"))
    }
  }

  @Test func aResumedRunEndsWithTheSameBits() throws {
    func trainer(_ optimizer: some Optimizer) throws -> Trainer<Sequential> {
      let model = withSeed(3) {
        Sequential {
          Dense(1, 4); Tanh(); Dense(4, 1)
        }
      }
      return try model.trainer(
        on: TrainingData.line(16), loss: .meanSquaredError, optimizer: optimizer,
        options: TrainingOptions(epochs: 4, batchSize: 4))
    }
    let optimizer = AdamW(learningRate: 0.1).adjusting("0.*", learningRateFactor: 0.25, weightDecay: 0.5)
    let whole = try trainer(optimizer)
    for _ in 0..<6 { try whole.advance() }
    let checkpoint = try whole.checkpoint()
    while !whole.isFinished { try whole.advance() }
    let resumed = try trainer(optimizer)
    try resumed.restore(checkpoint)
    while !resumed.isFinished { try resumed.advance() }
    #expect(bits(resumed.model) == bits(whole.model))

    let other = try trainer(AdamW(learningRate: 0.1).adjusting("0.*", learningRateFactor: 0.5, weightDecay: 0.5))
    let error = #expect(throws: TrainingError.self) { try other.restore(checkpoint) }
    #expect(
      error?.description
        == "The checkpoint does not fit: its adjustment 0 is 0.*: learning rate × 0.25, weight decay 0.5, expected 0.*: "
        + "learning rate × 0.5, weight decay 0.5.")
    try other.restore(checkpoint, allowing: .hyperparameters)
    let plain = try trainer(AdamW(learningRate: 0.1))
    #expect(throws: TrainingError.self) { try plain.restore(checkpoint) }
    try plain.restore(checkpoint, allowing: .hyperparameters)
  }

  @Test func ofATiedParameterAnyPathFits() throws {
    let model = GPT(.init(vocabulary: 5, context: 4, layers: 1, heads: 1, width: 4))
    let step = try CompiledStep(model, .sgd(learningRate: 1).adjusting("head", learningRateFactor: 0)) { model, batch in
      softmaxCrossEntropy(logits: model(batch.inputs), targets: batch.targets)
    }
    let before = model.tokens.weight.array(of: Float.self)
    try step(
      Batch(
        inputs: Tensor([0, 1, 2, 3], shape: [1, 4], dtype: .int32),
        targets: Tensor([1, 2, 3, 4], shape: [1, 4], dtype: .int32)))
    #expect(model.tokens.weight.array(of: Float.self) == before)
  }
}
