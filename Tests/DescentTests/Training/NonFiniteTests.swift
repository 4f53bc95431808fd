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
}
