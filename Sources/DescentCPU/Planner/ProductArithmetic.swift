import DescentCore
import DescentKernels

/// Which arithmetic the float32 products of a plan use.
package enum ProductArithmetic: Sendable {
  /// Pieces where a training step gains by them. Elsewhere one chain an element, so that in inference a row alone is
  /// the same bits as that row in any batch.
  case planned
  /// Pieces for every product, for testing them.
  case pieces

  /// The arithmetic of a product, as the kernel counts it.
  func code(_ dtype: DType, batch: Int, m: Int, n: Int, k: Int, isTraining: Bool) -> dk_arithmetic {
    guard dtype == .float32, batch * m * n * k > 0 else { return DK_CHAIN }
    switch self {
    case .pieces: return DK_PIECES
    case .planned: return isTraining && piecesAreFaster(m: m, n: n, k: k) ? DK_PIECES : DK_CHAIN
    }
  }

  /// Pieces multiply twice as fast, but both operands must be cut into them, and the tiles are 16 wide. Results of short
  /// sums cost more to write than to compute.
  private func piecesAreFaster(m: Int, n: Int, k: Int) -> Bool {
    guard k >= 64 else { return false }
    func whole(_ extent: Int, _ tile: Int) -> Int { (extent + tile - 1) / tile * tile }
    let multiplying = 2 * whole(m, 16) * whole(n, 16) * whole(k, 32)
    let nanoseconds = Double(multiplying) / 430 + 0.22 * Double(m * k + k * n) + 0.1 * Double(m * n)
    return 2 * Double(m) * Double(n) * Double(k) / nanoseconds > 225
  }
}
