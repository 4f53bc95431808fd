import Descent
import Foundation
import Testing

/// Training and inference whose products multiply bfloat16.
@Suite struct PrecisionTests {
  /// 1 + 2⁻¹⁰, which is 1 as bfloat16.
  private static let almostOne: Float = 1.0009765625

  /// The matrix product with a parameter, and nothing else.
  private struct Factor: Layer {
    @Parameter var weight: Tensor

    init(_ weight: Float) { self.weight = Tensor([weight], shape: [1, 1]) }

    func callAsFunction(_ x: Tensor) -> Tensor { x.matmul(weight) }
  }

  private func step(
    _ model: Factor, _ optimizer: some Optimizer, _ precision: Precision
  ) throws -> CompiledStep<Factor> {
    try CompiledStep(model, optimizer, precision: precision) { model, batch in model(batch.inputs).sum() }
  }

  /// loss = x · w, whose gradient is x: each a product of bfloat16.
  @Test func gradientsAreProductsOfRoundedOperands() throws {
    let one = Self.almostOne
    for (precision, loss, gradient) in [(Precision.float32, one * 3, one), (.bfloat16, 3, 1)] {
      let model = Factor(3)
      let step = try step(model, .sgd(learningRate: 1), precision)
      let x = Tensor([one], shape: [1, 1])
      #expect(try step(Batch(inputs: x, targets: x)) == loss)
      #expect(model.weight.array(of: Float.self) == [3 - gradient])
      #expect(step.precision == precision)
    }
  }

  /// Bfloat16 has no number between 1 and 1 − 2⁻⁸: rounded weights would never move.
  @Test func weightsAndSlotsStayFloat32() throws {
    let model = Factor(1)
    let step = try step(model, .sgd(learningRate: 0x1p-12, momentum: 0.5), .bfloat16)
    let x = Tensor([1 as Float], shape: [1, 1])
    for _ in 0..<3 { try step(Batch(inputs: x, targets: x)) }
    // Velocities 1, 1.5, 1.75 of gradient 1.
    #expect(model.weight.array(of: Float.self) == [1 - 4.25 * 0x1p-12])
    #expect(model.weight.dtype == .float32)
  }

