import Descent
import DescentRules
import Foundation
import Testing

@Suite struct ResumeTests {
  private static let optimizers: [any Optimizer] = [
    SGD(learningRate: .cosine(0.1, period: 60)),
    SGD(learningRate: .oneCycle(maximum: 0.05, totalSteps: 60), momentum: 0.9, nesterov: true),
    Adam(learningRate: .cosine(0.05, period: 60), amsgrad: true),
    AdamW(learningRate: .warmUp(10, then: .exponential(0.01, factor: 0.95)), clipping: .globalNorm(1)),
    RMSProp(learningRate: .step(0.01, every: 20, factor: 0.5), momentum: 0.9, centered: true),
    Adagrad(learningRate: .warmUp(5, then: 0.1)),
  ]

  private func trainer(_ optimizer: some Optimizer, seed: UInt64) throws -> Trainer<Sequential> {
    let model = withSeed(seed) {
      Sequential {
        Dense(1, 3); Tanh(); Dropout(0.5); Dense(3, 1); CallCount()
      }
    }
    // 22 rows in batches of 4: 6 steps an epoch, the last of 2 rows; 10 epochs, 60 steps.
    return try model.trainer(
      on: TrainingData.line(22), validation: TrainingData.line(5), loss: .meanSquaredError, optimizer: optimizer,
      options: TrainingOptions(
        epochs: 10, batchSize: 4, seed: 3, earlyStopping: EarlyStopping(patience: 9),
        plateau: ReduceOnPlateau(factor: 0.5, patience: 1)))
  }

  /// All but the time it took.
  private func values(_ history: History) -> [[Double]] { history.names.filter { $0 != "seconds" }.map { history[$0] } }

  @Test(arguments: optimizers.indices)
  func resumesAtEveryStepWithTheSameBits(optimizer index: Int) throws {
    let optimizer = Self.optimizers[index]
    let whole = try trainer(optimizer, seed: 1)
    var checkpoints = [try whole.checkpoint()]
    while !whole.isFinished {
      try whole.advance()
      checkpoints.append(try whole.checkpoint())
    }
    #expect(checkpoints.count == 61 && whole.step.stepCount == 60)
    let path = FileManager.default.temporaryDirectory.appending(path: "descent-resume-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    func fileBytes(_ model: Sequential) throws -> Data {
      try model.save(to: path)
      return try Data(contentsOf: URL(filePath: path))
    }
    let wholeFile = try fileBytes(whole.model)
    for (steps, checkpoint) in checkpoints.enumerated() {
      try checkpoint.save(to: path)
      let resumed = try trainer(optimizer, seed: UInt64(100 + steps))
      try resumed.restore(TrainingCheckpoint(contentsOf: path))
      #expect(resumed.step.stepCount == steps)
      while !resumed.isFinished { try resumed.advance() }
      #expect(try fileBytes(resumed.model) == wholeFile, "resumed after step \(steps)")
      #expect(values(resumed.history) == values(whole.history))
      #expect(resumed.history.bestEpoch == whole.history.bestEpoch)
    }
  }

  @Test func goesOnForMoreEpochs() throws {
    func run(_ epochs: Int, from checkpoint: TrainingCheckpoint?) throws -> Trainer<Gain> {
      let trainer = try Gain([[0]]).trainer(
        on: TrainingData.line(6), loss: .meanSquaredError, optimizer: .adam(learningRate: 0.1),
        options: TrainingOptions(epochs: epochs, batchSize: 4))
      if let checkpoint { try trainer.restore(checkpoint) }
      while !trainer.isFinished { try trainer.advance() }
      return trainer
    }
    let half = try run(3, from: nil)
    #expect(bits(try run(6, from: half.checkpoint()).model) == bits(try run(6, from: nil).model))
  }

