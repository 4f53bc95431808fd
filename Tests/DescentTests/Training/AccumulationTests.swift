import Descent
import DescentCPU
import DescentCore
import Synchronization
import Testing

@Suite struct AccumulationTests {
  private func model(normalizing: Bool = false) -> Sequential {
    withSeed(4) {
      Sequential {
        Dense(6, 32); if normalizing { BatchNorm(32) } else { Tanh() }
        Dense(32, 32); Tanh(); Dense(32, 3)
      }
    }
  }

  private var batches: [Batch] {
    RandomKey(7).split(4).map { key in
      Batch(inputs: key.normal([10, 6]), targets: Tensor((0..<10).map { Int32($0 % 3) }))
    }
  }

  private func weights(parts: Int, steps: Int = 4) throws -> ([Float], losses: [Float]) {
    let model = model()
    let step = try CompiledStep(
      model, .adamW(learningRate: 0.01, weightDecay: 0.1, clipping: .globalNorm(0.5)), penalties: [.l2(0.01)],
      accumulation: parts
    ) { softmaxCrossEntropy(logits: $0($1.inputs), targets: $1.targets) }
    let losses = try batches.prefix(steps).map { try step($0) }
    return (model.parameters.flatMap { $0.value.array(of: Float.self) }, losses)
  }

  /// Also where the parts are not of one size, or there are more of them than rows.
  @Test(arguments: [2, 3, 5, 10, 64])
  func partsAddUpToTheWhole(parts: Int) throws {
    let whole = try weights(parts: 1), cut = try weights(parts: parts)
    let difference = zip(whole.0, cut.0).map { abs($0 - $1) }.max()!
    #expect(difference < 2e-5)
    for (loss, same) in zip(whole.losses, cut.losses) { #expect(abs(loss - same) < 1e-5) }
  }

  /// Parts of a weighted mean count for their weights, not for their rows.
  @Test(arguments: [2, 3, 10])
  func partsOfAWeightedMeanAddUpToTheWhole(parts: Int) throws {
    func weights(parts: Int) throws -> [Float] {
      let model = model()
      let data = Dataset(inputs: batches[0].inputs, targets: Tensor([0, 0, 0, 0, 1, 1, 2, 0, 1, 2] as [Int32]))
      let loss = Loss.softmaxCrossEntropy(labelSmoothing: 0, classWeights: [0.1, 1, 5])
      try model.fit(
        data, loss: loss, optimizer: .sgd(learningRate: 0.5),
        options: TrainingOptions(epochs: 2, batchSize: 10, shuffles: false, accumulation: parts))
      return model.parameters.flatMap { $0.value.array(of: Float.self) }
    }
    let (whole, cut) = (try weights(parts: 1), try weights(parts: parts))
    #expect(zip(whole, cut).allSatisfy { abs($0 - $1) < 2e-5 })
  }

  @Test func partsNeedLessMemory() throws {
    func bytes(parts: Int) throws -> Int {
      let most = Mutex(0)
      let engine = Engine(name: "watched") { program, precision in
        most.withLock { $0 = max($0, program.intermediateBytes()) }
        return Engine.cpu.compile(program, precision: precision)
      }
      let model = withSeed(4) {
        Sequential {
          Dense(6, 64); Tanh(); Dense(64, 64); Tanh(); Dense(64, 64); Tanh(); Dense(64, 3)
        }
      }
      let step = try CompiledStep(model, .sgd(learningRate: 0.1), accumulation: parts, engine: engine) {
        softmaxCrossEntropy(logits: $0($1.inputs), targets: $1.targets)
      }
      try step(Batch(inputs: RandomKey(1).normal([4096, 6]), targets: Tensor((0..<4096).map { Int32($0 % 3) })))
      return most.withLock { $0 }
    }
    let (whole, cut) = (try bytes(parts: 1), try bytes(parts: 8))
    #expect(Double(cut) < 0.25 * Double(whole), "\(cut) of \(whole) bytes")
  }

  @Test func eachPartIsABatchToItsLayers() throws {
    let model = model(normalizing: true)
    let step = try CompiledStep(model, .sgd(learningRate: 0), accumulation: 2) {
      softmaxCrossEntropy(logits: $0($1.inputs), targets: $1.targets)
    }
    try step(batches[0])
    let other = self.model(normalizing: true)
    let twice = try CompiledStep(other, .sgd(learningRate: 0)) {
      softmaxCrossEntropy(logits: $0($1.inputs), targets: $1.targets)
    }
    for range in [0..<5, 5..<10] {
      try twice(Batch(inputs: batches[0].inputs[range], targets: batches[0].targets[range]))
    }
    let statistics = [model, other].map { $0.buffers.flatMap { $0.value.array(of: Float.self) } }
    #expect(zip(statistics[0], statistics[1]).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(statistics[0].contains { $0 != 0 && $0 != 1 })
  }

  @Test func otherTensorsAreCutWithTheRows() throws {
    func weights(parts: Int) throws -> [Float] {
      let model = model()
      let step = try CompiledStep(model, .sgd(learningRate: 0.5), accumulation: parts) { model, batch in
        (logSoftmax(model(batch.inputs)).squared().sum(axis: 1) * batch["weights"]).mean() * batch["scale"]
      }
      let others: [String: Tensor] = ["weights": Tensor((0..<10).map { Float($0) }), "scale": 0.1]
      try step(Batch(inputs: batches[0].inputs, targets: batches[0].targets, others: others))
      return model.parameters.flatMap { $0.value.array(of: Float.self) }
    }
    let (whole, cut) = (try weights(parts: 1), try weights(parts: 5))
    #expect(zip(whole, cut).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  @Test func aTrainerTellsAResumedRunWithOtherParts() throws {
    func trainer(_ parts: Int) throws -> Trainer<Sequential> {
      let model = withSeed(1) { Sequential { Dense(1, 1) } }
      return try model.trainer(
        on: TrainingData.line(12), loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.1),
        options: TrainingOptions(epochs: 2, batchSize: 4, accumulation: parts))
    }
    let first = try trainer(2)
    try first.advance()
    let other = try trainer(4)
    let error = #expect(throws: TrainingError.self) { try other.restore(first.checkpoint()) }
    #expect(
      error?.description == "The checkpoint does not fit: it was made with batches in 2 parts, expected 4.")
  }
}
