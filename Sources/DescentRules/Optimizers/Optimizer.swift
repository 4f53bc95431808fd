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
  /// What is otherwise for some parameters, by their paths; a rule needs none.
  var adjustments: [ParameterAdjustment] { get }
  /// What is remembered for each parameter, by name: "momentum", "variance".
  var stateNames: [String] { get }
  /// What is remembered before the first step, in the order of the names.
  func initialState(for parameter: Tensor) -> [Tensor]
  /// The parameter and the memory after a step. `learningRate` and `step` have rank 0; `step` counts from 1.
  /// `weightDecay` is that of this parameter, whichever decay the optimizer has of others.
  func update(
    _ parameter: Tensor, gradient: Tensor, state: [Tensor], learningRate: Tensor, step: Tensor,
    weightDecay: WeightDecay
  ) -> (parameter: Tensor, state: [Tensor])
}

extension Optimizer {
  /// Zeros, one tensor of the parameter's shape for each name.
  public func initialState(for parameter: Tensor) -> [Tensor] { stateNames.map { _ in .zeros(like: parameter) } }

  public var adjustments: [ParameterAdjustment] { [] }

  /// What a parameter of this shape is treated by where nothing is adjusted.
  package func rule(for shape: [Int]) -> ParameterRule {
    ParameterRule(weightDecay: weightDecay.applies(to: shape) ? weightDecay : .none)
  }
}

/// How a step treats one parameter.
public struct ParameterRule: Sendable, Hashable {
  /// What the learning rate is multiplied by.
  public var learningRateFactor: Double
  /// How it is drawn towards 0, whatever its shape.
  public var weightDecay: WeightDecay

  public init(learningRateFactor: Double = 1, weightDecay: WeightDecay = .none) {
    self.learningRateFactor = learningRateFactor
    self.weightDecay = weightDecay
  }
}

/// What is otherwise for the parameters whose paths fit a pattern; `Optimizer.adjusting` makes it.
public struct ParameterAdjustment: Sendable {
  /// A path such as `0.weight`, in which `*` stands for any characters: `encoder.*`, `*.bias`.
  public let pattern: String
  /// What the optimizer's learning rate is multiplied by.
  public let learningRateFactor: Double
  /// The amount of weight decay in place of the optimizer's, whatever the shape of the parameter; nil for the optimizer's.
  public let weightDecay: Double?

  public init(_ pattern: String, learningRateFactor: Double = 1, weightDecay: Double? = nil) {
    require(
      learningRateFactor >= 0 && learningRateFactor < .infinity,
      "ParameterAdjustment: the factor must not be negative or infinite")
    require(
      weightDecay.map { $0 >= 0 && $0 < .infinity } ?? true,
      "ParameterAdjustment: the weight decay must not be negative or infinite")
    self.pattern = pattern
    self.learningRateFactor = learningRateFactor
    self.weightDecay = weightDecay
  }
}

/// All parameters and all memory after one step: clips the gradients together, then applies the rule to each.
///
/// `step` (a float of rank 0) counts from 1, exactly up to 2²⁴ in float32 and 2⁵³ in float64, which is what the schedule
/// is computed in; `learningRateScale` multiplies the schedule; `rules` says how each parameter is treated, by default as
/// the optimizer says of its shape. Results have the parameters' element types.
public func applyUpdates<Rule: Optimizer>(
  _ optimizer: Rule, parameters: [Tensor], gradients: [Tensor], state: [[Tensor]], step: Tensor,
  learningRateScale: Tensor = 1, rules: [ParameterRule]? = nil
) -> (parameters: [Tensor], state: [[Tensor]]) {
  require(
    gradients.count == parameters.count && state.count == parameters.count
      && rules?.count ?? parameters.count == parameters.count,
    "applyUpdates: needs one gradient, one state and one rule for each of \(parameters.count) parameters")
  let clipped = optimizer.clipping.apply(gradients)
  var result: (parameters: [Tensor], state: [[Tensor]]) = ([], [])
  for (index, parameter) in parameters.enumerated() {
    let rule = rules?[index] ?? optimizer.rule(for: parameter.shape)
    let number = step.cast(to: parameter.dtype)
    // In no less than the step's own precision, in which it may count further than the parameter's type can.
    let counter = step.dtype.isFloat ? step.cast(to: .promoting(step.dtype, parameter.dtype)) : number
    let common = optimizer.learningRate(counter) * learningRateScale
    let own = rule.learningRateFactor == 1 ? common : common * rule.learningRateFactor
    let updated = optimizer.update(
      parameter, gradient: clipped[index], state: state[index],
      learningRate: own.cast(to: parameter.dtype), step: number, weightDecay: rule.weightDecay)
    result.parameters.append(updated.parameter)
    result.state.append(updated.state)
  }
  return result
}
