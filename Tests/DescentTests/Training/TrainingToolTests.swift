import Descent
import DescentRules
import Testing

@Suite struct TrainingToolTests {
  @Test func predictsTheSameBitsInAnyBatch() throws {
    let model = withSeed(2) {
      Sequential {
        Dense(3, 7); Tanh(); Dropout(0.5); Dense(7, 2)
      }
    }
    let inputs = RandomKey(1).normal([13, 3])
    let data = Dataset(inputs: inputs, targets: .zeros([13, 1]))
    let whole = try model.predict(inputs).array(of: Float.self).map(\.bitPattern)
    for size in [1, 2, 5, 13] {
      #expect(try model.predict(inputs, batchSize: size).array(of: Float.self).map(\.bitPattern) == whole)
      #expect(try model.predict(data, batchSize: size).array(of: Float.self).map(\.bitPattern) == whole)
    }
    #expect(try model.predict(data.subset([])).shape == [0, 2])
    #expect(model(inputs).array(of: Float.self).map(\.bitPattern) == whole)
  }

  @Test func compiledModelsSeeNewWeights() throws {
    let model = Gain([[2]])
    let compiled = CompiledModel(model)
    #expect(try compiled([[3]]).array() == [6])
    model.factor = [[5]]
    #expect(try compiled([[3]]).array() == [15])
    try CompiledStep(model, .sgd(learningRate: 0.5), loss: squaredError)(Batch(inputs: [[1]], targets: [[1]]))
    #expect(try compiled([[3]]).array() == [3])
  }

  @Test func bindsModelsToMemory() throws {
    let model = Gain([[2, 3]])
    let bound = CompiledModel(model).bound(to: [1, 2])
    for (first, factor) in [(1.0, 2.0), (5, 7)] {
      model.factor = Tensor([[factor, 3]]).cast(to: .float32)
      (bound.inputs[0], bound.inputs[1]) = (.real(first), .real(10))
      try bound.run()
      #expect(bound.outputs.array(of: Double.self) == [first * factor, 30])
    }
  }

