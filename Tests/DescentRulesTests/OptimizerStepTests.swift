import DescentCPU
import DescentCore
import DescentRules
import DescentTesting
import Testing

/// Three steps on one weight that starts at 1, with learning rate 0.1, worked out by hand from the papers' formulas.
struct OptimizerStepCase: CustomTestStringConvertible {
  let testDescription: String
  let optimizer: any Optimizer
  var gradients = [0.5, -0.25, 1.0]
  let weights: [Double]

  init(_ name: String, _ optimizer: any Optimizer, gradients: [Double]? = nil, weights: [Double]) {
    testDescription = name
    self.optimizer = optimizer
    if let gradients { self.gradients = gradients }
    self.weights = weights
  }

  static let all = [
    OptimizerStepCase("gradient descent", .sgd(learningRate: 0.1), weights: [0.95, 0.975, 0.875]),
    // v = 0.5, 0.9 · 0.5 − 0.25 = 0.2, 0.9 · 0.2 + 1 = 1.18
    OptimizerStepCase("momentum", .sgd(learningRate: 0.1, momentum: 0.9), weights: [0.95, 0.93, 0.812]),
    // g + 0.9 v = 0.95, −0.25 + 0.18 = −0.07, 1 + 1.062 = 2.062
    OptimizerStepCase(
      "Nesterov", .sgd(learningRate: 0.1, momentum: 0.9, nesterov: true), weights: [0.905, 0.912, 0.7058]),
    // g + 0.1 w = 0.6, −0.25 + 0.094 = −0.156, 1.09556
    OptimizerStepCase(
      "coupled decay", .sgd(learningRate: 0.1, weightDecay: .coupled(0.1, on: .all)), weights: [0.94, 0.9556, 0.846044]
    ),
    // v = 0.6, 0.54 − 0.156 = 0.384, 0.9 · 0.384 + 1 + 0.09016 = 1.43576
    OptimizerStepCase(
      "momentum, coupled decay", .sgd(learningRate: 0.1, momentum: 0.9, weightDecay: .coupled(0.1, on: .all)),
      weights: [0.94, 0.9016, 0.758024]),
    // 0.99 w − 0.1 v with v = 0.5, 0.2, 1.18
    OptimizerStepCase(
      "momentum, decoupled decay", .sgd(learningRate: 0.1, momentum: 0.9, weightDecay: .decoupled(0.1, on: .all)),
      weights: [0.94, 0.9106, 0.783494]),
    // s = 0.25, 0.3125, 1.3125
    OptimizerStepCase(
      "Adagrad", .adagrad(learningRate: 0.1, epsilon: 0),
      weights: cumulative(-0.1, 0.025 / root(0.3125), -0.1 / root(1.3125))),
    OptimizerStepCase(
      "Adagrad, epsilon", .adagrad(learningRate: 0.1, epsilon: 0.5),
      weights: cumulative(-0.05, 0.025 / (root(0.3125) + 0.5), -0.1 / (root(1.3125) + 0.5))),
    // s = 0.1 · 0.25 = 0.025, 0.0225 + 0.00625 = 0.02875, 0.025875 + 0.1 = 0.125875
    OptimizerStepCase(
      "RMSProp", .rmsProp(learningRate: 0.1, decay: 0.9, epsilon: 0.25),
      weights: cumulative(
        -0.05 / (root(0.025) + 0.25), 0.025 / (root(0.02875) + 0.25), -0.1 / (root(0.125875) + 0.25))),
    // m = 0.05, 0.045 − 0.025 = 0.02, 0.018 + 0.1 = 0.118
    OptimizerStepCase(
      "RMSProp, centered", .rmsProp(learningRate: 0.1, decay: 0.9, epsilon: 0, centered: true),
      weights: cumulative(-0.05 / 0.15, 0.025 / root(0.02875 - 0.0004), -0.1 / root(0.125875 - 0.013924))),
    // v = a, a/2 + b, a/4 + b/2 + c for the three steps a, b, c of plain RMSProp
    OptimizerStepCase(
      "RMSProp, momentum", .rmsProp(learningRate: 0.1, decay: 0.9, epsilon: 0, momentum: 0.5),
      weights: cumulative(
        -0.05 / root(0.025), -0.025 / root(0.025) + 0.025 / root(0.02875),
        -0.0125 / root(0.025) + 0.0125 / root(0.02875) - 0.1 / root(0.125875))),
    // m = 0.25, 0, 0.5 and v = 0.0625, 0.0625, 0.296875; corrected m̂ = 0.5, 0, 4/7 and v̂ = 0.25, …, 19/37
    OptimizerStepCase(
      "Adam", .adam(learningRate: 0.1, beta1: 0.5, beta2: 0.75, epsilon: 0),
      weights: cumulative(-0.1, 0, -0.4 / 7 / root(19.0 / 37))),
    OptimizerStepCase(
      "Adam, epsilon", .adam(learningRate: 0.1, beta1: 0.5, beta2: 0.75, epsilon: 0.5),
      weights: cumulative(-0.05, 0, -0.4 / 7 / (root(19.0 / 37) + 0.5))),
    // m = 0.5, 0.25, 0.375; v = 0.25, 0.1875, 0.203125, of which the first stays the largest
    OptimizerStepCase(
      "Adam, AMSGrad", .adam(learningRate: 0.1, beta1: 0.5, beta2: 0.75, epsilon: 0, amsgrad: true),
      gradients: [1, 0, 0.5],
      weights: cumulative(-0.1, -0.1 / 3 / root(4.0 / 7), -0.3 / 7 / root(16.0 / 37))),
    // Before each step of Adam the weight is multiplied by 1 − 0.1 · 0.1.
    OptimizerStepCase(
      "AdamW",
      .adamW(learningRate: 0.1, beta1: 0.5, beta2: 0.75, epsilon: 0, weightDecay: 0.1, decaying: .all),
      weights: [0.89, 0.8811, 0.8811 * 0.99 - 0.4 / 7 / root(19.0 / 37)]),
  ]

  private static func root(_ x: Double) -> Double { x.squareRoot() }

  private static func cumulative(_ a: Double, _ b: Double, _ c: Double) -> [Double] {
    [1 + a, 1 + a + b, 1 + a + b + c]
  }
}

@Test("Three steps agree with pencil and paper", arguments: OptimizerStepCase.all)
func stepsByHand(_ testCase: OptimizerStepCase) throws {
  try expectSteps(testCase, testCase.optimizer)
}

private func expectSteps(_ testCase: OptimizerStepCase, _ optimizer: some Optimizer) throws {
  for (dtype, tolerance) in [(DType.float64, 1e-14), (.float32, 1e-6)] {
    var weight = Tensor(1.0, dtype: dtype)
    var state = optimizer.initialState(for: weight)
    #expect(state.count == optimizer.stateNames.count)
    for (index, gradient) in testCase.gradients.enumerated() {
      let updated = applyUpdates(
        optimizer, parameters: [weight], gradients: [Tensor(gradient, dtype: dtype)], state: [state],
        step: Tensor(index + 1, dtype: .float32))
      weight = updated.parameters[0]
      state = updated.state[0]
      #expect(weight.dtype == dtype && state.allSatisfy { $0.dtype == dtype })
      try expectClose(weight, [testCase.weights[index]], tolerance: tolerance, "weight after step \(index + 1)")
    }
  }
}
