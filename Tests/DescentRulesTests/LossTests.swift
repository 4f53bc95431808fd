import DescentCPU
import DescentCore
import DescentRules
import DescentTesting
import Testing

/// Values and gradients of PyTorch's losses.
struct LossFixture: Decodable {
  struct Case: Decodable, CustomTestStringConvertible {
    struct Arguments: Decodable {
      let delta, positiveWeight, labelSmoothing: Double?
      let classWeights: [Double]?
    }
    let name, loss: String
    let arguments: Arguments
    let predictions, targets, gradient: FixtureTensor
    let value: Double

    var testDescription: String { name }

    var made: Loss? {
      switch loss {
      case "meanSquaredError": return .meanSquaredError
      case "meanAbsoluteError": return .meanAbsoluteError
      case "huber": return .huber(delta: arguments.delta!)
      case "binaryCrossEntropyWithLogits":
        return arguments.positiveWeight.map { .binaryCrossEntropy(positiveWeight: $0) } ?? .binaryCrossEntropy
      case "hinge": return .hinge
      case "crossEntropy":
        return .softmaxCrossEntropy(
          labelSmoothing: arguments.labelSmoothing ?? 0, classWeights: arguments.classWeights)
      case "crossEntropyFromProbabilities": return .softmaxCrossEntropy
      default: return nil
      }
    }

    func targets(_ dtype: DType) -> Tensor { targets.tensor(loss == "crossEntropy" ? .int32 : dtype) }
  }

  let cases: [Case]

  static let all = Result { try fixture("losses", as: LossFixture.self).cases }
}

@Test("Losses agree with PyTorch", arguments: try LossFixture.all.get())
func lossesAgree(_ testCase: LossFixture.Case) throws {
  let loss = try #require(testCase.made, "no such loss")
  for (dtype, tolerance) in [(DType.float64, 1e-13), (.float32, 1e-6)] {
    let (value, gradient) = valueAndGradient(at: testCase.predictions.tensor(dtype)) {
      loss($0, testCase.targets(dtype))
    }
    #expect(value.dtype == dtype && gradient.dtype == dtype)
    try expectClose(value, [testCase.value], tolerance: tolerance, "the loss")
    try expectClose(gradient, testCase.gradient.values, tolerance: tolerance, "the gradient")
  }
}

struct LossTests {
  static let logits = Tensor([[0.3, -1.2, 0.7], [2.1, 0.4, -0.6]], dtype: .float64)
  static let other = Tensor([[0.9, 0.2, 0.4], [-0.3, 1.0, 0.1]], dtype: .float64)
  static let weights = Tensor([0.5, 2.0, 1.0], dtype: .float64)

  static let smooth: [(name: String, function: @Sendable (Tensor) -> Tensor)] = [
    ("meanSquaredError", { meanSquaredError($0, other) }),
    ("halfSquaredError", { halfSquaredError($0, other) }),
    ("meanAbsoluteError", { meanAbsoluteError($0, other) }),
    ("huber", { huber($0, other, delta: 1.2) }),
    ("binaryCrossEntropy", { binaryCrossEntropy(logits: $0, targets: other, positiveWeight: 3) }),
    ("hinge", { hinge($0, other) }),
    ("softmaxCrossEntropy", { softmaxCrossEntropy(logits: $0, targets: Tensor([2, 0])) }),
    (
      "softmaxCrossEntropy, smoothed and weighted",
      { softmaxCrossEntropy(logits: $0, targets: Tensor([2, 0]), labelSmoothing: 0.2, classWeights: weights) }
    ),
    (
      "softmaxCrossEntropy of probabilities",
      { softmaxCrossEntropy(logits: $0, targets: other.softmax(), labelSmoothing: 0.2, classWeights: weights) }
    ),
    (
      "softmaxCrossEntropy along the first axis",
      { softmaxCrossEntropy(logits: $0, targets: Tensor([1, 0, 1]), axis: 0) }
    ),
    ("l1Penalty", { l1Penalty([$0, $0 * 2], strength: 0.3) }),
    ("l2Penalty", { l2Penalty([$0, $0 * 2], strength: 0.3) }),
    ("elasticPenalty", { elasticPenalty([$0], l1: 0.2, l2: 0.3) }),
  ]

