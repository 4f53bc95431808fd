import DescentCore
import DescentRules

/// What a step does with a loss: the penalties it adds, and how the optimizer turns gradients into new parameters.
struct StepRules {
  let optimizer: any Optimizer
  let penalties: [Penalty]

  /// What is minimised: the loss and the penalties.
  func objective(_ loss: Tensor, parameters: [(path: String, value: Tensor)]) -> Tensor {
    penalties.compactMap { $0.value(of: parameters) }.reduce(loss, +)
  }

  struct Update {
    var parameters: [Tensor] = []
    var slots: [[Tensor]] = []
    let learningRate: Tensor
  }

  func update(_ parameters: [Tensor], gradients: [Tensor], slots: [[Tensor]], step: Tensor, scale: Tensor) -> Update {
    let gradients = optimizer.clipping.apply(gradients)
    var update = Update(learningRate: optimizer.learningRate(step) * scale)
    for (index, parameter) in parameters.enumerated() {
      let result = optimizer.update(
        parameter, gradient: gradients[index], state: slots[index], learningRate: update.learningRate, step: step,
        decays: parameter.rank >= 2)
      update.parameters.append(result.parameter)
      update.slots.append(result.state)
    }
    return update
  }
}
