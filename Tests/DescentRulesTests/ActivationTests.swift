import DescentCPU
import DescentCore
import DescentRules
import DescentTesting
import Testing

/// Values and gradients of PyTorch's activations.
struct ActivationFixture: Decodable {
  struct Case: Decodable, CustomTestStringConvertible {
    struct Gradients: Decodable { let input: FixtureTensor }
    let name, layer: String
    let input, output: FixtureTensor
    let upstream: FixtureTensor?
    let gradients: Gradients?

    var testDescription: String { name }

    /// Nil for layers that are no activations.
    var function: (@Sendable (Tensor) -> Tensor)? {
      switch layer {
      case "softmax": return { $0.softmax() }
      case "logSoftmax": return { $0.logSoftmax() }
      default:
        guard let activation = Activation(rawValue: layer) else { return nil }
        return { activation($0) }
      }
    }
  }

  let cases: [Case]

  static let all = Result {
    try fixture("layers", as: ActivationFixture.self).cases.filter { $0.function != nil }
  }
}

@Test("Activations agree with PyTorch", arguments: try ActivationFixture.all.get())
func activationsAgree(_ testCase: ActivationFixture.Case) throws {
  let function = try #require(testCase.function)
  let upstream = try #require(testCase.upstream)
  let expected = try #require(testCase.gradients).input
  // Inputs reach ± 100, beyond where float32's exponential overflows.
  for (dtype, tolerance) in [(DType.float64, 1e-13), (.float32, 1e-6)] {
    let x = testCase.input.tensor(dtype)
    try expectClose(function(x), testCase.output.values, tolerance: tolerance, "the output")
    let gradient = gradient(at: x) { (function($0) * upstream.tensor(dtype)).sum() }
    try expectClose(gradient, expected.values, tolerance: tolerance, "the gradient")
  }
}

struct ActivationTests {
  @Test func maskedRowsHaveNoDerivative() throws {
    let masked = -Double.infinity
    let rows = Tensor([masked, masked, 0, masked, 0, 0], shape: [3, 2], dtype: .float64)
    let weights = Tensor([3, 5, 3, 5, 3, 5] as [Double], shape: [3, 2], dtype: .float64)
    try expectClose(rows.softmax(), [0, 0, 1, 0, 0.5, 0.5], tolerance: 1e-15)
    let half = Tensor(0.5, dtype: .float64).log().scalar(of: Double.self)
    try expectClose(rows.logSoftmax(), [masked, masked, 0, masked, half, half], tolerance: 1e-15)
    let slope = gradient(at: rows) { ($0.softmax() * weights).sum() }
    try expectClose(slope, [0, 0, 0, 0, -0.5, 0.5], tolerance: 1e-15)
    let logSlope = gradient(at: rows) { ($0.logSoftmax() * weights).sum() }
    try expectClose(logSlope, [0, 0, -5, 5, -1, 1], tolerance: 1e-15)
    let second = gradient(at: rows) { x in gradient(at: x) { ($0.softmax() * weights).sum() }.sum() }
    #expect(second.array(of: Double.self).allSatisfy { $0.magnitude < 1e-15 })
  }

  @Test func allActivationsHaveReferenceNumbers() throws {
    let covered = Set(try ActivationFixture.all.get().map { $0.layer })
    let without: Set<Activation> = [.identity, .step]
    for activation in Activation.allCases where !without.contains(activation) {
      #expect(covered.contains(activation.rawValue), "\(activation)")
    }
    #expect(covered.isSuperset(of: ["softmax", "logSoftmax"]))
  }

  /// Points within reach of no corner.
  static let smoothPoints = Tensor([-3.1, -1.7, -0.6, -0.05, 0.08, 0.5, 1.3, 2.9], dtype: .float64)

  @Test("Derivatives of activations agree with differences", arguments: Activation.allCases)
  func derivatives(_ activation: Activation) throws {
    try expectGradients(at: Self.smoothPoints, tolerance: 1e-6, activation.rawValue) { activation($0) }
  }

