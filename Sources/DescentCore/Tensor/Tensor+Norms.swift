extension Tensor {
  /// The p-norm over the axes, (Σ |xᵢ|ᵖ)^(1/p) for p ≥ 1: the Euclidean norm by default, the sum of magnitudes for 1, the
  /// largest magnitude for `.infinity`. Integers become float32 first.
  ///
  /// Its derivative counts as 0 where the norm is 0.
  public func norm(_ p: Double = 2, axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    guard p >= 1 else { fatalError("norm: p must be at least 1") }
    let x = dtype.isFloat ? self : cast(to: .float32)
    if p == .infinity { return x.abs().max(axes: axes, keepingAxes: keepingAxes) }
    if p == 1 { return x.abs().sum(axes: axes, keepingAxes: keepingAxes) }
    let powers = p == 2 ? x.squared() : x.abs().pow(p)
    return powers.sum(axes: axes, keepingAxes: keepingAxes).flatAtZero { p == 2 ? $0.sqrt() : $0.pow(1 / p) }
  }

  /// The p-norm along one axis.
  public func norm(_ p: Double = 2, axis: Int, keepingAxis: Bool = false) -> Tensor {
    norm(p, axes: [axis], keepingAxes: keepingAxis)
  }

  /// A root, which is 0 at 0, with a derivative of 0 there instead of ∞: what a length is made of changes by nothing
  /// times that, which would be NaN.
  func flatAtZero(_ root: (Tensor) -> Tensor) -> Tensor {
    let isZero = self .== 0
    return isZero.select(0, root(isZero.select(1, self)))
  }
}
