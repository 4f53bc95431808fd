public import DescentCore

extension Tensor {
  /// exp(xᵢ) / Σⱼ exp(xⱼ) along an axis; the largest xⱼ is taken out first, so that nothing overflows.
  ///
  /// Where all scores are −∞ (everything is masked) the result is 0 and has no derivative; ∞ among them gives NaN.
  public func softmax(axis: Int = -1) -> Tensor {
    let largest = maximum(axis)
    let powers = (self - shift(largest)).exp()
    let total = powers.sum(axis: axis, keepingAxis: true)
    return powers * (1 / isMasked(largest).select(1, total))
  }

  /// xᵢ − log Σⱼ exp(xⱼ) along an axis: the logarithm of softmax, exact also where that rounds to 0.
  ///
  /// Where all scores are −∞ the result is −∞ and has no derivative; ∞ among them gives NaN.
  public func logSoftmax(axis: Int = -1) -> Tensor {
    let largest = maximum(axis)
    let isMasked = isMasked(largest)
    let shifted = isMasked.select(0, self - shift(largest))
    return isMasked.select(
      Tensor(weak: -Double.infinity), shifted - shifted.exp().sum(axis: axis, keepingAxis: true).log())
  }

  /// The result of either function does not depend on the shift, so none of it is differentiated.
  private func maximum(_ axis: Int) -> Tensor { max(axis: axis, keepingAxis: true).stopGradient() }

  /// −∞ less itself would be NaN.
  private func shift(_ largest: Tensor) -> Tensor { isMasked(largest).select(0, largest) }

  private func isMasked(_ largest: Tensor) -> Tensor { largest .== -Double.infinity }
}

public func softmax(_ x: Tensor, axis: Int = -1) -> Tensor { x.softmax(axis: axis) }
public func logSoftmax(_ x: Tensor, axis: Int = -1) -> Tensor { x.logSoftmax(axis: axis) }