  @Test("Smooth activations are smooth at 0", arguments: [Activation.gelu, .geluTanh, .silu, .mish, .softplus])
  func derivativesAtZero(_ activation: Activation) throws {
    try expectGradients(at: Tensor([0.0], dtype: .float64), tolerance: 1e-6, activation.rawValue) { activation($0) }
  }

  @Test func derivativesOfSoftmax() throws {
    let x = Self.smoothPoints.reshaped([2, 4])
    for axis in 0..<2 {
      try expectGradients(at: x, tolerance: 1e-6, "softmax along axis \(axis)") { $0.softmax(axis: axis) }
      try expectGradients(at: x, tolerance: 1e-6, "logSoftmax along axis \(axis)") { $0.logSoftmax(axis: axis) }
    }
  }

  @Test func stepIsZeroAtZero() throws {
    let x = Tensor([-1.0, 0.0, 1e-9, 2.0])
    try expectClose(x.step(), [0, 0, 1, 1])
    try expectClose(gradient(at: x) { ($0 * $0.step()).sum() }, [0, 0, 1, 1])
    #expect(Tensor([1.0], dtype: .float64).step().dtype == .float64)
  }

  @Test func cornersHaveTheStatedDerivatives() throws {
    let zero = Tensor([0.0], dtype: .float64)
    func slope(_ function: (Tensor) -> Tensor) -> Double {
      gradient(at: zero) { function($0).sum() }.scalar(of: Double.self)
    }
    #expect(slope { $0.relu() } == 0)
    #expect(slope { $0.leakyReLU(slope: 0.2) } == 0.2)
    #expect(slope { $0.elu(alpha: 0.7) } == 0.7)
    #expect(slope { $0.softplus() } == 0.5)
  }

  @Test("NaN stays NaN", arguments: Activation.allCases.filter { $0 != .step })
  func nanStays(_ activation: Activation) {
    #expect(activation(Tensor([Double.nan])).scalar(of: Double.self).isNaN)
    #expect(Tensor([0, Double.nan]).softmax().array(of: Double.self).contains { $0.isNaN })
  }

  /// A row far from 0, a masked element, and rows that sum to 1.
  @Test func softmaxOfExtremes() throws {
    let x = Tensor([[1e30, 1e30, 0], [-1e4, -1e4, -1e4], [0, -Double.infinity, 0]])
    try expectClose(x.softmax(), [0.5, 0.5, 0, 1.0 / 3, 1.0 / 3, 1.0 / 3, 0.5, 0, 0.5])
    try expectClose(x.softmax(axis: 1).sum(axis: 1), [1, 1, 1])
    let slope = gradient(at: x[2]) { ($0.softmax() * Tensor([1.0, 2.0, 3.0])).sum() }
    try expectClose(slope, [-0.5, 0, 0.5])
    // −log(1 + e⁻²⁰): subtracted as 90 − (90 + …), half of its digits would be lost.
    let small = Tensor([90.0, 70.0], dtype: .float64).logSoftmax()[0].scalar(of: Double.self)
    #expect((small / -2.0611536203143807e-9 - 1).magnitude < 3e-7)
  }

  @Test func freeFunctionsAreTheMethods() throws {
    let x = Tensor([-1.5, 0.25, 2.0])
    let pairs: [(Tensor, Tensor)] = [
      (relu(x), x.relu()), (leakyReLU(x, slope: 0.3), x.leakyReLU(slope: 0.3)), (elu(x, alpha: 2), x.elu(alpha: 2)),
      (selu(x), x.selu()), (gelu(x), x.gelu()), (gelu(x, approximate: true), x.gelu(approximate: true)),
      (silu(x), x.silu()), (mish(x), x.mish()), (softplus(x), x.softplus()), (softsign(x), x.softsign()),
      (softmax(x), x.softmax()), (logSoftmax(x), x.logSoftmax()),
    ]
    for (function, method) in pairs { try expectClose(function, method, tolerance: 0) }
  }
}
