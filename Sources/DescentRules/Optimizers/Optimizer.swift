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
  /// What is remembered for each parameter, by name: "momentum", "variance".
  var stateNames: [String] { get }
  /// What is remembered before the first step, in the order of the names.
  func initialState(for parameter: Tensor) -> [Tensor]
  /// The parameter and the memory after a step. `step` (float32, rank 0) counts from 1. `decays` is false for
  /// parameters that weight decay leaves alone (biases and normalisation scales, unless asked otherwise).
  func update(
    _ parameter: Tensor, gradient: Tensor, state: [Tensor], learningRate: Tensor, step: Tensor, decays: Bool
  ) -> (parameter: Tensor, state: [Tensor])
}