  @Test("Derivatives of losses agree with differences", arguments: smooth.indices)
  func derivatives(_ index: Int) throws {
    let (name, function) = Self.smooth[index]
    try expectGradients(at: Self.logits, tolerance: 1e-6, name, of: function)
  }

  @Test func targetsAreDifferentiableToo() throws {
    try expectGradients(at: Self.other, tolerance: 1e-6) { meanSquaredError(Self.logits, $0) }
    try expectGradients(at: Self.other, tolerance: 1e-6) { binaryCrossEntropy(logits: Self.logits, targets: $0) }
  }

  @Test func halfSquaredErrorSumsOverOutputs() throws {
    let y = Tensor([[1.0, 2.0], [3.0, 5.0]])
    let t = Tensor([[0.0, 4.0], [3.0, 2.0]])
    try expectClose(halfSquaredError(y, t), [(2.5 + 4.5) / 2])
    try expectClose(halfSquaredError(y, t, reduction: .none), [2.5, 4.5])
    try expectClose(halfSquaredError(Tensor([1.0, 2.0]), Tensor([0.0, 4.0])), [1.25])
  }

  @Test func reductions() throws {
    let y = Tensor([[1.0, -2.0], [0.5, 3.0]])
    let t = Tensor([[0.0, 0.0], [1.0, 1.0]])
    try expectClose(meanSquaredError(y, t, reduction: .none), Tensor([[1.0, 4.0], [0.25, 4.0]]))
    try expectClose(meanAbsoluteError(y, t, reduction: .sum), [5.5])
    try expectClose(huber(y, t, delta: 1, reduction: .none), Tensor([[0.5, 1.5], [0.125, 1.5]]))
    try expectClose(hinge(y, 2 * t - 1, reduction: .none), Tensor([[2.0, 0.0], [0.5, 0.0]]))
    // log(1 + e) = 1.3132616875182228 and log(1 + e⁻²) = 0.1269280110429725
    try expectClose(
      binaryCrossEntropy(logits: y[0], targets: t[0], reduction: .none), [1.3132616875182228, 0.1269280110429725])
    let thirds = Tensor.zeros([2, 3])
    let classes = Tensor([0, 2])
    // log 3 = 1.0986122886681098
    let each = softmaxCrossEntropy(logits: thirds, targets: classes, classWeights: Tensor([1, 1, 3]), reduction: .none)
    try expectClose(each, [1.0986122886681098, 3 * 1.0986122886681098])
    try expectClose(
      softmaxCrossEntropy(logits: thirds, targets: classes, classWeights: Tensor([1, 1, 3])), [1.0986122886681098])
    try expectClose(
      softmaxCrossEntropy(logits: thirds, targets: classes, reduction: .sum), [2 * 1.0986122886681098])
  }

  @Test func classAxisMayLieAnywhere() throws {
    let key = RandomKey(3)
    let logits = key.normal([2, 4, 3], dtype: .float64)
    let classes = Tensor([[0, 3, 1], [2, 2, 0]])
    let last = softmaxCrossEntropy(logits: logits.movingAxis(1, to: 2), targets: classes, reduction: .none)
    #expect(last.shape == [2, 3])
    try expectClose(
      softmaxCrossEntropy(logits: logits, targets: classes, axis: 1, reduction: .none), last, tolerance: 1e-14)
    let probabilities = classes.oneHot(depth: 4).movingAxis(2, to: 1)
    try expectClose(
      softmaxCrossEntropy(logits: logits, targets: probabilities, axis: 1, reduction: .none), last, tolerance: 1e-14)
  }

