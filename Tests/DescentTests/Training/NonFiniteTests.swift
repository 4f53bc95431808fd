import Descent
import DescentCore
import DescentRules
import Testing

@Suite struct NonFiniteTests {
  private func failure(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func namesTheLayerTheOperationAndTheRow() throws {
    // exp(100) is too large for float32; the logarithm of a negative number is NaN.
    let overflowing = Sequential {
      Gain([[1]]); Lambda { $0.exp() }; Gain([[1]])
    }
    let data = Dataset(inputs: [[1], [2], [100]], targets: [[0], [0], [0]], rowNumbers: [10, 20, 30])
    let before = bits(overflowing)
    #expect(
      failure { try overflowing.fit(data, loss: .meanSquaredError, optimizer: .sgd(), epochs: 1, shuffles: false) }
        == """
        The loss is inf at step 1. It began with inf from exp in layer 1 (Lambda), row 30. The batch has rows 10, 20, \
        30. Try a lower learning rate, limit the gradients with clipping, or scale the inputs. The model has the \
        weights from before this step.
        """)
    #expect(bits(overflowing) == before)

    let inner = Sequential {
      Gain([[1]]);
      Sequential {
        Lambda { $0 + 1 }; Lambda { $0.log() }
      }
    }
    let negative = Dataset(inputs: [[1], [-3]], targets: [[0], [0]])
    #expect(
      failure { try inner.fit(negative, loss: .meanSquaredError, optimizer: .sgd(), epochs: 1, shuffles: false) } == """
        The loss is nan at step 1. It began with nan from log in layer 1.1 (Lambda), row 1. The batch has rows 0, 1. \
        Try a lower learning rate, limit the gradients with clipping, or scale the inputs. The model has the weights \
        from before this step.
        """)
  }

  @Test func namesTheFeatureThatIsNotANumber() throws {
    let data = Dataset(
      inputs: [[1, 2], [3, .init(Float.nan)]], targets: [[0], [0]], featureNames: ["height", "weight"],
      rowNumbers: [5, 9])
    let model = withSeed(1) { Sequential { Dense(2, 1) } }
    #expect(
      failure { try model.fit(data, loss: .meanSquaredError, optimizer: .sgd(), epochs: 1, shuffles: false) } == """
        The loss is nan at step 1. The input "weight" of row 9 is nan. The batch has rows 5, 9. Correct or leave out \
        such rows. The model has the weights from before this step.
        """)
    let infinite = Dataset(inputs: [[1, 2]], targets: [[.init(Float.infinity)]])
    #expect(
      failure { try model.fit(infinite, loss: .meanSquaredError, optimizer: .sgd(), epochs: 1) } == """
        The loss is inf at step 1. The target of row 0 is inf. The batch has row 0. Correct or leave out such rows. \
        The model has the weights from before this step.
        """)
  }

  /// A sigmoid of an infinite input is finite, but its gradient is not: the step breaks the weights, not the loss.
  @Test(arguments: [1, 2, 4])
  func namesTheInputThatBrokeTheWeights(batchSize: Int) throws {
    let data = Dataset(
      inputs: [[1, 2], [3, .init(Float.infinity)], [1, 1], [0, 1]], targets: [[0], [0], [1], [1]],
      featureNames: ["height", "weight"], rowNumbers: [5, 9, 10, 11])
    let model = withSeed(1) {
      Sequential {
        Dense(2, 1); Sigmoid()
      }
    }
    let before = bits(model)
    let trainer = try model.trainer(
      on: data, loss: .meanSquaredError, optimizer: .sgd(learningRate: 0),
      options: TrainingOptions(epochs: 1, batchSize: batchSize, shuffles: false))
    let text = failure { while !trainer.isFinished { try trainer.advance() } }
    #expect(
      text == """
        The weights 0.weight are not finite after step \(batchSize == 1 ? 2 : 1). The input "weight" of row 9 is inf. \
        Correct or leave out such rows. The model has the weights from before this step.
        """)
    #expect(bits(model) == before)
  }

  @Test func namesAnotherTensorThatIsNotANumber() throws {
    let step = try CompiledStep(Gain([[1]]), .sgd()) { gain, batch in
      (gain(batch.inputs).squared() * batch["weights"]).mean()
    }
    let weights = Tensor([1, Float.nan], shape: [2, 1])
    let text = failure {
      try step(Batch(inputs: [[1], [2]], targets: [[1], [1]], others: ["weights": weights], rowNumbers: [7, 8]))
    }
    #expect(
      text.contains("The input \"weights\" of row 8 is nan. The batch has rows 7, 8. Correct or leave out such rows."))
  }

  @Test func goesBackToTheWeightsBeforeTheStep() throws {
    // Diverges: each step multiplies the error until the loss overflows. Random layers and momentum take part.
    func makeTrainer() throws -> Trainer<Sequential> {
      let model = withSeed(1) {
        Sequential {
          Dropout(0.5); Dense(1, 1); CallCount()
        }
      }
      return try model.trainer(
        on: TrainingData.line(7), loss: .meanSquaredError, optimizer: .sgd(learningRate: 40, momentum: 0.5),
        options: TrainingOptions(epochs: 200, batchSize: 2))
    }
    let trainer = try makeTrainer()
    let text = failure { while !trainer.isFinished { try trainer.advance() } }
    let steps = trainer.step.stepCount
    #expect(text.hasPrefix("The loss is inf at step \(steps + 1). It began with inf from "))
    let twin = try makeTrainer()
    for _ in 0..<steps { try twin.advance() }
    #expect(bits(trainer.model) == bits(twin.model))
    #expect(trainer.step.stepCount % 4 != 0, "the test means a step within an epoch")
    #expect(failure { try twin.advance() } == text)
  }

  @Test func goesBackOverManyEpochsAndALoweredLearningRate() throws {
    func makeTrainer() throws -> Trainer<Sequential> {
      let model = withSeed(1) {
        Sequential {
          Dropout(0.1); Dense(1, 1)
        }
      }
      // Slow at first; the scale is lowered on the way, and the growing schedule makes it diverge after 300 steps.
      return try model.trainer(
        on: TrainingData.line(6), loss: .meanSquaredError,
        optimizer: .sgd(learningRate: Schedule { select($0 .< 300, 0.001, 50) }),
        options: TrainingOptions(
          epochs: 500, batchSize: 4, plateau: ReduceOnPlateau(factor: 0.9, patience: 2, minimumScale: 0.5)))
    }
    let trainer = try makeTrainer()
    let text = failure { while !trainer.isFinished { try trainer.advance() } }
    #expect(text.contains("The model has the weights from before this step."))
    let steps = trainer.step.stepCount
    #expect(steps > 300 && trainer.step.learningRateScale < 1)
    let twin = try makeTrainer()
    for _ in 0..<steps { try twin.advance() }
    #expect(bits(trainer.model) == bits(twin.model))
  }

  @Test func saysSoWhereAStepCannotBeUndone() throws {
    let step = try CompiledStep(Gain([[1]]), .sgd(), loss: squaredError)
    #expect(
      failure { try step(Batch(inputs: [[1], [.init(Float.nan)]], targets: [[1], [1]])) } == """
        The loss is nan at step 1. The input feature 0 is nan. Correct or leave out such rows. The model has the \
        weights from after this step; go back to a checkpoint.
        """)
    #expect(
      failure { try step(Batch(inputs: [[1]], targets: [[1]])) } == """
        The loss is nan at step 2. The weights factor are not finite. Try a lower learning rate, limit the gradients \
        with clipping, or scale the inputs. The model has the weights from after this step; go back to a checkpoint.
        """)
  }

  @Test func namesAValidationLossThatIsNotFinite() throws {
    let data = TrainingData.line(4)
    func fit(_ validation: Dataset, _ model: Gain) throws {
      try model.fit(
        data, loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.1), epochs: 3, validation: validation)
    }
    let bad = Dataset(
      inputs: [[1], [.init(Float.nan)]], targets: [[1], [1]], featureNames: ["width"], rowNumbers: [3, 8])
    #expect(
      failure { try fit(bad, Gain([[0]])) }
        == "The validation loss is nan after epoch 1. The input \"width\" of row 8 is nan.")
    let large = Dataset(inputs: [[1e30]], targets: [[0]])
    let expected = """
      The validation loss is inf after epoch 1. Try a lower learning rate, or look for rows unlike those trained on.
      """
    #expect(failure { try fit(large, Gain([[1]])) } == expected)
    // Asked again, the trainer stays where it is.
    let trainer = try Gain([[1]]).trainer(
      on: data, validation: large, loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.1),
      options: TrainingOptions(epochs: 3))
    for _ in 0..<2 { #expect(failure { try trainer.advance() } == expected) }
    #expect(trainer.step.stepCount == 1)
  }

  @Test func namesALastStepThatDiverges() throws {
    // The loss 100 is finite; 3e38 times its slope is not.
    let model = Gain([[0]])
    let data = Dataset(inputs: [[1]], targets: [[10]])
    let expected = """
      The weights factor are not finite after step 2. Try a lower learning rate, or limit the gradients with clipping. \
      The model has the weights from before this step.
      """
    let optimizer = SGD(learningRate: Schedule { select($0 .< 2, 0.1, 3e38) })
    let trainer = try model.trainer(
      on: data, loss: .meanSquaredError, optimizer: optimizer, options: TrainingOptions(epochs: 2))
    #expect(failure { while !trainer.isFinished { try trainer.advance() } } == expected)
    #expect(model.factor.array() == [2] && trainer.step.stepCount == 1)
    #expect(failure { try trainer.advance() } == expected)
  }

  @Test(arguments: [2, 256])
  func namesAnEarlierStepThatDiverged(_ damaging: Int) throws {
    // A step before the last breaks the weights, which shows in the loss of the next; step 256 ends a stretch of steps
    // that are undone together.
    let model = Gain([[0]])
    let rate = Schedule { select($0 .< damaging, 1e-4, 3e38) }
    let trainer = try model.trainer(
      on: TrainingData.line(300).mapTargets(to: 10), loss: .meanSquaredError, optimizer: SGD(learningRate: rate),
      options: TrainingOptions(epochs: 2, batchSize: 1))
    let expected = """
      The weights factor are not finite after step \(damaging). Try a lower learning rate, or limit the gradients with \
      clipping. The model has the weights from before this step.
      """
    for _ in 0..<2 {
      #expect(failure { while !trainer.isFinished { try trainer.advance() } } == expected)
      #expect(trainer.step.stepCount == damaging - 1 && model.factor.isFinite().all().scalar(of: Bool.self))
    }
  }

  @Test func goesBackToWhatWasSetBetweenSteps() throws {
    let diverging = Schedule { select($0 .<= 12, 0.01, 1e30) }
    func makeTrainer() throws -> Trainer<Sequential> {
      let model = withSeed(1) {
        Sequential {
          Dropout(0.5); Dense(1, 1)
        }
      }
      return try model.trainer(
        on: TrainingData.line(7), loss: .meanSquaredError, optimizer: .sgd(learningRate: diverging, momentum: 0.5),
        options: TrainingOptions(epochs: 200, batchSize: 2))
    }
    let changes: [(Trainer<Sequential>) throws -> Void] = [
      { $0.step.learningRateScale = 0.25 },
      { ($0.model[1] as? Dense)?.weight = [[0.75]] },
      { try $0.step(Batch(inputs: [[0.5]], targets: [[3]])) },
    ]
    for change in changes {
      func run(_ trainer: Trainer<Sequential>, until steps: Int) throws {
        var isChanged = false
        while trainer.step.stepCount < steps {
          if trainer.step.stepCount == 5 && !isChanged {
            try change(trainer)
            isChanged = true
          }
          try trainer.advance()
        }
      }
      let trainer = try makeTrainer()
      #expect(failure { try run(trainer, until: 200) }.contains("from before this step."))
      let made = trainer.step.stepCount
      #expect(made >= 12)
      let twin = try makeTrainer()
      try run(twin, until: made)
      #expect(twin.step.stepCount == made && bits(trainer.model) == bits(twin.model))
    }
  }
}
