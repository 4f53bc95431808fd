extension Tensor {
  /// The remainder of floored division, a − b⌊a/b⌋, element by element: it has the sign of b, as in Python and PyTorch,
  /// not that of a as Swift's `%` on integers.
  ///
  /// ∂/∂a is 1, ∂/∂b is −⌊a/b⌋. Reals modulo 0 are NaN, integers stay as they are.
  public static func % (a: Tensor, b: Tensor) -> Tensor {
    let remainder = a.truncatingRemainder(dividingBy: b)
    let isOpposite = (remainder .!= 0) .&& ((remainder .< 0) .!= (b .< 0))
    return remainder + isOpposite.select(b.cast(to: remainder.dtype), 0)
  }

  public static func % <S: TensorScalar>(a: Tensor, b: S) -> Tensor { a % Tensor(weak: b) }
  public static func % <S: TensorScalar>(a: S, b: Tensor) -> Tensor { Tensor(weak: a) % b }

  /// The remainder of division that truncates toward zero, a − b·trunc(a/b), element by element: it has the sign of a,
  /// as C's `fmod`.
  ///
  /// The quotient is rounded to the element type, so for large ones the remainder is that of a neighbouring number.
  /// ∂/∂a is 1, ∂/∂b is −trunc(a/b). Reals modulo 0 are NaN, integers stay as they are.
  public func truncatingRemainder(dividingBy divisor: Tensor) -> Tensor {
    let common = commonDType(with: divisor)
    let dtype = common == .bool ? .int32 : common
    let shape = trapping { () throws(ShapeError) in try broadcastShape("remainder", self.shape, divisor.shape) }
    let a = cast(to: dtype).broadcast(to: shape)
    let b = divisor.cast(to: dtype).broadcast(to: shape)
    let quotient = Tensor(.binary(.divide), a, b)  // of integers it is whole already
    let whole = dtype.isFloat ? quotient.sign() * quotient.abs().floor() : quotient
    return (whole .== 0).select(a, a - whole * b)  // 0 times an infinite divisor would be NaN
  }

  /// The remainder of truncating division by one number.
  public func truncatingRemainder<S: TensorScalar>(dividingBy divisor: S) -> Tensor {
    truncatingRemainder(dividingBy: Tensor(weak: divisor))
  }
}
