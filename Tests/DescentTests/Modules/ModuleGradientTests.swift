import Descent
import DescentTesting
import Testing

struct ModuleGradientTests {
  private let x: Tensor = [[1, 2], [3, -1], [0.5, 4]]

  @Test func theGradientIsThatOfTheFormula() throws {
    let model = Sequential { Dense(2, 1) }
    try model.load(["0.weight": [[2], [-3]], "0.bias": [0.5]])
    let (value, gradient) = valueAndGradient(of: model) { $0(x).squared().sum() }
    // y = (-3.5, 9.5, -10.5); ∂/∂w = 2 Σ y x, ∂/∂b = 2 Σ y.
    try expectClose(value, [12.25 + 90.25 + 110.25])
    try expectClose(gradient["0.weight"]!, [2 * (-3.5 + 28.5 - 5.25), 2 * (-7 - 9.5 - 42)])
    try expectClose(gradient["0.bias"]!, [2 * (-3.5 + 9.5 - 10.5)])
    #expect(gradient.missing.isEmpty)
  }

  @Test func missingGradientsAreListedAndFrozenParametersAreNot() {
    let unused = Factor(1)
    struct Pair: Layer {
      let used = Factor(3)
      let unused: Factor
      func callAsFunction(_ x: Tensor) -> Tensor { used(x) }
    }
    let model = Pair(unused: unused)
    #expect(valueAndGradient(of: model) { $0(x).sum() }.gradient.missing == ["unused.factor"])
    model.freeze { $0 == "unused.factor" }
    let gradient = valueAndGradient(of: model) { $0(x).sum() }.gradient
    #expect(gradient.missing.isEmpty)
    #expect(gradient.values.paths == ["used.factor"])
  }

  @Test func bothUsesOfATiedTensorCount() throws {
    let model = TiedAutoencoder()
    let row: Tensor = [[1, 0, -1]]
    let weights: Tensor = [[1, 2, 3]]
    let tied = valueAndGradient(of: model) { ($0(row) * weights).sum() }.gradient["encoder"]!
    let matrix = model.encoder
    let direct = gradient(at: matrix) { w in (row.matmul(w).matmul(w.T) * weights).sum() }
    try expectClose(tied, direct)
  }

  @Test func aPhaseInsideKeepsTheVariables() {
    let model = Sequential { Dense(2, 1) }
    let gradient = valueAndGradient(of: model) { model in
      withPhase(.training, key: RandomKey(1)) { withPhase(.inference) { model(x).sum() } }
    }.gradient
    #expect(gradient.missing.isEmpty)
  }

  @Test func gradientsPerExampleAddUpToTheWhole() throws {
    let model = withSeed(4) {
      Sequential {
        Dense(2, 3)
        Tanh()
        Dense(3, 1)
      }
    }
    let whole = valueAndGradient(of: model) { $0(x).squared().sum() }.gradient
    let each = vmap(over: [x], inAxes: [0]) { row in
      valueAndGradient(of: model) { $0(row[0].expanded(axis: 0)).squared().sum() }.gradient.values.tensors
    }
    for (sum, perExample) in zip(whole.values.tensors, each) {
      #expect(perExample.shape == [3] + sum.shape)
      try expectClose(perExample.sum(axis: 0), sum, tolerance: 1e-5)
    }
  }

  @Test func aGradientCanBeDifferentiatedAgain() throws {
    let model = Factor(2)
    // d/df of (d/df of f⁴)² = 2 · 4f³ · 12f².
    let second = valueAndGradient(of: model) { outer in
      valueAndGradient(of: outer) { inner in
        let f = inner(1)
        return f * f * f * f
      }.gradient["factor"]!.squared()
    }.gradient
    try expectClose(second["factor"]!, [2 * 32 * 48])
  }

  @Test func replacedParametersAreVariablesAndLeaveTheModelAlone() throws {
    let model = withSeed(2) {
      Sequential {
        Dense(2, 3)
        Tanh()
        Dense(3, 2)
      }
    }
    let before = model.state.tensors.map { $0.array() }
    model.convert(to: .float64)
    try expectGradients(at: model.parameters.tensors) { values in
      withParameters(of: model, replacedBy: values) { $0(x) }
    }
    #expect(model.state.tensors.map { $0.array() } == before)
  }

  @Test func buffersChangeInsideAGradient() throws {
    let norm = BatchNorm(2)
    let loss = withPhase(.training) { valueAndGradient(of: norm) { $0(x).sum() } }
    #expect(loss.gradient.values.paths == ["scale", "shift"])
    try expectClose(norm.runningMean, [0.15, 1.0 / 6])
  }
}
