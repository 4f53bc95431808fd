import Descent
import DescentRules
import Testing

@Suite struct TrainerTests {
  private func lineModel(seed: UInt64 = 1) -> Sequential { withSeed(seed) { Sequential { Dense(1, 1) } } }

  @Test func fitsTheLineOfLeastSquares() throws {
    let data = TrainingData.line(20)
    let x = data.inputs.array(of: Double.self)
    let y = data.targets.array(of: Double.self)
    let (meanX, meanY) = (x.reduce(0, +) / 20, y.reduce(0, +) / 20)
    let slope =
      zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
      / x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
    let model = lineModel()
    let history = try model.fit(
      data, loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.5, momentum: 0.8), epochs: 400, batchSize: 20)
    let found = model.state.tensors.map { $0.array(of: Double.self)[0] }
    #expect(abs(found[0] - slope) < 1e-4)
    #expect(abs(found[1] - (meanY - slope * meanX)) < 1e-4)
    let residual = zip(x, y).reduce(0) { sum, point in
      let error = point.1 - meanY - slope * (point.0 - meanX)
      return sum + error * error
    }
    #expect(abs(history.epochs.last!.loss - residual / 20) < 1e-6)
    #expect(abs(try model.evaluate(data, loss: .meanSquaredError) - residual / 20) < 1e-6)
  }

  @Test func weighsTheLossOfAPartialBatchByItsRows() throws {
    // A rate of 0 leaves the model alone, so the mean over any batches is the loss of all rows.
    let data = TrainingData.line(10)
    let whole = try lineModel().evaluate(data, loss: .meanSquaredError)
    for size in [1, 3, 4, 10, 32] {
      let history = try lineModel().fit(
        data, loss: .meanSquaredError, optimizer: .sgd(learningRate: 0), epochs: 2, batchSize: size)
      for epoch in history.epochs { #expect(abs(epoch.loss - whole) < 1e-6) }
    }
  }

  @Test func measuresInBatchesOfAnySize() throws {
    let data = TrainingData.line(10)
    let whole = try lineModel().evaluate(data, loss: .meanSquaredError)
    for size in [1, 3, 10, 64] {
      let rows = RowCounts()
      var options = TrainingOptions(epochs: 1, batchSize: 5)
      options.evaluationBatchSize = size
      let history = try lineModel().fit(
        data, validation: data,
        loss: Loss("squares") { outputs, targets in
          rows.seen.insert(outputs.shape[0])
          return meanSquaredError(outputs, targets)
        }, optimizer: .sgd(learningRate: 0), options: options)
      #expect(abs(history.epochs[0].validationLoss! - whole) < 1e-6)
      #expect(rows.seen.contains(min(size, 10)) && rows.seen.max() == max(5, min(size, 10)))
    }
  }

  /// The numbers of rows that a loss was asked for, by one thread.
  private final class RowCounts: @unchecked Sendable {
    var seen: Set<Int> = []
  }

  @Test func reportsProgress() throws {
    var options = TrainingOptions(epochs: 2, batchSize: 3)
    options.reportInterval = 2
    var reports: [Progress] = []
    let data = TrainingData.line(10)
    try lineModel().fit(
      data, validation: data, loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.25), options: options
    ) { reports.append($0) }
    #expect(reports.map(\.epoch) == [1, 1, 2, 2])
    #expect(reports.map(\.batch) == [2, 4, 2, 4])
    #expect(reports.map(\.step) == [2, 4, 6, 8])
    #expect(reports.map(\.fraction) == [0.25, 0.5, 0.75, 1])
    #expect(reports.map(\.isEpochEnd) == [false, true, false, true])
    #expect(reports.map { $0.validationLoss != nil } == [false, true, false, true])
    #expect(reports.allSatisfy { $0.learningRate == 0.25 && $0.batches == 4 && $0.epochs == 2 && $0.loss > 0 })
  }

  @Test func anEpochEndsBeforeItsLastBatchWhereThatIsAsked() throws {
    let data = TrainingData.line(10)
    let trainer = try trainerOfLine(data)
    #expect(try trainer.endEpoch() == nil)
    for _ in 0..<2 { try trainer.advance() }
    let report = try #require(try trainer.endEpoch())
    #expect(report.isEpochEnd && report.step == 2 && report.epoch == 1 && report.fraction == 0.5)
    let measured = try trainer.model.evaluate(data, loss: .meanSquaredError)
    #expect(abs(try #require(report.validationLoss) - measured) < 1e-6)
    #expect(trainer.history.epochs.count == 1 && !trainer.isFinished)
    #expect(try trainer.endEpoch() == nil)
    // Its weights are the best so far, and those a run that stops keeps.
    let best = bits(trainer.model)
    let checkpoint = try trainer.checkpoint()
    try trainer.advance()
    trainer.stop()
    #expect(bits(trainer.model) == best)

    let resumed = try trainerOfLine(data)
    try resumed.restore(checkpoint)
    for _ in 0..<3 { try resumed.advance() }
    #expect(resumed.history.epochs.count == 1 && !resumed.isFinished)
    try resumed.endEpoch()
    #expect(resumed.history.epochs.count == 2 && resumed.isFinished && resumed.step.stepCount == 5)
  }

  /// Who sees training go astray interrupts it, and is given what it came to before.
  @Test func stoppingWithinAnEpochKeepsTheBestBeforeIt() throws {
    let data = TrainingData.line(12)
    func trainer(keepsBest: Bool) throws -> Trainer<Gain> {
      let options = TrainingOptions(
        epochs: 9, batchSize: 2, earlyStopping: EarlyStopping(patience: 9, restoringBest: keepsBest))
      return try Gain([[0]]).trainer(
        on: data, validation: data, loss: .meanSquaredError,
        optimizer: .sgd(learningRate: Schedule { select($0 .< 7, 0.1, 1e38) }), options: options)
    }
    let stopped = try trainer(keepsBest: true)
    for _ in 0..<6 { try stopped.advance() }
    let best = bits(stopped.model)
    try stopped.advance()
    #expect(bits(stopped.model) != best && !stopped.isFinished)
    #expect(try stopped.stopWithinEpoch() == nil)
    #expect(stopped.isFinished && bits(stopped.model) == best && stopped.history.epochs.count == 1)

    let lost = try trainer(keepsBest: false)
    for _ in 0..<7 { try lost.advance() }
    #expect(throws: TrainingError.self) { try lost.stopWithinEpoch() }
  }

  private func trainerOfLine(_ data: Dataset) throws -> Trainer<Sequential> {
    try lineModel().trainer(
      on: data, validation: data, loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.25),
      options: TrainingOptions(epochs: 2, batchSize: 3, earlyStopping: EarlyStopping(patience: 2)))
  }

  /// A step is undone by making those since a copy again, which must not be of an epoch that ended early.
  @Test func aStepAfterAnEpochThatEndedEarlyIsUndone() throws {
    var options = TrainingOptions(epochs: 9, batchSize: 2, shuffles: true)
    options.seed = 4
    func trainer() throws -> Trainer<Gain> {
      try Gain([[0]]).trainer(
        on: TrainingData.line(12), loss: .meanSquaredError,
        optimizer: .sgd(learningRate: Schedule { select($0 .< 6, 0.1, 1e38) }), options: options)
    }
    func run(_ steps: Int) throws -> Trainer<Gain> {
      let trainer = try trainer()
      for step in 0..<steps {
        try trainer.advance()
        if step == 2 { try trainer.endEpoch() }
      }
      return trainer
    }
    let good = try run(5), failing = try run(5)
    #expect(throws: TrainingError.self) { while true { try failing.advance() } }
    let steps = failing.step.stepCount
    #expect(steps >= 5 && steps < 9)
    #expect(bits(failing.model) == bits(steps == 5 ? good.model : try run(steps).model))
  }

  @Test func stopsEarlyAndKeepsTheBestWeights() throws {
    // Training pulls w from 0 towards 1; validation asks for 0.5, so its loss falls and then rises.
    let train = Dataset(inputs: [[1]], targets: [[1]])
    let validation = Dataset(inputs: [[1]], targets: [[0.5]])
    func run(_ stopping: EarlyStopping) throws -> (Gain, History) {
      let model = Gain([[0]])
      let history = try model.fit(
        train, loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.05), epochs: 100, validation: validation,
        earlyStopping: stopping)
      return (model, history)
    }
    let (model, history) = try run(EarlyStopping(patience: 4))
    let losses = history["validationLoss"]
    let best = losses.firstIndex(of: losses.min()!)!
    #expect(history.bestEpoch == best + 1 && history.stoppedEarly && losses.count == best + 1 + 4)
    #expect(abs(try model.evaluate(validation, loss: .meanSquaredError) - losses[best]) < 1e-9)
    let (last, lastHistory) = try run(EarlyStopping(patience: 4, restoringBest: false))
    #expect(lastHistory["validationLoss"] == losses)
    #expect(abs(try last.evaluate(validation, loss: .meanSquaredError) - losses.last!) < 1e-9)
    let (_, impatient) = try run(EarlyStopping(patience: 1, minimumImprovement: 1))
    #expect(impatient.epochs.count == 2)
  }

  @Test func lowersTheLearningRateOnAPlateau() throws {
    // Nothing is learnt at a rate of 0, so every epoch after the first is no improvement.
    let history = try lineModel().fit(
      TrainingData.line(4), loss: .meanSquaredError, optimizer: .sgd(learningRate: Schedule { $0 * 0 }), epochs: 3,
      plateau: ReduceOnPlateau(factor: 0.5, patience: 0))
    #expect(history.epochs.count == 3)
    let data = Dataset(inputs: [[0]], targets: [[1]])
    let flat = try Gain([[1]]).fit(
      data, loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.5), epochs: 5,
      plateau: ReduceOnPlateau(factor: 0.5, patience: 1, minimumScale: 0.2))
    #expect(flat["learningRate"].map { Float($0) } == [0.5, 0.5, 0.5, 0.25, 0.25])
  }

  @Test func keepsAShareForValidation() throws {
    let history = try lineModel().fit(
      TrainingData.line(20), loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.1), epochs: 2,
      validationShare: 0.2)
    #expect(history["validationLoss"].count == 2)
  }

  @Test func givesTheSameBitsForTheSameSeed() throws {
    func run(seed: UInt64) throws -> [[UInt32]] {
      let model = withSeed(1) {
        Sequential {
          Dropout(0.5); Dense(1, 1)
        }
      }
      try model.fit(
        TrainingData.line(11), loss: .meanSquaredError, optimizer: .adam(learningRate: 0.1), epochs: 3, batchSize: 4,
        seed: seed)
      return bits(model)
    }
    #expect(try run(seed: 4) == run(seed: 4))
    #expect(try run(seed: 4) != run(seed: 5))
  }

  @Test func measuresAfterEachEpoch() throws {
    let metrics = [
      Metric("largest") { zip($0, $1).map { abs($0 - $1) }.max()! },
      Metric("rows") { predictions, _ in Double(predictions.count) },
    ]
    let data = TrainingData.line(10)
    let model = Gain([[0]])
    let history = try model.fit(
      data, loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.1), epochs: 3,
      validation: data.subset([2, 5, 7]), metrics: metrics)
    #expect(history["rows"] == [3, 3, 3])
    #expect(history["largest"].last == (try model.evaluate(data.subset([2, 5, 7]), metrics)["largest"]))
    #expect(history.names == ["loss", "validationLoss", "largest", "rows", "learningRate", "seconds"])
    let alone = try Gain([[0]]).fit(
      data, loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.1), epochs: 1, metrics: metrics)
    #expect(alone["rows"] == [10] && alone["validationLoss"] == [])
  }

  @Test func printsHistoryAsATable() throws {
    let train = Dataset(inputs: [[1]], targets: [[1]])
    let history = try Gain([[0]]).fit(
      train, loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.25), epochs: 3,
      validation: Dataset(inputs: [[1]], targets: [[0.5]]))
    #expect(
      history.description == """
        epoch    loss  validationLoss  learningRate
           1*       1               0          0.25
            2    0.25          0.0625          0.25
            3  0.0625          0.1406          0.25
        """)
    #expect(history.dictionary["loss"] == [1, 0.25, 0.0625])
    #expect(history["nothing"] == [])
  }

  @Test func namesWhatIsMissing() throws {
    let empty = TrainingData.line(4).subset([])
    #expect(throws: TrainingError.noRows(purpose: "training")) {
      try lineModel().fit(empty, loss: .meanSquaredError, optimizer: .sgd(), epochs: 1)
    }
    #expect(throws: TrainingError.noRows(purpose: "validation")) {
      try lineModel().fit(
        TrainingData.line(4), loss: .meanSquaredError, optimizer: .sgd(), epochs: 1, validation: empty)
    }
    let wrong = Dataset(
      inputs: [[1], [2]], targets: Tensor([Int32(0), 7]), classNames: ["a", "b"], rowNumbers: [40, 41])
    let model = withSeed(1) { Sequential { Dense(1, 2) } }
    let error = #expect(throws: TrainingError.self) {
      try model.fit(wrong, loss: .softmaxCrossEntropy, optimizer: .sgd(), epochs: 1, shuffles: false)
    }
    let message = error.map { "\($0)" } ?? ""
    #expect(message.contains("7 is outside 0 ..< 2") && message.hasSuffix("; the batch has rows 40, 41."))
  }

  @Test func weighsTheLossOfAWeightedBatchByItsWeights() throws {
    let model = withSeed(5) { Sequential { Dense(1, 3) } }
    let targets = Tensor((0..<11).map { Int32($0 < 7 ? 0 : $0 % 3) })
    let data = Dataset(inputs: TrainingData.line(11).inputs, targets: targets)
    let loss = Loss.softmaxCrossEntropy(classWeights: [0.1, 5, 1])
    let whole = try model.evaluate(data, loss: loss)
    #expect(abs(whole - (loss(model(data.inputs), data.targets).scalar(of: Double.self))) < 1e-6)
    for size in [1, 3, 4, 10] {
      #expect(abs(try model.evaluate(data, loss: loss, batchSize: size) - whole) < 1e-6)
      let history = try model.fit(data, loss: loss, optimizer: .sgd(learningRate: 0), epochs: 1, batchSize: size)
      #expect(abs(history.epochs[0].loss - whole) < 1e-6)
    }
    // One-hot targets are averaged over rows.
    let isTarget = targets.reshaped([11, 1]) .== Tensor([0, 1, 2])
    let ones = Dataset(inputs: data.inputs, targets: isTarget.cast(to: .float32))
    #expect(abs(try model.evaluate(ones, loss: loss, batchSize: 3) - model.evaluate(ones, loss: loss)) < 1e-6)
  }

  @Test func readsProbabilitiesAsSuch() throws {
    let data = Dataset(inputs: [[-2], [-1], [1], [2]], targets: Tensor([Int32(0), 0, 1, 1]))
    func accuracy(_ model: some Layer, _ metric: Metric = .accuracy) throws -> Double {
      let history = try model.fit(
        data, loss: Loss("none") { outputs, _ in 0 * outputs.sum() }, optimizer: .sgd(), epochs: 1, metrics: [metric])
      let fitted = history[metric.name][0]
      #expect(try model.evaluate(data, metric)[metric] == fitted)
      return fitted
    }
    // Probabilities are all positive, so as logits they all say class 1.
    let gain = Gain([[1]])
    #expect(try accuracy(gain) == 1)
    #expect(try accuracy(Sequential([gain, Sigmoid()])) == 1)
    #expect(try accuracy(Sequential([gain, Sequential([Sigmoid()]), Flatten(), Dropout(0.5)])) == 1)
    #expect(try accuracy(Sequential([gain, Lambda { $0.sigmoid().squeezed(axes: [1]) }])) == 1)
    #expect(try accuracy(Sequential([gain, Sigmoid()]), .accuracy.reading(.logits)) == 0.5)
    let pair = Gain([[-1, 1]])
    let expected = try accuracy(pair, .logLoss)
    #expect(abs(expected - (0.126928 + 0.018150) / 2) < 1e-5)  // log(1 + e⁻²) and log(1 + e⁻⁴)
    let byHand = Lambda { x in
      let powers = x.exp()
      return powers / powers.sum(axis: -1, keepingAxis: true)
    }
    for last in [Softmax(), LogSoftmax(), byHand] as [any Layer] {
      #expect(abs(try accuracy(Sequential([pair, last]), .logLoss) - expected) < 1e-6)
    }
    // Quotients of powers by anything else are numbers.
    #expect(try accuracy(Sequential([gain, Lambda { $0.exp() / 2 - 0.5 }])) == 1)
    #expect(try accuracy(Sequential([gain, Lambda { $0.exp() / 8 }])) == 0.5)
  }
}
