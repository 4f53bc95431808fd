import DescentCPU
import DescentCore
import DescentRules
import DescentTesting
import Testing

struct OptimizerTests {
  static let converging: [(name: String, optimizer: any Optimizer)] = [
    ("gradient descent", .sgd(learningRate: 0.1)),
    ("momentum", .sgd(learningRate: 0.05, momentum: 0.8)),
    ("Nesterov", .sgd(learningRate: 0.05, momentum: 0.8, nesterov: true)),
    ("Adagrad", .adagrad(learningRate: 0.5)),
    ("RMSProp", .rmsProp(learningRate: .exponential(0.1, factor: 0.98))),
    ("RMSProp, centered", .rmsProp(learningRate: .exponential(0.05, factor: 0.98), centered: true)),
    ("RMSProp, momentum", .rmsProp(learningRate: .exponential(0.05, factor: 0.98), momentum: 0.5)),
    ("Adam", .adam(learningRate: .cosine(0.1, period: 500))),
    ("AMSGrad", .adam(learningRate: .cosine(0.1, period: 500), amsgrad: true)),
    ("AdamW", .adamW(learningRate: .cosine(0.1, period: 500), weightDecay: 0)),
    ("clipped", .sgd(learningRate: 0.1, clipping: .globalNorm(1))),
  ]

  @Test("Every optimizer finds the minimum of a quadratic", arguments: converging.indices)
  func converges(_ index: Int) throws {
    let (name, optimizer) = Self.converging[index]
    try expectConvergence(name, optimizer)
  }

  /// ½ Σ cᵢ (wᵢ − i)² with curvatures 1, 2, 4: the minimum is at 0, 1, 2.
  private func expectConvergence(_ name: String, _ optimizer: some Optimizer) throws {
    var parameters = [Tensor([3.0, -2.0, 1.0])]
    var state = [optimizer.initialState(for: parameters[0])]
    for step in 1...500 {
      let gradients = gradients(at: parameters) { w in
        (0.5 * Tensor([1.0, 2.0, 4.0]) * (w[0] - Tensor([0.0, 1.0, 2.0])).squared()).sum()
      }
      (parameters, state) = applyUpdates(
        optimizer, parameters: parameters, gradients: gradients, state: state,
        step: Tensor([Float(step)], shape: []))
      evaluate(parameters + state[0])
    }
    try expectClose(parameters[0], [0, 1, 2], tolerance: 1e-3, "the minimum \(name) found")
  }

  @Test func decayLeavesVectorsAloneUnlessAskedOtherwise() throws {
    let parameters: [Tensor] = [Tensor([[2.0]]), Tensor([2.0])]
    let gradients = parameters.map { Tensor.zeros(like: $0) }
    func weights(_ decay: WeightDecay, rules: [ParameterRule]? = nil) -> [Float] {
      let updated = applyUpdates(
        SGD(learningRate: 0.5, weightDecay: decay), parameters: parameters, gradients: gradients, state: [[], []],
        step: 1, rules: rules)
      return updated.parameters.map { $0.scalar() }
    }
    #expect(weights(.none) == [2, 2])
    #expect(weights(.coupled(0.5)) == [1.5, 2])
    #expect(weights(.decoupled(0.5)) == [1.5, 2])
    #expect(weights(.decoupled(0.5, on: .all)) == [1.5, 1.5])
    let decaying = ParameterRule(weightDecay: .coupled(0.5))
    #expect(weights(.coupled(0.5), rules: [ParameterRule(), decaying]) == [2, 1.5])
    let slower = ParameterRule(learningRateFactor: 0.5, weightDecay: .coupled(1))
    #expect(weights(.none, rules: [slower, decaying]) == [1.5, 1.5])
  }

  @Test func learningRateFollowsScheduleAndScale() throws {
    func weight(step: Int, scale: Tensor) -> Float {
      applyUpdates(
        SGD(learningRate: .step(1, every: 2, factor: 0.5)), parameters: [Tensor(0.0)], gradients: [Tensor(-1.0)],
        state: [[]], step: Tensor(step, dtype: .float32), learningRateScale: scale
      ).parameters[0].scalar()
    }
    #expect((1...5).map { weight(step: $0, scale: 1) } == [1, 1, 0.5, 0.5, 0.25])
    #expect(weight(step: 3, scale: Tensor(0.5)) == 0.25)
  }

