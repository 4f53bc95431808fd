public import DescentCore

/// Adaptive moment estimation (Kingma & Ba 2015):
/// m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², w ← w − η m̂ / (√v̂ + ε),
/// with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) at step t.
///
/// With `amsgrad`, v̂ comes from the largest v so far (Reddi et al. 2018).
public struct Adam: Optimizer {
  public var learningRate: Schedule
  public var beta1: Double
  public var beta2: Double
  public var epsilon: Double
  public var amsgrad: Bool
  public var weightDecay: WeightDecay
  public var clipping: GradientClipping

  public init(
    learningRate: some ScheduleConvertible = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, amsgrad: Bool = false, weightDecay: WeightDecay = .none,
    clipping: GradientClipping = .none
  ) {
    require(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1, "Adam: beta1 and beta2 must lie in 0 ..< 1")
    self.learningRate = learningRate.schedule
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.amsgrad = amsgrad
    self.weightDecay = weightDecay
    self.clipping = clipping
  }

  public var stateNames: [String] { ["mean", "meanSquare"] + (amsgrad ? ["largestMeanSquare"] : []) }

  public func update(
    _ parameter: Tensor, gradient: Tensor, state: [Tensor], learningRate: Tensor, step: Tensor,
    weightDecay: WeightDecay
  ) -> (parameter: Tensor, state: [Tensor]) {
    let (w, g) = weightDecay.applied(to: parameter, gradient: gradient, learningRate: learningRate)
    let m = beta1 * state[0] + (1 - beta1) * g
    let v = beta2 * state[1] + (1 - beta2) * (g * g)
    var newState = [m, v]
    if amsgrad { newState.append(maximum(state[2], v)) }
    // The corrections are single numbers: applied to η and to √v, they cost one product per weight and no quotient.
    let stepSize = learningRate / seenShare(beta1, step)
    let rootScale = seenShare(beta2, step).rsqrt()
    return (w - stepSize * m / (newState[newState.count - 1].sqrt() * rootScale + epsilon), newState)
  }

  /// 1 − βᵗ, what a running mean that started at 0 has seen so far; exact also where β is close to 1.
  private func seenShare(_ beta: Double, _ step: Tensor) -> Tensor {
    -(step * Tensor(beta - 1, dtype: step.dtype).log1p()).expm1()
  }
}

extension Optimizer where Self == Adam {
  /// Adaptive moment estimation.
  public static func adam(
    learningRate: some ScheduleConvertible = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, amsgrad: Bool = false, weightDecay: WeightDecay = .none,
    clipping: GradientClipping = .none
  ) -> Adam {
    Adam(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, amsgrad: amsgrad,
      weightDecay: weightDecay, clipping: clipping)
  }
}