  @Test func columnsMatchVectors() throws {
    let column = Tensor([[1.0], [2.0], [4.0]])
    try expectClose(meanSquaredError(column, Tensor([1.0, 1.0, 1.0])), [10.0 / 3])
    try expectClose(
      binaryCrossEntropy(logits: column, targets: Tensor([true, true, true]), reduction: .sum).exp(),
      binaryCrossEntropy(logits: column.squeezed(), targets: .ones([3]), reduction: .sum).exp())
    let logits = Tensor([[1.0, 2.0], [3.0, 0.0], [0.0, 0.0]])
    try expectClose(
      softmaxCrossEntropy(logits: logits, targets: Tensor([[0], [1], [1]])),
      softmaxCrossEntropy(logits: logits, targets: Tensor([0, 1, 1])))
  }

  /// What broadcasting would make of these, [3, 3], is never meant.
  @Test func shapesThatDoNotMatchStopTheProgram() async {
    await #expect(processExitsWith: .failure) { _ = meanSquaredError(Tensor.zeros([3, 2]), Tensor.zeros([3])) }
    await #expect(processExitsWith: .failure) { _ = meanSquaredError(Tensor.zeros([3]), Tensor.zeros([1])) }
    await #expect(processExitsWith: .failure) {
      _ = softmaxCrossEntropy(logits: Tensor.zeros([3, 2]), targets: Tensor.zeros([3]))
    }
    await #expect(processExitsWith: .failure) {
      _ = softmaxCrossEntropy(logits: Tensor.zeros([3, 2]), targets: Tensor([0, 1, 0]), classWeights: Tensor([1.0]))
    }
  }

  @Test func classesThatDoNotExistStopTheEvaluation() {
    #expect(throws: EvaluationError.self) {
      try Engine.cpu.compute([softmaxCrossEntropy(logits: Tensor.zeros([2, 3]), targets: Tensor([0, 3]))])
    }
  }

  /// Logits far out: nothing overflows, and a loss as small as e⁻⁵⁰ is not lost beside 50.
  @Test func extremeLogits() throws {
    let logits = Tensor([1e4, -1e4, 50, -50])
    let losses = binaryCrossEntropy(logits: logits, targets: Tensor([0.0, 1.0, 1.0, 0.0]), reduction: .none)
    let small = 1.9287498479639178e-22
    let values = losses.array(of: Double.self)
    #expect(values[0] == 1e4 && values[1] == 1e4)
    #expect((values[2] / small - 1).magnitude < 1e-5 && (values[3] / small - 1).magnitude < 1e-5)
    let slope = gradient(at: Tensor([[1e4, 0, -1e4]])) { softmaxCrossEntropy(logits: $0, targets: Tensor([2])) }
    try expectClose(slope, [1, 0, -1])
  }

  /// The gradient of logistic regression that starts at 0 must not vanish there.
  @Test func gradientAtZeroLogits() throws {
    let slope = gradient(at: Tensor([0.0, 0.0])) {
      binaryCrossEntropy(logits: $0, targets: Tensor([1.0, 0.0]), reduction: .sum)
    }
    try expectClose(slope, [-0.5, 0.5])
  }

  @Test func penalties() throws {
    let parameters: [Tensor] = [Tensor([1.0, -2.0]), Tensor([[3.0]])]
    try expectClose(l1Penalty(parameters, strength: 0.5), [3])
    try expectClose(l2Penalty(parameters, strength: 0.5), [7])
    try expectClose(elasticPenalty(parameters, l1: 0.5, l2: 0.25), [6.5])
    try expectClose(l2Penalty([], strength: 1), [0])
  }

  @Test func lossesAreNamed() {
    let names = [
      Loss.meanSquaredError, .halfSquaredError, .meanAbsoluteError, .huber(), .binaryCrossEntropy,
      .softmaxCrossEntropy, .hinge,
    ].map { $0.name }
    #expect(
      names == [
        "meanSquaredError", "halfSquaredError", "meanAbsoluteError", "huber", "binaryCrossEntropy",
        "softmaxCrossEntropy", "hinge",
      ])
  }
}
