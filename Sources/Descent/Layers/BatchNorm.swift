import DescentCPU
public import DescentCore

/// Normalises every feature over the batch: y = scale · (x − μ) / √(σ² + ε) + shift (Ioffe & Szegedy 2015).
///
/// Shapes: x [..., features] → y the same. In training μ and σ² are mean and (biased) variance over all axes but the
/// last, and the running statistics move towards them: running ← (1 − momentum) · running + momentum · batch, the
/// variance with n − 1 in the denominator. In inference the running statistics take their place.
public struct BatchNorm: ConfigurableLayer {
  @Parameter public var scale: Tensor
  @Parameter public var shift: Tensor
  @Buffer public var runningMean: Tensor
  @Buffer public var runningVariance: Tensor
  public let configuration: Configuration

  public init(_ features: Int, momentum: Double = 0.1, epsilon: Double = 1e-5) {
    let configuration = Configuration(features: features, momentum: momentum, epsilon: epsilon)
    self = trapping("BatchNorm") { () throws(ConfigurationError) in try BatchNorm(configuration: configuration) }
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    guard x.rank >= 2 && x.shape.last == configuration.features else {
      fatalError("BatchNorm: expects [batch, \(configuration.features)], not shape \(text(x.shape))")
    }
    if ModuleContext.current.phase == .training {
      let (mean, variance) = statistics(x)
      note(mean, variance, of: x)
      return normalized(x, mean, variance)
    }
    return (x - runningMean) * (runningVariance + configuration.epsilon).rsqrt() * scale + shift
  }

  /// With x̂ = (x − μ) / √(σ² + ε) over n examples: the gradient of the shift is Σ ȳ, of the scale Σ ȳ·x̂, and
  /// x̄ = scale / √(σ² + ε) · (ȳ − Σ ȳ / n − x̂ · Σ ȳ·x̂ / n). Two sums where differentiating step by step makes five.
  private func normalized(_ x: Tensor, _ mean: Tensor, _ variance: Tensor) -> Tensor {
    let epsilon = configuration.epsilon
    return withDerivative(at: [x, scale, shift]) { inputs in
      (inputs[0] - mean) * (variance + epsilon).rsqrt() * inputs[1] + inputs[2]
    } pullback: { inputs, _, cotangent in
      let (x, axes) = (inputs[0], Array(0..<(inputs[0].rank - 1)))
      // Of the inputs once more, so that this can be differentiated too; a program computes it once.
      let (mean, variance) = statistics(x)
      let factor = (variance + epsilon).rsqrt()
      let normalized = (x - mean) * factor
      let ofShift = cotangent.sum(axes: axes)
      let ofScale = (cotangent * normalized).sum(axes: axes)
      let share = 1 / Double(x.count / x.shape[x.rank - 1])
      let (slope, level, tilt) = (factor * inputs[1], ofShift * share, ofScale * share)
      return [(cotangent - level - normalized * tilt) * slope, ofScale, ofShift]
    }
  }

  private func note(_ mean: Tensor, _ variance: Tensor, of x: Tensor) {
    let count = Double(x.count / configuration.features)
    guard count > 1 else {
      if ModuleContext.current.reportTooFewRows(self) { return }
      fatalError("BatchNorm: needs at least two examples in a training batch, not \(Int(count))")
    }
    // Outside of a trace the running statistics are computed at once; all that is before them should be computed once.
    if ModuleContext.current.standIn(for: _runningMean.storage) == nil { DescentCPU.evaluate(x, mean, variance) }
    let momentum = configuration.momentum
    let kept: Double = 1 - momentum
    let unbiased: Double = count / (count - 1)
    runningMean = kept * runningMean + momentum * mean.stopGradient()
    runningVariance = kept * runningVariance + momentum * (unbiased * variance.stopGradient())
  }

  public struct Configuration: Codable, Sendable { public let features: Int, momentum, epsilon: Double }

  public init(configuration: Configuration) throws(ConfigurationError) {
    try requireSizes([configuration.features], "features")
    guard (0...1).contains(configuration.momentum) && configuration.epsilon >= 0 else {
      throw ConfigurationError("expected a momentum from 0 to 1 and an epsilon not below 0")
    }
    self.configuration = configuration
    scale = .ones([configuration.features])
    shift = .zeros([configuration.features])
    runningMean = .zeros([configuration.features])
    runningVariance = .ones([configuration.features])
  }
}

/// Mean and variance of every feature, over all axes but the last.
private func statistics(_ x: Tensor) -> (mean: Tensor, variance: Tensor) {
  let axes = Array(0..<(x.rank - 1))
  let mean = x.mean(axes: axes)
  return (mean, (x - mean).squared().mean(axes: axes))
}
