public import DescentCore

/// Steps that shrink where gradients were large: s ← s + g², w ← w − η g / (√s + ε) (Duchi, Hazan & Singer 2011).
public struct Adagrad: Optimizer {
  public var learningRate: Schedule
  public var epsilon: Double
  public var weightDecay: WeightDecay
  public var clipping: GradientClipping

  public init(
    learningRate: some ScheduleConvertible = 0.01, epsilon: Double = 1e-10, weightDecay: WeightDecay = .none,
    clipping: GradientClipping = .none
  ) {
    self.learningRate = learningRate.schedule
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.clipping = clipping
  }

  public var stateNames: [String] { ["squareSum"] }

  public func update(
    _ parameter: Tensor, gradient: Tensor, state: [Tensor], learningRate: Tensor, step: Tensor,
    weightDecay: WeightDecay
  ) -> (parameter: Tensor, state: [Tensor]) {
    let (w, g) = weightDecay.applied(to: parameter, gradient: gradient, learningRate: learningRate)
    let s = state[0] + g * g
    return (w - learningRate * g / (s.sqrt() + epsilon), [s])
  }
}

extension Optimizer where Self == Adagrad {
  /// Steps that shrink where gradients were large.
  public static func adagrad(
    learningRate: some ScheduleConvertible = 0.01, epsilon: Double = 1e-10, weightDecay: WeightDecay = .none,
    clipping: GradientClipping = .none
  ) -> Adagrad {
    Adagrad(learningRate: learningRate, epsilon: epsilon, weightDecay: weightDecay, clipping: clipping)
  }
}
