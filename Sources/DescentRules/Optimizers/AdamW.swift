public import DescentCore

/// Adam with decoupled weight decay: w ← (1 − ηλ)w, then Adam's step (Loshchilov & Hutter 2019).
public struct AdamW: Optimizer {
  private var adam: Adam

  public init(
    learningRate: some ScheduleConvertible = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, amsgrad: Bool = false, weightDecay: Double = 0.01,
    decaying scope: WeightDecay.Scope = .matrices, clipping: GradientClipping = .none
  ) {
    adam = Adam(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, amsgrad: amsgrad,
      weightDecay: .decoupled(weightDecay, on: scope), clipping: clipping)
  }

  public var learningRate: Schedule { adam.learningRate }
  public var clipping: GradientClipping { adam.clipping }
  public var weightDecay: WeightDecay { adam.weightDecay }
  public var stateNames: [String] { adam.stateNames }

  public func update(
    _ parameter: Tensor, gradient: Tensor, state: [Tensor], learningRate: Tensor, step: Tensor,
    weightDecay: WeightDecay
  ) -> (parameter: Tensor, state: [Tensor]) {
    adam.update(
      parameter, gradient: gradient, state: state, learningRate: learningRate, step: step,
      weightDecay: weightDecay)
  }
}

extension Optimizer where Self == AdamW {
  /// Adam with decoupled weight decay.
  public static func adamW(
    learningRate: some ScheduleConvertible = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, amsgrad: Bool = false, weightDecay: Double = 0.01,
    decaying scope: WeightDecay.Scope = .matrices, clipping: GradientClipping = .none
  ) -> AdamW {
    AdamW(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, amsgrad: amsgrad,
      weightDecay: weightDecay, decaying: scope, clipping: clipping)
  }
}
