import DescentCore
import DescentRules

/// What a step does with a loss: the penalties it adds, and how the optimizer turns gradients into new parameters.
struct StepRules {
  let optimizer: any Optimizer
  let penalties: [Penalty]
  /// How each trainable parameter is treated.
  let parameterRules: [ParameterRule]

  /// What is minimised: the loss and the penalties.
  func objective(_ loss: Tensor, parameters: [(path: String, value: Tensor)]) -> Tensor {
    penalties.compactMap { $0.value(of: parameters) }.reduce(loss, +)
  }

  struct Update {
    let parameters: [Tensor]
    let slots: [[Tensor]]
    let learningRate: Tensor
  }

  func update(_ parameters: [Tensor], gradients: [Tensor], slots: [[Tensor]], step: Tensor, scale: Tensor) -> Update {
    let result = applyUpdates(
      optimizer, parameters: parameters, gradients: gradients, state: slots, step: step, learningRateScale: scale,
      rules: parameterRules)
    return Update(
      parameters: result.parameters, slots: result.state, learningRate: optimizer.learningRate(step) * scale)
  }
}