  @Test func compiledModelsChangeTheBuffersTheyAssign() throws {
    let (model, twin) = (RunningSum(), RunningSum())
    let compiled = CompiledModel(model)
    for x: Tensor in [[1, 2], [10, 20]] { #expect(try compiled(x).array() == twin(x).array()) }
    #expect(model.total.array() == [11, 22] && model.calls.array(of: Int.self) == [2])
    let bound = compiled.bound(to: [2])
    (bound.inputs[0], bound.inputs[1]) = (.real(100), .real(200))
    for _ in 0..<2 { try bound.run() }
    #expect(bound.outputs.array(of: Float.self) == [211, 422])
    #expect(model.total.array() == [211, 422] && model.calls.array(of: Int.self) == [4])
    model.total = [0, 0]
    #expect(try compiled([3, 4]).array() == [3, 4])
  }

  @Test func streamsProgress() async throws {
    let model = Gain([[0]])
    let options = TrainingOptions(epochs: 5, batchSize: 2)
    var epochs: [Int] = []
    for try await progress in model.training(
      on: TrainingData.line(4), loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.1), options: options)
    { epochs.append(progress.epoch) }
    #expect(epochs == [1, 2, 3, 4, 5])
    let twin = Gain([[0]])
    try twin.fit(TrainingData.line(4), loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.1), options: options)
    #expect(bits(model) == bits(twin))
  }

  @Test func streamsErrorsAndEndsWhenLeft() async throws {
    let bad = Dataset(inputs: [[.init(Float.nan)]], targets: [[1]])
    await #expect(throws: TrainingError.self) {
      for try await _ in Gain([[0]]).training(
        on: bad, loss: .meanSquaredError, optimizer: .sgd(), options: TrainingOptions(epochs: 1))
      {}
    }
    let model = Gain([[0]])
    let endless = TrainingOptions(epochs: 1_000_000_000)
    for try await progress in model.training(
      on: TrainingData.line(4), loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.1), options: endless)
    where progress.epoch == 3 { break }
    #expect(model.factor.array()[0] != 0)
  }

  @Test func findsTheLearningRateOfAQuadratic() throws {
    // loss = (w − 1)²: gradient descent shrinks the error by |1 − 2 η|, so it diverges for η > 1.
    let model = Gain([[0]])
    let before = bits(model)
    let curve = try model.findLearningRate(
      Dataset(inputs: [[1]], targets: [[1]]), loss: .meanSquaredError, optimizer: .sgd(), steps: 60)
    #expect(bits(model) == before)
    #expect(curve.points.count < 60, "it stops once the loss explodes")
    #expect(abs(curve.points[0].learningRate - 1e-7) < 1e-12 && curve.points[0].loss == 1)
    let suggestion = try #require(curve.suggestion)
    #expect(suggestion > 0.005 && suggestion < 1)
    #expect(curve.points.last!.learningRate > 1)
    #expect(curve.points.last!.loss > 4 * curve.points.map(\.loss).min()!)
  }

  @Test func keepsTheBestOfSeveralStarts() throws {
    let data = TrainingData.line(8)
    let starts: [UInt64: Float] = [7: .nan, 8: 50, 9: 1.9, 10: -20]
    let (model, history) = try fitBest(
      of: 4, data, validation: data, loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.01),
      options: TrainingOptions(epochs: 2, seed: 7)
    ) { Gain([[.init(starts[$0]!)]]) }
    #expect(abs(model.factor.array()[0] - 1.9) < 0.1 && history.epochs.count == 2)
    #expect(throws: TrainingError.self) {
      try fitBest(
        of: 2, data, validation: data, loss: .meanSquaredError, optimizer: .sgd(), options: TrainingOptions(epochs: 1)
      ) { _ in Gain([[.init(Float.nan)]]) }
    }
  }

  @Test func restsWhileTheBodyOfTheLoopRuns() async throws {
    let counter = CallCount()
    let options = TrainingOptions(epochs: 6, batchSize: 2)
    for try await progress in Sequential([counter, Gain([[0]])]).training(
      on: TrainingData.line(4), loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.1), options: options)
    {
      // Time in which training in the background would go on.
      try await Task.sleep(for: .milliseconds(10))
      #expect(counter.calls.scalar(of: Float.self) == Float(progress.step))
    }
  }

  @Test func endsWhenItsTaskIsCancelled() async throws {
    // Cancelled while the first step is made. No progress is given before the end of the only epoch, so what ends the
    // loop is the look at the task.
    let steps = 100_000
    let counter = CallCount()
    let cancelling = Lambda { x in
      withUnsafeCurrentTask { $0?.cancel() }
      return x
    }
    let task = Task {
      for try await _ in Sequential([cancelling, counter, Gain([[0]])]).training(
        on: TrainingData.line(steps), loss: .meanSquaredError, optimizer: .sgd(learningRate: 1e-9),
        options: TrainingOptions(epochs: 1, batchSize: 1, reportInterval: nil))
      {}
    }
    try await task.value
    #expect(counter.calls.scalar(of: Int.self) <= 1)
  }

  @Test func saysSoWhereNoRateGivesALoss() throws {
    let bad = Dataset(inputs: [[.init(Float.nan)]], targets: [[1]], featureNames: ["age"], rowNumbers: [6])
    let model = Gain([[0]])
    let error = #expect(throws: TrainingError.self) {
      try model.findLearningRate(bad, loss: .meanSquaredError, optimizer: .sgd())
    }
    #expect(error?.description.hasPrefix("The loss is nan at step 1. The input \"age\" of row 6 is nan.") == true)
    #expect(model.factor.array() == [0])
  }

  @Test func saysSoWhereNoStartCanBeValidated() throws {
    let data = TrainingData.line(4)
    let bad = Dataset(inputs: [[.init(Float.nan)]], targets: [[1]])
    for epochs in [0, 2] {
      let error = #expect(throws: TrainingError.self) {
        try fitBest(
          of: 2, data, validation: bad, loss: .meanSquaredError, optimizer: .sgd(),
          options: TrainingOptions(epochs: epochs)
        ) { _ in Gain([[0]]) }
      }
      #expect(error?.description.hasPrefix("The validation loss is nan after epoch") == true)
    }
  }

  @Test func compiledModelsFollowAConversion() async throws {
    let model = Gain([[2]])
    let compiled = CompiledModel(model)
    #expect(try compiled([[3]]).array() == [6])
    model.convert(to: .float64)
    model.factor = Tensor([[0.1]], dtype: .float64)
    let answer = try compiled([[3]])
    #expect(answer.dtype == .float64 && answer.array(of: Double.self) == [0.1 * 3])
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let model = Gain([[2]])
      let bound = CompiledModel(model).bound(to: [1, 1])
      try bound.run()
      model.convert(to: .float64)
      try bound.run()
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("BoundModel: factor was converted to another element type; bind the model again"))
  }

  @Test func keepsThePlansOfTheShapesUsedLast() throws {
    let traces = Counter()
    let model = Sequential([
      Gain([1]),
      Lambda { x in
        traces.count += 1
        return x
      },
    ])
    let compiled = CompiledModel(model)
    for _ in 0..<2 { for rows in 1...16 { _ = try compiled(.ones([rows])) } }
    #expect(traces.count == 16)
    for rows in [1, 17, 1, 2] { _ = try compiled(.ones([rows])) }
    #expect(traces.count == 18, "17 took the place of 2")
  }
}

private struct RunningSum: Layer {
  @Buffer var total = Tensor.zeros([2])
  @Buffer var calls = Tensor.zeros([1], dtype: .int32)

  func callAsFunction(_ x: Tensor) -> Tensor {
    calls = calls + 1
    total = total + x
    return total
  }
}