  @Test func theNormOfAllGradientsTakesSeveralElementTypes() throws {
    let gradients: [Tensor] = [Tensor([3.0]), Tensor([4.0], dtype: .float64)]
    for order in [gradients, gradients.reversed()] {
      let clipped = GradientClipping.globalNorm(1).apply(order)
      #expect(clipped.map(\.dtype) == order.map(\.dtype))
      for (limited, gradient) in zip(clipped, order) { try expectClose(limited, gradient / 5, tolerance: 1e-6) }
    }
  }

  @Test func learningRatesMayBeVariables() {
    let double = 0.25
    let float: Float = 0.25
    #expect(Adam(learningRate: double).learningRate.value(at: 1) == 0.25)
    #expect(Adam(learningRate: float).learningRate.value(at: 7) == 0.25)
    #expect(SGD(learningRate: 2).learningRate.value(at: 1) == 2)
    #expect(SGD(learningRate: .constant(0.1)).learningRate.value(at: 1) == 0.1)
    var optimizer = SGD()
    optimizer.learningRate = 0.5
    #expect(optimizer.learningRate.value(at: 3) == 0.5)
  }

  /// √(s − m²) is 0 for a constant gradient, where rounding could make it the root of a negative number.
  @Test func centeredRMSPropStandsConstantGradients() {
    let rule = RMSProp(learningRate: 1e-3, epsilon: 1e-3, centered: true)
    var weight = [Tensor(0.0)]
    var state = [rule.initialState(for: weight[0])]
    for step in 1...200 {
      (weight, state) = applyUpdates(
        rule, parameters: weight, gradients: [Tensor(0.3)], state: state, step: Tensor([Float(step)], shape: []))
      evaluate(weight + state[0])
    }
    #expect(weight[0].scalar(of: Float.self).isFinite)
  }

  /// 1 − 0.999 in float32 is off by 10⁻⁵; the first step of Adam is η, and must be so to float32's precision.
  @Test func adamsFirstStepIsExactInFloat32() throws {
    let rule = Adam(learningRate: 1, epsilon: 0)
    let updated = applyUpdates(
      rule, parameters: [Tensor([0.0, 0.0])], gradients: [Tensor([3.7, -0.02])],
      state: [rule.initialState(for: Tensor([0.0, 0.0]))], step: 1)
    try expectClose(updated.parameters[0], [-1, 1], tolerance: 5e-7)
  }
}

struct GradientClippingTests {
  let gradients: [Tensor] = [Tensor([3.0, -4.0]), Tensor([[12.0]], dtype: .float64)]  // norms 5, 12 and 13 together

  private func expect(_ clipping: GradientClipping, _ expected: [[Double]]) throws {
    for (actual, wanted) in zip(clipping.apply(gradients), expected) {
      #expect(actual.shape == (wanted.count == 2 ? [2] : [1, 1]))
      #expect(actual.dtype == (wanted.count == 2 ? .float32 : .float64))
      try expectClose(actual, wanted, tolerance: 1e-6, "\(clipping)")
    }
  }

  @Test func limits() throws {
    try expect(.none, [[3, -4], [12]])
    try expect(.value(3.5), [[3, -3.5], [3.5]])
    try expect(.norm(6), [[3, -4], [6]])
    try expect(.globalNorm(6.5), [[1.5, -2], [6]])
    try expect(.globalNorm(14), [[3, -4], [12]])
  }

  @Test func limitsThatAreNone() async {
    await #expect(processExitsWith: .failure) { _ = GradientClipping.value(-1).apply([Tensor([1.0])]) }
    await #expect(processExitsWith: .failure) { _ = GradientClipping.norm(0).apply([Tensor([1.0])]) }
    await #expect(processExitsWith: .failure) { _ = GradientClipping.globalNorm(.nan).apply([Tensor([1.0])]) }
  }

  @Test func nothingToClip() { #expect(GradientClipping.globalNorm(1).apply([]).isEmpty) }
}
