extension Tensor {
  /// Whether each element is NaN; integers never are.
  public func isNaN() -> Tensor { self .!= self }

  /// Whether each element is neither infinite nor NaN.
  public func isFinite() -> Tensor {
    dtype.isFloat ? abs() .< Double.infinity : .full(shape, true)
  }

  /// Whether each element is ∞ or −∞.
  public func isInfinite() -> Tensor {
    dtype.isFloat ? abs() .== Double.infinity : .full(shape, false)
  }
}
