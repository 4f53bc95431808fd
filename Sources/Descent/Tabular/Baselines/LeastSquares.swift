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
    let gram = transposed.matmul(centered)
    let moments = transposed.matmul(residuals)
    evaluate(center, gram, moments)

    var matrix = gram.array(of: Double.self)
    for index in 0..<width { matrix[index * width + index] += ridge * Double(rows) }
    weights = solved(matrix, moments.array(of: Double.self))
    intercept = targetMean - zip(center.array(of: Double.self), weights).reduce(0) { $0 + $1.0 * $1.1 }
  }

  package func predictions(for features: Tensor) -> [Double] {
    let column = Tensor(weights, shape: [weights.count, 1], dtype: .float64)
    return features.matmul(column).array(of: Double.self).map { $0 + intercept }
  }
}

/// The solution x of A·x = b for a symmetric positive definite A, row-major, by Cholesky's decomposition A = L·Lᵀ.
private func solved(_ matrix: [Double], _ right: [Double]) -> [Double] {
  let size = right.count
  var lower = matrix
  for row in 0..<size {
    for column in 0...row {
      var sum = lower[row * size + column]
      for inner in 0..<column { sum -= lower[row * size + inner] * lower[column * size + inner] }
      lower[row * size + column] = row == column ? sum.squareRoot() : sum / lower[column * size + column]
    }
  }
  var solution = right
  for row in 0..<size {
    for column in 0..<row { solution[row] -= lower[row * size + column] * solution[column] }
    solution[row] /= lower[row * size + row]
  }
  for row in (0..<size).reversed() {
    for column in (row + 1)..<size { solution[row] -= lower[column * size + row] * solution[column] }
    solution[row] /= lower[row * size + row]
  }
  return solution
}
