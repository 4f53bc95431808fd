import DescentCPU
package import DescentCore

/// Linear regression by least squares, y = x·w + b, in double precision.
///
/// Minimises Σ (y − t)² + λ n Σ w²; a tiny λ makes the answer unique where features depend on each other.
package struct LeastSquares: Sendable {
  package let weights: [Double]
  package let intercept: Double

  /// - Parameters:
  ///   - features: float64 [rows, features].
  ///   - targets: one number a row.
  package init(features: Tensor, targets: [Double], ridge: Double = 1e-9) {
    let rows = features.shape[0]
    let width = features.shape[1]
    let center = features.mean(axis: 0)
    let centered = features - center
    let targetMean = targets.reduce(0, +) / Double(rows)
    let residuals = Tensor(targets.map { $0 - targetMean }, shape: [rows, 1], dtype: .float64)
    let transposed = centered.transposed()
    // With more features than rows the same answer follows from the products of rows, w = Xᵀ(XXᵀ + λn)⁻¹t.
    let isWide = width > rows
    let gram = isWide ? centered.matmul(transposed) : transposed.matmul(centered)
    let right = isWide ? residuals : transposed.matmul(residuals)
    evaluate(center, gram, right)

    let size = isWide ? rows : width
    var matrix = gram.array(of: Double.self)
    for index in 0..<size { matrix[index * size + index] += ridge * Double(rows) }
    let solution = Cholesky(matrix, size: size).solution(of: right.array(of: Double.self))
    weights =
      isWide
      ? transposed.matmul(Tensor(solution, shape: [rows, 1], dtype: .float64)).array(of: Double.self) : solution
    intercept = targetMean - zip(center.array(of: Double.self), weights).reduce(0) { $0 + $1.0 * $1.1 }
  }

  package func predictions(for features: Tensor) -> [Double] {
    let column = Tensor(weights, shape: [weights.count, 1], dtype: .float64)
    return features.matmul(column).array(of: Double.self).map { $0 + intercept }
  }
}
