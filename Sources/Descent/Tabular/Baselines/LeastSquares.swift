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
    self = Self.fits(features: features, targets: [targets], ridge: ridge)[0]
  }

  private init(weights: [Double], intercept: Double) {
    self.weights = weights
    self.intercept = intercept
  }

  /// A fit to each of several targets, which share what depends on the features alone.
  package static func fits(features: Tensor, targets: [[Double]], ridge: Double = 1e-9) -> [LeastSquares] {
    let rows = features.shape[0]
    let width = features.shape[1]
    let center = features.mean(axis: 0)
    let centered = features - center
    let transposed = centered.transposed()
    // With more features than rows the same answer follows from the products of rows, w = Xᵀ(XXᵀ + λn)⁻¹t.
    let isWide = width > rows
    let gram = isWide ? centered.matmul(transposed) : transposed.matmul(centered)
    evaluate(center, centered, gram)

    let size = isWide ? rows : width
    var matrix = gram.array(of: Double.self)
    for index in 0..<size { matrix[index * size + index] += ridge * Double(rows) }
    let factor = Cholesky(matrix, size: size), means = center.array(of: Double.self)
    func product(_ column: [Double]) -> [Double] {
      transposed.matmul(Tensor(column, shape: [rows, 1], dtype: .float64)).array(of: Double.self)
    }
    return targets.map { targets in
      let mean = targets.reduce(0, +) / Double(rows)
      let residuals = targets.map { $0 - mean }
      let weights = isWide ? product(factor.solution(of: residuals)) : factor.solution(of: product(residuals))
      return LeastSquares(weights: weights, intercept: mean - zip(means, weights).reduce(0) { $0 + $1.0 * $1.1 })
    }
  }

  package func predictions(for features: Tensor) -> [Double] {
    let column = Tensor(weights, shape: [weights.count, 1], dtype: .float64)
    return features.matmul(column).array(of: Double.self).map { $0 + intercept }
  }
}
