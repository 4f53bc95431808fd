import DescentCore

extension Initializer {
  /// A random matrix with orthonormal columns (rows, where there are fewer of them) times a gain (Saxe et al. 2014).
  ///
  /// The last axis counts the columns, all axes before it the rows. The matrix is the orthogonal polar factor of a
  /// normal one, which is uniformly distributed over all such matrices, as the Q of a QR decomposition is.
  public static func orthogonal(gain: Double = 1) -> Initializer {
    Initializer("orthogonal") { shape, _, _, key, dtype in
      require(shape.count >= 2, "orthogonal: needs rank 2 or more, not shape \(text(shape))")
      let columns = shape[shape.count - 1]
      let rows = shape.dropLast().reduce(1, *)
      guard rows * columns > 0 else { return .zeros(shape, dtype: dtype) }
      let isWide = columns > rows
      let normal = key.normal(isWide ? [columns, rows] : [rows, columns], dtype: dtype)
      let factor = polarFactor(normal)
      return gain * (isWide ? factor.T : factor).reshaped(shape)
    }
  }
}

/// X(XᵀX)^−½ of a tall matrix: all its singular values become 1, by odd polynomials of X, which need only products.
///
/// Sixteen times, a quintic with a steep slope at 0 lifts the small singular values by 3.44 while those near 1 stay in
/// 0.68 ... 1.14 (Jordan et al. 2024, "Muon"); it reaches 1 from 10⁻⁸, below what float32 resolves. Then the cubic of
/// Newton and Schulz, σ ← σ(3 − σ²)/2, squares the distance from 1 seven times.
private func polarFactor(_ matrix: Tensor) -> Tensor {
  // ‖XᵀX‖ ≥ σ², so that no singular value starts above 1.
  var x = matrix / gram(matrix).squared().sum().sqrt().sqrt()
  for _ in 0..<16 {
    let a = gram(x)
    x = 3.4445 * x + x.matmul(-4.775 * a + 2.0315 * a.matmul(a))
  }
  for _ in 0..<7 { x = 1.5 * x - 0.5 * x.matmul(gram(x)) }
  return x
}

private func gram(_ x: Tensor) -> Tensor { x.T.matmul(x) }
