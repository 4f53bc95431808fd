public import DescentCore

/// Gradient descent: w ← w − η g, where g is the gradient on all rows or, as stochastic gradient descent, on a batch.
///
/// With momentum μ, v ← μv + g and w ← w − η v (Polyak 1964); with Nesterov's, w ← w − η (g + μv) (Sutskever et al.
/// 2013). v starts at 0.
public struct SGD: Optimizer {
  public var learningRate: Schedule
  public var momentum: Double
  public var nesterov: Bool
  public var weightDecay: WeightDecay
  public var clipping: GradientClipping

  public init(
    learningRate: some ScheduleConvertible = 0.01, momentum: Double = 0, nesterov: Bool = false,
    weightDecay: WeightDecay = .none, clipping: GradientClipping = .none
  ) {
    require(momentum >= 0, "SGD: the momentum must not be negative")
    require(!nesterov || momentum > 0, "SGD: Nesterov's method needs a momentum")
    self.learningRate = learningRate.schedule
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
    self.clipping = clipping
  }

  public var stateNames: [String] { momentum > 0 ? ["momentum"] : [] }

  public func update(
    _ parameter: Tensor, gradient: Tensor, state: [Tensor], learningRate: Tensor, step: Tensor,
    weightDecay: WeightDecay
  ) -> (parameter: Tensor, state: [Tensor]) {
    let (w, g) = weightDecay.applied(to: parameter, gradient: gradient, learningRate: learningRate)
    guard momentum > 0 else { return (w - learningRate * g, []) }
    let v = momentum * state[0] + g
    return (w - learningRate * (nesterov ? g + momentum * v : v), [v])
  }
}

extension Optimizer where Self == SGD {
  /// Gradient descent, with momentum if it is given: stochastic by batches, plain where the batch is all there is.
  public static func sgd(
    learningRate: some ScheduleConvertible = 0.01, momentum: Double = 0, nesterov: Bool = false,
    weightDecay: WeightDecay = .none, clipping: GradientClipping = .none
  ) -> SGD {
    SGD(
      learningRate: learningRate, momentum: momentum, nesterov: nesterov, weightDecay: weightDecay, clipping: clipping)
  }
}
