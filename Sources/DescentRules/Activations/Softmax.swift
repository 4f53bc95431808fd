public import DescentCore

extension Tensor {
  /// exp(xᵢ) / Σⱼ exp(xⱼ) along an axis; the largest xⱼ is taken out first, so that nothing overflows.
  public func softmax(axis: Int = -1) -> Tensor {
    let powers = shiftedByMaximum(axis).exp()
    return powers / powers.sum(axis: axis, keepingAxis: true)
  }

  /// xᵢ − log Σⱼ exp(xⱼ) along an axis: the logarithm of softmax, exact also where that rounds to 0.
  public func logSoftmax(axis: Int = -1) -> Tensor {
    let shifted = shiftedByMaximum(axis)
    return shifted - shifted.exp().sum(axis: axis, keepingAxis: true).log()
  }

  /// The result of either function does not depend on the shift, so none of it is differentiated.
  private func shiftedByMaximum(_ axis: Int) -> Tensor {
    self - max(axis: axis, keepingAxis: true).stopGradient()
  }
}

public func softmax(_ x: Tensor, axis: Int = -1) -> Tensor { x.softmax(axis: axis) }
public func logSoftmax(_ x: Tensor, axis: Int = -1) -> Tensor { x.logSoftmax(axis: axis) }