  @Test func stepsAgreeWithTheInterpreter() throws {
    func losses(on engine: Engine, _ precision: Precision) throws -> [Float] {
      let model = withSeed(1) {
        Sequential {
          Dense(6, 20); Tanh(); Dense(20, 3)
        }
      }
      let step = try CompiledStep(model, .adam(learningRate: 0.01), precision: precision, engine: engine) {
        model, batch in softmaxCrossEntropy(logits: model(batch.inputs), targets: batch.targets)
      }
      let batch = Batch(inputs: RandomKey(2).normal([40, 6]), targets: Tensor((0..<40).map { Int32($0 % 3) }))
      return try (0..<8).map { _ in try step(batch) }
    }
    let (expected, exact) = (try losses(on: .interpreter, .bfloat16), try losses(on: .interpreter, .float32))
    func distance(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).map { abs($0 - $1) }.max() ?? 0 }
    let rounding = distance(expected, exact)
    #expect(rounding > 2e-5)
    #expect(distance(try losses(on: .cpu, .bfloat16), expected) < 0.1 * rounding)
  }

  @Test func inferenceRoundsWhereItIsAsked() throws {
    let model = Factor(1)
    let x = Tensor([Self.almostOne], shape: [1, 1])
    #expect(try CompiledModel(model)(x).array(of: Float.self) == [Self.almostOne])
    #expect(try CompiledModel(model, precision: .bfloat16)(x).array(of: Float.self) == [1])
    #expect(try model.predict(x, precision: .bfloat16).array(of: Float.self) == [1])
  }

  @Test func measuringRoundsWhereItIsAsked() throws {
    let model = Factor(1)
    let data = Dataset(inputs: Tensor([Self.almostOne], shape: [1, 1]), targets: [[1]])
    #expect(try model.evaluate(data, loss: .meanAbsoluteError) == Double(Self.almostOne - 1))
    #expect(try model.evaluate(data, loss: .meanAbsoluteError, precision: .bfloat16) == 0)
    #expect(try model.evaluate(data, .meanAbsoluteError)[.meanAbsoluteError]! > 0)
    #expect(try model.evaluate(data, .meanAbsoluteError, precision: .bfloat16)[.meanAbsoluteError] == 0)
    func losses(_ precision: Precision) throws -> [Double] {
      try model.findLearningRate(data, loss: .meanAbsoluteError, optimizer: .sgd(), steps: 4, precision: precision)
        .points.map(\.loss)
    }
    #expect(try losses(.bfloat16)[0] == 0)
    #expect(try losses(.float32)[0] > 0)
  }

  @Test func checkpointsKeepThePrecision() throws {
    func trainer(_ precision: Precision) throws -> Trainer<Sequential> {
      let model = withSeed(1) {
        Sequential {
          Dense(1, 20); Tanh(); Dense(20, 1)
        }
      }
      return try model.trainer(
        on: TrainingData.line(64), loss: .meanSquaredError, optimizer: .adam(learningRate: 0.01),
        options: TrainingOptions(epochs: 4, batchSize: 8, precision: precision))
    }
    let whole = try trainer(.bfloat16)
    while whole.history.epochs.count < 2 { try whole.advance() }
    let checkpoint = try whole.checkpoint()
    while !whole.isFinished { try whole.advance() }

    let resumed = try trainer(.bfloat16)
    try resumed.restore(checkpoint)
    while !resumed.isFinished { try resumed.advance() }
    #expect(bits(resumed.model) == bits(whole.model))

    let other = try trainer(.float32)
    #expect(throws: TrainingError.checkpointMismatch("its products are in bfloat16, expected float32")) {
      try other.restore(checkpoint)
    }
    try other.restore(checkpoint, allowing: .precision)
    while !other.isFinished { try other.advance() }
    #expect(bits(other.model) != bits(whole.model))

    // Files from before there was a choice.
    var metadata = try trainer(.float32).checkpoint().metadata
    metadata["precision"] = nil
    let old = TrainingCheckpoint(tensors: try trainer(.float32).checkpoint().tensors, metadata: metadata)
    try trainer(.float32).restore(old)
    #expect(throws: TrainingError.checkpointMismatch("its products are in float32, expected bfloat16")) {
      try trainer(.bfloat16).restore(old)
    }
  }

  @Test func tabularModelsLearnAsWell() throws {
    let table = try Table(csv: TestFiles.example("iris.csv"))
    func accuracy(_ precision: Precision) throws -> (Double, TabularModel) {
      var configuration = TabularConfiguration()
      configuration.precision = precision
      let (model, report) = try TabularModel.train(table, predicting: "species", configuration: configuration)
      return (try #require(report.test.network["accuracy"]), model)
    }
    let (exact, _) = try accuracy(.float32)
    let (rounded, model) = try accuracy(.bfloat16)
    #expect(exact > 0.9 && abs(exact - rounded) < 0.07, "\(exact), \(rounded)")
    #expect(model.provenance.configuration.precision == .bfloat16)
  }

  @Test func digitsAreLearntAsWell() throws {
    let table = try Table(csv: TestFiles.example("digits.csv"))
    let accuracies = try Precision.allCases.map { precision in
      var configuration = TabularConfiguration()
      configuration.precision = precision
      configuration.epochs = 15
      return try #require(
        TabularModel.train(table, predicting: "digit", configuration: configuration).report.test.network["accuracy"])
    }
    #expect(accuracies[0] > 0.94 && abs(accuracies[0] - accuracies[1]) < 0.025, "\(accuracies)")
  }

  @Test func modelFilesFromBeforeHadNoPrecision() throws {
    let json = try JSONEncoder().encode(TabularConfiguration())
    let text = String(decoding: json, as: UTF8.self)
    #expect(text.contains(#""precision":"float32""#))
    let old = text.replacing(#/"precision":"float32",?/#, with: "").replacing(",}", with: "}")
    #expect(!old.contains("precision"))
    #expect(try JSONDecoder().decode(TabularConfiguration.self, from: Data(old.utf8)) == TabularConfiguration())
    let wrong = text.replacing("float32", with: "float16")
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(TabularConfiguration.self, from: Data(wrong.utf8)) }
  }
}
