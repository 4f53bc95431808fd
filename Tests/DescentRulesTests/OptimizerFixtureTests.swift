import DescentCPU
import DescentCore
import DescentRules
import DescentTesting
import Testing

/// Training runs of PyTorch's optimizers on a small network.
struct OptimizerFixture: Decodable {
  struct Run: Decodable, CustomTestStringConvertible {
    struct Arguments: Decodable {
      let learningRate: Double
      let momentum, weightDecay, epsilon, decay, beta1, beta2, clipValue, clipNorm: Double?
      let nesterov, centered, amsgrad: Bool?
    }
    let name, optimizer: String
    let arguments: Arguments
    let losses: [Double]
    let finalLoss: Double
    let parameters: [String: FixtureTensor]

    var testDescription: String { name }
  }

  let inputs, targets: FixtureTensor
  let initialParameters, initialGradients: [String: FixtureTensor]
  let optimizers: [Run]

  static let file = Result { try fixture("optimizers", as: OptimizerFixture.self) }
  static let paths = ["hidden.weight", "hidden.bias", "output.weight", "output.bias"]

  func loss(_ parameters: [Tensor], _ dtype: DType) -> Tensor {
    let hidden = (inputs.tensor(dtype).matmul(parameters[0]) + parameters[1]).tanh()
    return meanSquaredError(hidden.matmul(parameters[2]) + parameters[3], targets.tensor(dtype))
  }
}

extension OptimizerFixture.Run {
  var rule: (any Optimizer)? {
    let a = arguments
    let decay = WeightDecay.coupled(a.weightDecay ?? 0, on: .all)
    let clipping = a.clipValue.map(GradientClipping.value) ?? a.clipNorm.map(GradientClipping.globalNorm) ?? .none
    switch optimizer {
    case "sgd":
      return .sgd(
        learningRate: a.learningRate, momentum: a.momentum!, nesterov: a.nesterov!, weightDecay: decay,
        clipping: clipping)
    case "adagrad": return .adagrad(learningRate: a.learningRate, epsilon: a.epsilon!)
    case "rmsProp":
      return .rmsProp(
        learningRate: a.learningRate, decay: a.decay!, epsilon: a.epsilon!, momentum: a.momentum!,
        centered: a.centered!)
    case "adam":
      return .adam(
        learningRate: a.learningRate, beta1: a.beta1!, beta2: a.beta2!, epsilon: a.epsilon!, amsgrad: a.amsgrad!,
        weightDecay: decay)
    case "adamW":
      return .adamW(
        learningRate: a.learningRate, beta1: a.beta1!, beta2: a.beta2!, epsilon: a.epsilon!,
        weightDecay: a.weightDecay!, decaying: .all)
    default: return nil
    }
  }
}

@Test("A hundred steps agree with PyTorch", arguments: try OptimizerFixture.file.get().optimizers)
func hundredSteps(_ run: OptimizerFixture.Run) throws {
  let rule = try #require(run.rule, "no such optimizer")
  #expect(run.losses.count == 100)
  try follow(run, rule, .float64, steps: 100, tolerance: 1e-9)
  // Later, RMSProp oscillates at the minimum: it divides by small numbers, which magnifies float32's rounding.
  try follow(run, rule, .float32, steps: 20, tolerance: 1e-4)
}

private func follow(
  _ run: OptimizerFixture.Run, _ rule: some Optimizer, _ dtype: DType, steps: Int, tolerance: Double
) throws {
  let file = try OptimizerFixture.file.get()
  var parameters = OptimizerFixture.paths.map { file.initialParameters[$0]!.tensor(dtype) }
  var state = parameters.map { rule.initialState(for: $0) }
  for step in 0..<steps {
    let (loss, gradients) = valueAndGradients(at: parameters) { file.loss($0, dtype) }
    if step == 0 {
      for (path, gradient) in zip(OptimizerFixture.paths, gradients) {
        try expectClose(gradient, file.initialGradients[path]!.values, tolerance: tolerance, "the gradient of \(path)")
      }
    }
    // In memory and not a literal, the step number leaves the program, and so its plan, the same.
    let number = Tensor([Double(step + 1)], shape: [], dtype: .float32)
    (parameters, state) = applyUpdates(rule, parameters: parameters, gradients: gradients, state: state, step: number)
    evaluate([loss] + parameters + state.flatMap { $0 })
    try expectClose(loss, [run.losses[step]], tolerance: tolerance, "the loss before step \(step + 1)")
  }
  guard steps == run.losses.count else { return }
  try expectClose(file.loss(parameters, dtype), [run.finalLoss], tolerance: tolerance, "the final loss")
  for (path, parameter) in zip(OptimizerFixture.paths, parameters) {
    try expectClose(parameter, run.parameters[path]!.values, tolerance: tolerance, path)
  }
}
