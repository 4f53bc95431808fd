public import DescentCore

/// Steps divided by a running root mean square of the gradient (Tieleman & Hinton 2012):
/// s ← ρs + (1 − ρ)g², w ← w − η g / (√s + ε).
///
/// Centered, the running mean of the gradient is taken out: √(s − m²) with m ← ρm + (1 − ρ)g (Graves 2013). With
/// momentum μ, v ← μv + g / (√s + ε) and w ← w − η v.
public struct RMSProp: Optimizer {
  public var learningRate: Schedule
  /// ρ.
  public var decay: Double
  public var epsilon: Double
  public var momentum: Double
  public var centered: Bool
  public var weightDecay: WeightDecay
  public var clipping: GradientClipping

  public init(
    learningRate: some ScheduleConvertible = 0.01, decay: Double = 0.9, epsilon: Double = 1e-8, momentum: Double = 0,
    centered: Bool = false, weightDecay: WeightDecay = .none, clipping: GradientClipping = .none
  ) {
    require(decay >= 0 && decay < 1, "RMSProp: the decay must lie in 0 ..< 1")
    require(momentum >= 0, "RMSProp: the momentum must not be negative")
    self.learningRate = learningRate.schedule
    self.decay = decay
    self.epsilon = epsilon
    self.momentum = momentum
    self.centered = centered
    self.weightDecay = weightDecay
    self.clipping = clipping
  }

  public var stateNames: [String] {
    ["meanSquare"] + (centered ? ["mean"] : []) + (momentum > 0 ? ["momentum"] : [])
  }

  public func update(
    _ parameter: Tensor, gradient: Tensor, state: [Tensor], learningRate: Tensor, step: Tensor,
    weightDecay: WeightDecay
  ) -> (parameter: Tensor, state: [Tensor]) {
    let (w, g) = weightDecay.applied(to: parameter, gradient: gradient, learningRate: learningRate)
    let s = decay * state[0] + (1 - decay) * (g * g)
    var newState = [s]
    var variance = s
    if centered {
      let m = decay * state[1] + (1 - decay) * g
      newState.append(m)
      variance = maximum(s - m * m, 0)  // rounding can make the difference of equal numbers negative
    }
    var direction = g / (variance.sqrt() + epsilon)
    if momentum > 0 {
      direction = momentum * state[state.count - 1] + direction
      newState.append(direction)
    }
    return (w - learningRate * direction, newState)
  }
}

extension Optimizer where Self == RMSProp {
  /// Steps divided by a running root mean square of the gradient.
  public static func rmsProp(
    learningRate: some ScheduleConvertible = 0.01, decay: Double = 0.9, epsilon: Double = 1e-8, momentum: Double = 0,
    centered: Bool = false, weightDecay: WeightDecay = .none, clipping: GradientClipping = .none
  ) -> RMSProp {
    RMSProp(
      learningRate: learningRate, decay: decay, epsilon: epsilon, momentum: momentum, centered: centered,
      weightDecay: weightDecay, clipping: clipping)
  }
}
