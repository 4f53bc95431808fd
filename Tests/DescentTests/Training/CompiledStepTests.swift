import Descent
import Testing

@Suite struct CompiledStepTests {
  @Test func followsGradientDescentByHand() throws {
    // loss = (3 w − 6)², w ← w − 0.01 · 2 · 3 · (3 w − 6)
    let model = Gain([1])
    let batch = Batch(inputs: [[3]], targets: [[6]])
    let step = try CompiledStep(model, .sgd(learningRate: 0.01), loss: squaredError)
    var weight: Float = 1
    for _ in 0..<5 {
      let error = 3 * weight - 6
      #expect(abs(try step(batch) - error * error) < 1e-5)
      weight -= 0.01 * 6 * error
      #expect(abs(model.factor.array()[0] - weight) < 1e-6)
    }
    #expect(step.stepCount == 5 && abs(step.learningRate - 0.01) < 1e-9)
  }

  @Test func refusesABatchWithoutRows() throws {
    let step = try CompiledStep(Gain([1]), .sgd(learningRate: 0.01), loss: squaredError)
    #expect(throws: TrainingError.noRows(purpose: "a step")) {
      try step(Batch(inputs: .zeros([0, 1]), targets: .zeros([0, 1])))
    }
    #expect(step.stepCount == 0)
  }

  @Test func scalesTheLearningRate() throws {
    let batch = Batch(inputs: [[3]], targets: [[6]])
    let (plain, scaled) = (Gain([1]), Gain([1]))
    try CompiledStep(plain, .sgd(learningRate: 0.005), loss: squaredError)(batch)
    let step = try CompiledStep(scaled, .sgd(learningRate: 0.01), loss: squaredError)
    step.learningRateScale = 0.5
    try step(batch)
    #expect(bits(plain) == bits(scaled))
  }

  @Test func learnsXor() throws {
    let model = withSeed(3) {
      Sequential {
        Dense(2, 8); Tanh(); Dense(8, 1)
      }
    }
    let step = try CompiledStep(model, .adam(learningRate: 0.05), loss: squaredError)
    let batch = TrainingData.xor.batches(of: 4)[0]
    for _ in 0..<150 { try step(batch) }
    let answers = try model.predict(TrainingData.xor).array(of: Float.self)
    #expect(answers.map { ($0).rounded() } == [0, 1, 1, 0])
  }

  @Test func tracesOnceForEachShape() throws {
    let traces = Counter()
    let step = try CompiledStep(Gain([1]), .sgd(learningRate: 0.01)) { model, batch in
      traces.count += 1
      return squaredError(model, batch)
    }
    let dataset = TrainingData.line(10)
    for _ in 0..<3 {
      for size in [1, 4, 10] { for batch in dataset.batches(of: size) { try step(batch) } }
    }
    #expect(traces.count == 4)  // 1, 4, 2 and 10 rows
  }

  @Test func drawsNewNumbersEveryStepAndTheSameFromTheSameSeed() throws {
    func losses(seed: UInt64) throws -> [Float] {
      let model = withSeed(1) {
        Sequential {
          Dropout(0.5); Dense(4, 1)
        }
      }
      model.freeze { $0.hasSuffix("weight") }
      let step = try CompiledStep(model, .sgd(learningRate: 0), key: RandomKey(seed), loss: squaredError)
      let batch = Batch(inputs: .ones([6, 4]), targets: .ones([6, 1]))
      return try (0..<6).map { _ in try step(batch) }
    }
    let first = try losses(seed: 5)
    #expect(Set(first).count == 6)
    #expect(try losses(seed: 5) == first)
    #expect(try losses(seed: 6) != first)
  }

  @Test func updatesBuffersInTrainingOnly() throws {
    let counter = CallCount()
    let model = Sequential([counter, Gain([1])])
    let step = try CompiledStep(model, .sgd(learningRate: 0.01), loss: squaredError)
    for size in [2, 2, 3] { try step(Batch(inputs: .ones([size, 1]), targets: .ones([size, 1]))) }
    _ = try model.predict(.ones([2, 1]))
    #expect(counter.calls.scalar(of: Float.self) == 3)
  }

  @Test func leavesFrozenParametersAlone() throws {
    let model = withSeed(1) {
      Sequential {
        Dense(2, 3); Dense(3, 1)
      }
    }
    model.freeze { $0.hasPrefix("0.") }
    let before = model.state.tensors.map { $0.array(of: Float.self) }
    let step = try CompiledStep(model, .adam(learningRate: 0.1), loss: squaredError)
    for batch in TrainingData.xor.batches(of: 2) { try step(batch) }
    let after = model.state.tensors.map { $0.array(of: Float.self) }
    #expect(before[0] == after[0] && before[1] == after[1] && before[2] != after[2] && before[3] != after[3])
  }

  @Test func updatesTiedParametersOnce() throws {
    struct Tied: Layer {
      @Parameter var first: Tensor = [2]
      @Parameter var second: Tensor
      init() { _second = Parameter(tiedTo: _first) }
      func callAsFunction(_ x: Tensor) -> Tensor { x * first * second }
    }
    // loss = (w² − 1)², slope 4 w (w² − 1) = 24 at 2.
    let model = Tied()
    try CompiledStep(model, .sgd(learningRate: 0.01), loss: squaredError)(Batch(inputs: [[1]], targets: [[1]]))
    #expect(abs(model.first.array()[0] - 1.76) < 1e-6)
    #expect(model.second.array() == model.first.array())
  }

  @Test func namesParametersTheLossDoesNotReach() throws {
    let model = withSeed(1) {
      Sequential {
        Dense(2, 3); Dense(3, 1)
      }
    }
    let step = try CompiledStep(model, .sgd(learningRate: 0.1)) { model, batch in
      model[1](Tensor.ones([1, 3])).sum()
    }
    #expect(throws: TrainingError.unreachedParameters(["0.weight", "0.bias"])) {
      try step(TrainingData.xor.batches(of: 4)[0])
    }
    model.freeze()
    #expect(throws: TrainingError.nothingToTrain) {
      try CompiledStep(model, .sgd(learningRate: 0.1), loss: squaredError)
    }
  }

  @Test func addsPenaltiesToTheGradientAndNotToTheReportedLoss() throws {
    // d/dw (λ₁ |w| + λ₂ w²) = λ₁ sign(w) + 2 λ₂ w, and the loss itself has no slope at w = 2.
    let model = Gain([[2]])
    let step = try CompiledStep(
      model, .sgd(learningRate: 0.1), penalties: [.elastic(l1: 0.5, l2: 0.25)], loss: squaredError)
    #expect(try step(Batch(inputs: [[1]], targets: [[2]])) == 0)
    #expect(abs(model.factor.array()[0] - (2 - 0.1 * (0.5 + 2 * 0.25 * 2))) < 1e-6)
    let bias = Gain([2])
    try CompiledStep(bias, .sgd(learningRate: 0.1), penalties: [.l2(1)], loss: squaredError)(
      Batch(inputs: [[1]], targets: [[2]]))
    #expect(bias.factor.array() == [2])
  }

  @Test func takesOtherTensorsByName() throws {
    let model = Gain([1])
    let step = try CompiledStep(model, .sgd(learningRate: 0.1)) { model, batch in
      (batch["weights"] * (model(batch.inputs) - batch.targets).squared()).sum() + 0 * batch["bonus"].sum()
    }
    let others: [String: Tensor] = ["weights": [[0], [1]], "bonus": [1, 2, 3]]
    #expect(try step(Batch(inputs: [[5], [1]], targets: [[0], [3]], others: others)) == 4)
  }

  @Test func keepsThePlansOfTheShapesUsedLast() throws {
    let traces = Counter()
    let step = try CompiledStep(Gain([1]), .sgd(learningRate: 0.01)) { model, batch in
      traces.count += 1
      return squaredError(model, batch)
    }
    func run(_ sizes: some Sequence<Int>) throws {
      for size in sizes { try step(Batch(inputs: .ones([size, 1]), targets: .ones([size, 1]))) }
    }
    for _ in 0..<2 { try run(1...16) }
    #expect(traces.count == 16)
    try run([1, 17, 1, 2])
    #expect(traces.count == 18, "17 took the place of 2")
  }

  @Test func noticesAConversion() throws {
    let model = Gain([[2]])
    let step = try CompiledStep(model, .sgd(learningRate: 0.1), loss: squaredError)
    let batch = Batch(inputs: [[1]], targets: [[1]])
    try step(batch)
    let checkpoint = step.checkpoint()
    model.convert(to: .float32)
    model.factor = [[3]]
    #expect(try step(batch) == 4)
    model.convert(to: .float64)
    for _ in 0..<2 { #expect(throws: TrainingError.convertedWeights(["factor"])) { try step(batch) } }
    #expect(throws: TrainingError.convertedWeights(["factor"])) { try step.restore(checkpoint) }
    #expect(
      TrainingError.convertedWeights(["factor"]).description
        == "factor was converted to another element type after training was set up; set it up again.")
    let next = try CompiledStep(model, .sgd(learningRate: 0.1), loss: squaredError)
    try next(batch)
    #expect(model.factor.dtype == .float64)
  }

  @Test func countsBeyondWhatFloat32Can() throws {
    let model = Gain([[0]])
    let step = try CompiledStep(model, .sgd(learningRate: Schedule { $0 - 16_777_216 }), loss: squaredError)
    var metadata = step.checkpoint().metadata
    metadata["step"] = "16777216"
    try step.restore(TrainingCheckpoint(tensors: step.checkpoint().tensors, metadata: metadata))
    let batch = Batch(inputs: [[0]], targets: [[0]])
    var rates: [Double] = []
    for _ in 0..<4 {
      try step(batch)
      rates.append(step.learningRate)
    }
    #expect(rates == [1, 2, 3, 4] && step.stepCount == 16_777_220)
  }
}

final class Counter: @unchecked Sendable {
  var count = 0
}