  @Test func namesWhatDoesNotFit() throws {
    let trainer = try trainer(Self.optimizers[0], seed: 1)
    let good = try trainer.checkpoint()
    let before = bits(trainer.model)
    func reason(
      _ tensors: [String: Tensor] = [:], _ metadata: [String: String] = [:], without name: String = "",
      on other: Trainer<Sequential>? = nil
    ) -> String {
      var (newTensors, newMetadata) = (good.tensors, good.metadata)
      for (name, tensor) in tensors { newTensors[name] = tensor }
      for (name, text) in metadata { newMetadata[name] = text }
      newTensors[name] = nil
      newMetadata[name] = nil
      do {
        try (other ?? trainer).restore(TrainingCheckpoint(tensors: newTensors, metadata: newMetadata))
        return "no error"
      } catch {
        return "\(error)"
      }
    }
    #expect(reason() == "no error")
    #expect(
      reason(without: "model/0.weight") == "The checkpoint does not fit: it has no tensor \"model/0.weight\".")
    #expect(
      reason(["model/0.bias": Tensor.zeros([4])])
        == "The checkpoint does not fit: \"model/0.bias\" is float32[4], expected float32[3].")
    #expect(
      reason(["model/9.bias": Tensor.zeros([4])])
        == "The checkpoint does not fit: it has a tensor \"model/9.bias\" that the model or the optimizer has not.")
    for damage in [
      ["step": "x"], ["step": "-1"], ["step": "9223372036854775807"], ["learningRateScale": "nan"],
      ["learningRateScale": "-1"], ["learningRate": "nan"],
    ] {
      #expect(
        reason([:], damage)
          == "The checkpoint does not fit: its step counter or learning rate is not a number in its range.", "\(damage)"
      )
    }
    let cursor = try #require(good.metadata["cursor"])
    let damaged = cursor.replacing(#/"epoch":[0-9]+/#, with: "\"epoch\":9223372036854775807")
    #expect(damaged != cursor)
    #expect(
      reason([:], ["cursor": damaged]) == "The checkpoint does not fit: its counters are not numbers in their ranges.")
    #expect(
      reason(without: "cursor")
        == "The checkpoint does not fit: it has no \"cursor\" in its metadata.")
    #expect(
      reason([:], ["cursor": "{}"]) == "The checkpoint does not fit: its place in the data cannot be read.")
    #expect(
      reason(on: try self.trainer(Self.optimizers[2], seed: 1))
        == "The checkpoint does not fit: it was made with the optimizer SGD, expected Adam.")
    #expect(bits(trainer.model) == before)
  }

  /// Training pulls the factor to 1 while validation asks for 0.5, so the best epoch is long over at the end.
  private func overshooting(epochs: Int, patience: Int) throws -> Trainer<Gain> {
    try Gain([[0]]).trainer(
      on: TrainingData.line(6).mapTargets(to: 1), validation: Dataset(inputs: [[1]], targets: [[0.5]]),
      loss: .meanSquaredError, optimizer: .adam(learningRate: 0.05),
      options: TrainingOptions(epochs: epochs, batchSize: 4, earlyStopping: EarlyStopping(patience: patience)))
  }

  private func finish(_ trainer: Trainer<Gain>) throws -> Trainer<Gain> {
    while !trainer.isFinished { try trainer.advance() }
    return trainer
  }

  @Test(arguments: [(20, 100), (40, 4)])
  func goesOnFromTheLastStepWhereTheBestWeightsWereRestored(epochs: Int, patience: Int) throws {
    let first = try finish(overshooting(epochs: epochs, patience: patience))
    #expect(first.history.bestEpoch < first.history.epochs.count, "the test means a best epoch before the last")
    let checkpoint = try first.checkpoint()
    #expect(checkpoint.tensors["model/factor"]?.array() != checkpoint.tensors["best/factor"]?.array())
    // With nothing left to do, the model has its best weights at once.
    let again = try overshooting(epochs: epochs, patience: patience)
    try again.restore(checkpoint)
    #expect(again.isFinished && bits(again.model) == bits(first.model))
    #expect(again.history == first.history)

    let resumed = try overshooting(epochs: 40, patience: 100)
    try resumed.restore(again.checkpoint())
    #expect(!resumed.isFinished && !resumed.history.stoppedEarly)
    _ = try finish(resumed)
    let whole = try finish(overshooting(epochs: 40, patience: 100))
    func tensors(_ trainer: Trainer<Gain>) throws -> [String: [UInt32]] {
      try trainer.checkpoint().tensors.mapValues { $0.memory.array(of: Float.self).map(\.bitPattern) }
    }
    #expect(try tensors(resumed) == tensors(whole))
    #expect(values(resumed.history) == values(whole.history) && bits(resumed.model) == bits(whole.model))
  }

  @Test func namesOtherHyperparametersAndData() throws {
    func trainer(
      _ optimizer: some Optimizer, _ data: Dataset = TrainingData.line(8), validation: Dataset? = nil,
      penalties: [Penalty] = []
    ) throws -> Trainer<Gain> {
      try Gain([[0]]).trainer(
        on: data, validation: validation, loss: .meanSquaredError, optimizer: optimizer,
        options: TrainingOptions(epochs: 3, batchSize: 4, penalties: penalties))
    }
    let original = try trainer(Adam(learningRate: .step(0.5, every: 300, factor: 0.5), beta1: 0.9))
    try original.advance()
    let checkpoint = try original.checkpoint()
    func reason(_ other: Trainer<Gain>, allowing changes: CheckpointChanges = []) -> String {
      do {
        try other.restore(checkpoint, allowing: changes)
        return "no error"
      } catch {
        return "\(error)".replacing("The checkpoint does not fit: ", with: "")
      }
    }
    let same = Adam(learningRate: .step(0.5, every: 300, factor: 0.5), beta1: 0.9)
    #expect(reason(try trainer(same)) == "no error")
    let others: [(any Optimizer, String)] = [
      (Adam(learningRate: same.learningRate, beta1: 0.8), "its beta1 is 0.9, expected 0.8."),
      (Adam(learningRate: 0.25), "its learning rate from step 1 is 0.5, expected 0.25."),
      (Adam(learningRate: 0.5), "its learning rate from step 311 is 0.25, expected none."),
      (
        Adam(learningRate: same.learningRate, clipping: .norm(1)),
        "its clipping is none, expected norm(1.0)."
      ),
    ]
    for (optimizer, expected) in others {
      #expect(reason(try trainer(optimizer)) == expected)
      #expect(reason(try trainer(optimizer), allowing: .data) == expected)
      #expect(reason(try trainer(optimizer), allowing: .hyperparameters) == "no error")
    }
    #expect(reason(try trainer(same, penalties: [.l2(0.5)])) == "it has no penalty 0, expected l1 0.0, l2 0.5.")

    let data = TrainingData.line(8)
    #expect(reason(try trainer(same, TrainingData.line(9))) == "it was made with 8 rows of data, expected 9.")
    let wide = Dataset(inputs: .zeros([8, 2]), targets: data.targets)
    #expect(
      reason(try trainer(same, wide)) == "a row of its data has inputs float32[1], expected float32[2].")
    for other in [data.subset([1, 0, 2, 3, 4, 5, 6, 7]), data.mapTargets(to: 1)] {
      #expect(reason(try trainer(same, other)) == "its data has other elements or another order.")
      #expect(reason(try trainer(same, other), allowing: .data) == "no error")
    }
    #expect(reason(try trainer(same, validation: data)) == "only the training has validation data.")
  }
}
