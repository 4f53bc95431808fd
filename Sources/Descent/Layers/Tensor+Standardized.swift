import DescentCore

extension Tensor {
  /// (x − μ) / √(σ² + ε), with mean and biased variance over the axes.
  func standardized(axes: [Int], epsilon: Double) -> Tensor {
    let centred = self - mean(axes: axes, keepingAxes: true)
    let variance = centred.squared().mean(axes: axes, keepingAxes: true)
    return centred * (variance + epsilon).rsqrt()
  }
}
