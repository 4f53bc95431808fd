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
}
