import Descent
import DescentTesting
import Testing

struct LayerBehaviourTests {
  @Test func dropoutKeepsTheMeanAndFollowsTheKey() throws {
    let layer = Dropout(0.25)
    let x = Tensor.ones([200, 100])
    func trained(_ seed: UInt64) -> [Float] { withPhase(.training, key: RandomKey(seed)) { layer(x) }.array() }
    let y = trained(1)
    #expect(Set(y) == [0, 1 / 0.75])
    // 20000 draws: the mean of y is 1 with standard deviation √(1/3 / 20000) ≈ 0.004.
    let mean = y.reduce(0, +) / Float(y.count)
    #expect((mean - 1).magnitude < 0.02)
    #expect(trained(1) == y)
    #expect(trained(2) != y)
    #expect(layer(x).array() == x.array())
    #expect(withPhase(.training) { Dropout(0)(x) }.array() == x.array())
  }

  @Test func whatVanishesTogether() {
    let x = Tensor.ones([8, 5, 5, 8])
    func drawn(_ layer: any Layer) -> Tensor { withPhase(.training, key: RandomKey(4)) { layer(x) } }
    let channels = drawn(SpatialDropout(0.5)).reshaped([8, 25, 8])
    #expect(channels.array() == channels[TensorIndex.all, 0..<1].broadcast(to: [8, 25, 8]).array())
    #expect(Set(channels[0, 0].array()) == [0, 2])
    let examples = drawn(StochasticDepth(0.5)).reshaped([8, 200])
    #expect(examples.array() == examples[TensorIndex.all, 0..<1].broadcast(to: [8, 200]).array())
    #expect(Set(examples.array()) == [0, 2])
  }

  @Test func tiedEmbeddingsLearnTogether() throws {
    struct Language: Layer {
      let embedding: Embedding
      @Parameter var output: Tensor
      init() {
        embedding = Embedding(3, 2)
        _output = Parameter(tiedTo: embedding.$weight)
      }
      func callAsFunction(_ x: Tensor) -> Tensor { embedding(x).matmul(output.T) }
    }
    let model = Language()
    #expect(model.parameters.paths == ["embedding.weight"])
    let x = Tensor([0, 2] as [Int32])
    let gradient = valueAndGradient(of: model) { $0(x).sum() }.gradient
    // d/dW of Σ over words w and rows v of W[w]·W[v]: the sum of all rows for each word, of the words for each row.
    let rows = model.embedding.weight
    let uses = Tensor([1, 0, 1], shape: [3, 1], dtype: .float32)
    let expected = uses * rows.sum(axis: 0, keepingAxis: true) + (uses * rows).sum(axis: 0, keepingAxis: true)
    try expectClose(try #require(gradient["embedding.weight"]), expected, tolerance: 1e-5)
  }

  @Test func aPositionOutsideIsNamed() {
    let error = #expect(throws: EvaluationError.self) {
      try CompiledModel(Embedding(3, 2))(Tensor([0, 3] as [Int32]))
    }
    #expect(error.map { "\($0)" }?.contains("3") == true)
  }

  @Test func consecutiveDropoutsDiffer() {
    let x = Tensor.ones([1, 64])
    let (first, second) = withPhase(.training, key: RandomKey(3)) { (Dropout(0.5)(x), Dropout(0.5)(x)) }
    #expect(first.array() != second.array())
  }

  @Test func dropoutStopsInfinities() {
    let x = Tensor.full([1, 64], Float.infinity)
    let y: [Float] = withPhase(.training, key: RandomKey(3)) { Dropout(0.5)(x) }.array()
    #expect(Set(y) == [0, .infinity])
  }

  @Test func polynomialsComeInOrder() throws {
    let x: Tensor = [[2, 3]]
    let full = PolynomialFeatures(degree: 3)
    try expectClose(full(x), [2, 3, 4, 6, 9, 8, 12, 18, 27])
    #expect(full.outputs(for: 2) == 9)
    #expect(full.outputs(for: 5) == 55)
    #expect(full(Tensor.ones([1, 5])).shape == [1, 55])
    let powers = PolynomialFeatures(degree: 3, interactions: false)
    try expectClose(powers(x), [2, 3, 4, 9, 8, 27])
    #expect(powers.outputs(for: 2) == 6)
  }

  @Test func basisFunctionsComeInOrder() throws {
    let basis = BasisExpansion([.product, .identity, .square])
    try expectClose(basis([[2, 3, 4]]), [6, 8, 12, 2, 3, 4, 4, 9, 16])
    #expect(basis.outputs(for: 3) == 9)
    #expect(BasisExpansion([.product])(Tensor.ones([4, 1])).shape == [4, 0])
  }

  @Test func theStepIsOneAboveZeroOnly() {
    #expect(Step()([-1, 0, 0.5]).array() == [0, 0, 1])
  }

  @Test func glorotsLimitHolds() {
    let weight: [Float] = Dense(30, 20, key: RandomKey(1)).weight.array()
    let limit = Float(6.0 / 50).squareRoot()
    #expect(weight.allSatisfy { $0.magnitude <= limit })
    #expect(weight.contains { $0.magnitude > 0.95 * limit })
  }

  @Test func normalisationComputesWhatIsBeforeItOnce() {
    let layer = BatchNorm(2)
    let x = Dense(3, 2, key: RandomKey(1))(RandomKey(2).normal([4, 3])).tanh()
    let y = withPhase(.training) { layer(x) }
    // The statistics are computed now, and so is x: neither they nor y need it again.
    #expect(x.node.value != nil && y.node.value == nil)
    let mean = x.mean(axes: [0]).array(of: Double.self)
    #expect(zip(layer.runningMean.array(of: Double.self), mean).allSatisfy { abs($0 - 0.1 * $1) < 1e-7 })
  }
}
