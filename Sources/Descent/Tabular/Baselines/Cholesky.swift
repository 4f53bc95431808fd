import DescentCPU
import DescentCore

/// A symmetric positive definite matrix A = L·Lᵀ, in double precision.
package struct Cholesky {
  private let size: Int
  /// L, row-major; what lies above its diagonal is of no meaning.
  private var lower: [Double]

  /// Columns decomposed one by one before the rest of the matrix is brought up to date by one product.
  private static let block = 96

  package init(_ matrix: [Double], size: Int) {
    self.size = size
    lower = matrix
    for start in stride(from: 0, to: size, by: Cholesky.block) {
      let end = min(start + Cholesky.block, size)
      decomposeColumns(start, end)
      subtractProducts(of: start, end)
    }
  }

  /// Columns start ..< end of L, from a matrix from which the columns before have been subtracted.
  private mutating func decomposeColumns(_ start: Int, _ end: Int) {
    lower.withUnsafeMutableBufferPointer { lower in
      for row in start..<size {
        for column in start...min(row, end - 1) {
          var sum = lower[row * size + column]
          for inner in start..<column { sum -= lower[row * size + inner] * lower[column * size + inner] }
          lower[row * size + column] = row == column ? sum.squareRoot() : sum / lower[column * size + column]
        }
      }
    }
  }

  /// Subtracts what columns start ..< end contribute to the matrix right of them.
  private mutating func subtractProducts(of start: Int, _ end: Int) {
    guard end < size else { return }
    var part: [Double] = []
    part.reserveCapacity((size - end) * (end - start))
    for row in end..<size { part += lower[(row * size + start)..<(row * size + end)] }
    let columns = Tensor(part, shape: [size - end, end - start], dtype: .float64)
    let products = columns.matmul(columns.transposed()).array(of: Double.self)
    lower.withUnsafeMutableBufferPointer { lower in
      for row in end..<size {
        for column in end...row { lower[row * size + column] -= products[(row - end) * (size - end) + column - end] }
      }
    }
  }

  /// The x for which A·x = `right`.
  package func solution(of right: [Double]) -> [Double] {
    var solution = right
    for row in 0..<size {
      for column in 0..<row { solution[row] -= lower[row * size + column] * solution[column] }
      solution[row] /= lower[row * size + row]
    }
    for row in (0..<size).reversed() {
      solution[row] /= lower[row * size + row]
      for column in 0..<row { solution[column] -= lower[row * size + column] * solution[row] }
    }
    return solution
  }
}
