import Descent
import DescentRules
import Testing

/// What training refuses before its first step, in one sentence.
@Suite struct TrainerCheckTests {
  private func reason(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func aLastBatchOfOneRow() throws {
    func model() -> Sequential {
      withSeed(1) {
        Sequential {
          Dense(1, 2); Residual { BatchNorm(2) }; Dense(2, 1)
        }
      }
    }
    func fit(_ rows: Int, batchSize: Int, drops: Bool = false, _ model: Sequential) throws {
      try model.fit(
        TrainingData.line(rows), loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.1), epochs: 2,
        batchSize: batchSize, dropsPartialBatch: drops)
    }
    let untrained = model()
    let before = bits(untrained)
    #expect(
      reason { try fit(9, batchSize: 4, untrained) } == """
        1.body.0 (BatchNorm) cannot be trained on one row, but 9 rows in batches of 4 leave a batch of one; set \
        dropsPartialBatch to leave out the last batch, or use another batch size.
        """)
    #expect(reason { try fit(3, batchSize: 1, drops: true, untrained) }.hasPrefix("1.body.0 (BatchNorm) cannot"))
    #expect(bits(untrained) == before)
    #expect(reason { try fit(9, batchSize: 4, drops: true, model()) } == "no error")
    #expect(reason { try fit(10, batchSize: 4, model()) } == "no error")
    // One row is enough where it has several places to normalise over.
    let places = Sequential {
      BatchNorm(1); Dense(1, 1, key: RandomKey(1))
    }
    let sequences = Dataset(inputs: RandomKey(2).normal([5, 3, 1]), targets: .zeros([5, 3, 1]))
    #expect(
      reason {
        try places.fit(sequences, loss: .meanSquaredError, optimizer: .sgd(), epochs: 1, batchSize: 4)
      } == "no error")
  }

  @Test func namesOfMetrics() {
    func fit(_ names: String...) -> String {
      reason {
        try Gain([[0]]).fit(
          TrainingData.line(4), loss: .meanSquaredError, optimizer: .sgd(), epochs: 1,
          metrics: names.map { Metric($0) { _, _ in 0 } })
      }
    }
    for name in ["loss", "validationLoss", "learningRate", "seconds"] {
      let expected =
        "A metric is called \"\(name)\", under which the history keeps its own values; give it another name."
      #expect(fit("a", name) == expected)
    }
    #expect(fit("a", "b", "a") == "Two metrics are called \"a\"; give each a name of its own.")
    #expect(fit("a", "b") == "no error")
  }

  @Test func labelsThatHingeHasNoMeaningFor() throws {
    let zeros = Dataset(inputs: [[1], [2]], targets: [[1], [0]], rowNumbers: [4, 9])
    let signs = Dataset(inputs: [[1], [-2]], targets: [[1], [-1]])
    let expected = "The loss hinge expects targets of -1 or 1, found 0 in row 9."
    let optimizer = SGD(learningRate: 0.1)
    let model = Gain([[0]])
    #expect(reason { try model.fit(zeros, loss: .hinge, optimizer: optimizer, epochs: 1) } == expected)
    #expect(
      reason { try model.fit(signs, loss: .hinge, optimizer: optimizer, epochs: 1, validation: zeros) } == expected)
    #expect(reason { _ = try model.evaluate(zeros, loss: .hinge) } == expected)
    #expect(reason { _ = try model.findLearningRate(zeros, loss: .hinge, optimizer: optimizer) } == expected)
    let history = try model.fit(signs, loss: .hinge, optimizer: optimizer, epochs: 3, metrics: [.accuracy, .f1])
    #expect(history["accuracy"].last == 1 && history["f1"].last == 1)
  }

  @Test func labelsThatBinaryCrossEntropyHasNoMeaningFor() throws {
    let counted = Dataset(inputs: [[1], [2]], targets: [[1], [2]], rowNumbers: [4, 9])
    let expected = "The loss binaryCrossEntropy expects targets from 0 to 1, found 2 in row 9."
    let model = Gain([[0]])
    let optimizer = SGD(learningRate: 0.1)
    for loss in [Loss.binaryCrossEntropy, .binaryCrossEntropy(positiveWeight: 2)] {
      #expect(reason { try model.fit(counted, loss: loss, optimizer: optimizer, epochs: 1) } == expected)
      #expect(reason { _ = try model.evaluate(counted, loss: loss) } == expected)
    }
    let probabilities = Dataset(inputs: [[1], [2]], targets: [[0.3], [1]])
    #expect(
      reason { try model.fit(probabilities, loss: .binaryCrossEntropy, optimizer: optimizer, epochs: 1) } == "no error")
  }

  @Test func targetsThatMetricsOfClassesHaveNoMeaningFor() throws {
    let numbers = Dataset(inputs: [[1], [2]], targets: [[1], [2.5]], rowNumbers: [4, 9])
    let classes = Dataset(inputs: [[1], [2]], targets: [[1], [0]])
    let model = Gain([[0]])
    let before = bits(model)
    func fit(_ train: Dataset, validation: Dataset? = nil, _ metric: Metric) throws {
      try model.fit(
        train, loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.1), epochs: 1, validation: validation,
        metrics: [.meanSquaredError, metric])
    }
    let metrics: [Metric] = [
      .accuracy, .topKAccuracy(1), .brier, .expectedCalibrationError, .logLoss, .rocAUC, .confusion, .f1,
      .accuracy.reading(.probabilities),
    ]
    for metric in metrics {
      let expected =
        "The metric \(metric.name) expects targets that are classes from 0 to 1, found 2.5 in row 9."
      #expect(reason { try fit(numbers, metric) } == expected)
      #expect(reason { try fit(classes, validation: numbers, metric) } == expected)
      #expect(reason { _ = try model.evaluate(numbers, metric) } == expected)
    }
    #expect(bits(model) == before)
    #expect(reason { try fit(numbers, validation: classes, .accuracy) } == "no error", "validation data are measured")
    #expect(reason { try fit(numbers, .meanAbsoluteError) } == "no error")

    let wide = Sequential { Dense(1, 2, key: RandomKey(1)) }
    let third = Dataset(inputs: [[1], [2]], targets: Tensor([0, 2]))
    #expect(
      reason { _ = try wide.evaluate(third, .accuracy) }
        == "The metric accuracy expects targets that are classes from 0 to 1, found 2 in row 1.")
    let shares = Dataset(inputs: [[1], [2]], targets: [[0.2, 0.8], [1, 0]])
    #expect(reason { _ = try wide.evaluate(shares, .accuracy) } == "no error")
  }
}
