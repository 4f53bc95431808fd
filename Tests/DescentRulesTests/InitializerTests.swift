import DescentCPU
import DescentCore
import DescentRules
import DescentTesting
import Testing

/// Limits and standard deviations as PyTorch computes them.
struct InitializerFixture: Decodable {
  struct Case: Decodable, CustomTestStringConvertible {
    let name: String
    let fanIn, fanOut: Int
    let limit: Double?
    let standardDeviation: Double

    var testDescription: String { "\(name) \(fanIn) → \(fanOut)" }

    var made: Initializer? {
      switch name {
      case "glorotUniform": .glorotUniform
      case "glorotNormal": .glorotNormal
      case "heUniform": .heUniform
      case "heNormal": .heNormal
      case "heFanOutUniform": .scaled(2, by: .fanOut, .uniform)
      case "heFanOutNormal": .scaled(2, by: .fanOut, .normal)
      case "leCunUniform": .leCunUniform
      case "leCunNormal": .leCunNormal
      case "torchLinear": .standard
      default: nil
      }
    }
  }

  let truncatedStandardDeviation: Double
  let cases: [Case]

  static let file = Result { try fixture("initializers", as: InitializerFixture.self) }
}

private struct Moments {
  let mean, standardDeviation, fourth: Double

  init(_ values: [Double]) {
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
    let power = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) * ($1 - mean) * ($1 - mean) } / n
    self.mean = mean
    standardDeviation = variance.squareRoot()
    fourth = power / (variance * variance)
  }
}

/// The number of draws: relative errors of standard deviations are then about 1/√(2n) = 0.2 %.
private let count = 100_000

@Test("Initial values have the stated limits and moments", arguments: try InitializerFixture.file.get().cases)
func initialMoments(_ testCase: InitializerFixture.Case) throws {
  let initializer = try #require(testCase.made, "no such initializer")
  let draws = initializer([count], fanIn: testCase.fanIn, fanOut: testCase.fanOut, key: RandomKey(11))
  #expect(draws.dtype == .float32)
  let values = draws.array(of: Double.self)
  let moments = Moments(values)
  let expected = testCase.standardDeviation
  #expect(moments.mean.magnitude < 5 * expected / Double(count).squareRoot())
  #expect((moments.standardDeviation / expected - 1).magnitude < 0.01)
  let largest = values.reduce(0) { max($0, $1.magnitude) }
  if let limit = testCase.limit {
    #expect(largest <= limit * (1 + 1e-6) && largest > 0.999 * limit)
    #expect((moments.fourth - 1.8).magnitude < 0.03)
  } else {
    #expect(largest > 3.5 * expected)
    #expect((moments.fourth - 3).magnitude < 0.1)
  }
}

struct InitializerTests {
  private func draw(
    _ initializer: Initializer, _ shape: [Int] = [count], seed: UInt64 = 5, dtype: DType = .float32
  ) -> Tensor {
    initializer(shape, fanIn: 3, fanOut: 4, key: RandomKey(seed), dtype: dtype)
  }

  @Test func plainOnes() throws {
    try expectClose(draw(.zeros, [2]), [0, 0])
    try expectClose(draw(.constant(0.1), [2], dtype: .float64), [0.1, 0.1], tolerance: 0)
    let uniform = draw(.uniform(from: -1, to: 3)).array(of: Double.self)
    #expect(uniform.allSatisfy { $0 >= -1 && $0 < 3 })
    #expect((Moments(uniform).mean - 1).magnitude < 0.02)
    let normal = Moments(draw(.normal(mean: 2, standardDeviation: 0.5)).array(of: Double.self))
    #expect((normal.mean - 2).magnitude < 0.01 && (normal.standardDeviation - 0.5).magnitude < 0.005)
  }

  @Test func truncatedNormalStaysWithinTwoDeviations() throws {
    let values = draw(.truncatedNormal(mean: 1, standardDeviation: 0.5)).array(of: Double.self)
    #expect(values.allSatisfy { $0 >= 0 && $0 <= 2 } && values.contains { $0 < 0.01 } && values.contains { $0 > 1.99 })
    let expected = try InitializerFixture.file.get().truncatedStandardDeviation
    #expect((Moments(values).standardDeviation / (0.5 * expected) - 1).magnitude < 0.01)
  }

  @Test func keysAndTypesDecide() throws {
    for initializer in [Initializer.glorotUniform, .heNormal, .orthogonal(), .truncatedNormal(standardDeviation: 1)] {
      let values = draw(initializer, [8, 6]).array(of: Float.self)
      #expect(draw(initializer, [8, 6]).array(of: Float.self) == values, "\(initializer.name)")
      #expect(draw(initializer, [8, 6], seed: 6).array(of: Float.self) != values, "\(initializer.name)")
      #expect(draw(initializer, [8, 6], dtype: .float64).dtype == .float64)
      #expect(draw(initializer, [8, 6]).shape == [8, 6])
    }
  }

  @Test(
    "Orthogonal matrices are orthogonal",
    arguments: [[1, 1], [2, 2], [7, 3], [3, 7], [64, 64], [3, 4, 5, 16], [128, 10], [300, 512], [512, 512]])
  func orthogonality(_ shape: [Int]) throws {
    let columns = shape[shape.count - 1]
    let matrix = draw(.orthogonal(gain: 2), shape).reshaped([-1, columns])
    let isTall = matrix.shape[0] >= columns
    let gram = isTall ? matrix.T.matmul(matrix) : matrix.matmul(matrix.T)
    try expectClose(gram, 4 * Tensor.eye(min(matrix.shape[0], columns)), tolerance: 4e-5, "the Gram matrix")
    let exact = draw(.orthogonal(), [min(shape[0], 40), 20], dtype: .float64)
    let small = exact.shape[0] >= 20 ? exact.T.matmul(exact) : exact.matmul(exact.T)
    try expectClose(small, Tensor.eye(small.shape[0], dtype: .float64), tolerance: 1e-13, "the float64 Gram matrix")
  }

  /// The smallest singular values of many square matrices come close to 0; each must still be lifted to 1.
  @Test func orthogonalityHoldsForManyKeys() throws {
    for seed in UInt64(0)..<200 {
      let matrix = draw(.orthogonal(), [12, 12], seed: seed)
      try expectClose(matrix.T.matmul(matrix), Tensor.eye(12), tolerance: 1e-5, "the Gram matrix of seed \(seed)")
    }
  }

  /// Uniform over all orthogonal matrices: rotations and reflections are equally likely, and an element of an n × n
  /// matrix has mean 0 and variance 1/n.
  @Test func orthogonalMatricesAreUniform() throws {
    var elements: [Double] = []
    var reflections = 0
    for seed in UInt64(0)..<400 {
      let q = draw(.orthogonal(), [2, 2], seed: seed, dtype: .float64).array(of: Double.self)
      elements += q
      if q[0] * q[3] - q[1] * q[2] < 0 { reflections += 1 }
    }
    let moments = Moments(elements)
    #expect(moments.mean.magnitude < 0.1 && (moments.standardDeviation - 0.5.squareRoot()).magnitude < 0.02)
    #expect((150...250).contains(reflections))
  }
}
