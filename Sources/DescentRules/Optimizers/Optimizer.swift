public import DescentCore

/// A rule that turns a gradient into a step.
///
/// A rule is a pure function of tensors, written for one parameter as in the paper; it holds hyper-parameters and no
/// state. What it remembers between steps (momentum, second moments) goes in and comes out as tensors.
public protocol Optimizer: Sendable {
  /// The step size as a function of the step number.
  var learningRate: Schedule { get }
  /// How gradients are limited before the rule sees them.
  var clipping: GradientClipping { get }
  /// How weights are drawn towards 0, and which of them.
  var weightDecay: WeightDecay { get }
  /// What is remembered for each parameter, by name: "momentum", "variance".
  var stateNames: [String] { get }
  /// What is remembered before the first step, in the order of the names.
  func initialState(for parameter: Tensor) -> [Tensor]
  /// The parameter and the memory after a step. `learningRate` and `step` have rank 0; `step` counts from 1. Weight
  /// decay leaves the parameter alone where `decays` is false.
  func update(
    _ parameter: Tensor, gradient: Tensor, state: [Tensor], learningRate: Tensor, step: Tensor, decays: Bool
  ) -> (parameter: Tensor, state: [Tensor])
}

extension Optimizer {
  /// Zeros, one tensor of the parameter's shape for each name.
  public func initialState(for parameter: Tensor) -> [Tensor] { stateNames.map { _ in .zeros(like: parameter) } }
}

/// All parameters and all memory after one step: clips the gradients together, then applies the rule to each.
///
/// `step` (a float of rank 0) counts from 1, exactly up to 2²⁴ in float32 and 2⁵³ in float64, which is what the schedule
/// is computed in; `learningRateScale` multiplies the schedule; `decays` says which parameters weight decay may change,
/// by default those the optimizer names by their shapes. Results have the parameters' element types.
public func applyUpdates<Rule: Optimizer>(
  _ optimizer: Rule, parameters: [Tensor], gradients: [Tensor], state: [[Tensor]], step: Tensor,
  learningRateScale: Tensor = 1, decays: [Bool]? = nil
) -> (parameters: [Tensor], state: [[Tensor]]) {
  require(
    gradients.count == parameters.count && state.count == parameters.count
      && decays?.count ?? parameters.count == parameters.count,
    "applyUpdates: needs one gradient, one state and one decision on decay for each of \(parameters.count) parameters")
  let clipped = optimizer.clipping.apply(gradients)
  var result: (parameters: [Tensor], state: [[Tensor]]) = ([], [])
  for (index, parameter) in parameters.enumerated() {
    let number = step.cast(to: parameter.dtype)
    // In no less than the step's own precision, in which it may count further than the parameter's type can.
    let counter = step.dtype.isFloat ? step.cast(to: .promoting(step.dtype, parameter.dtype)) : number
    let learningRate = (optimizer.learningRate(counter) * learningRateScale).cast(to: parameter.dtype)
    let updated = optimizer.update(
      parameter, gradient: clipped[index], state: state[index], learningRate: learningRate, step: number,
      decays: decays?[index] ?? optimizer.weightDecay.applies(to: parameter.shape))
    result.parameters.append(updated.parameter)
    result.state.append(updated.state)
  }
  return result
}
