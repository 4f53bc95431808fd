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

  #if !hasFeature(Embedded)
    /// The arithmetic of a convolution, as the kernel counts it.
    func code(_ convolution: UnsafePointer<dk_convolution_arguments>, isTraining: Bool) -> dk_arithmetic {
      let a = convolution.pointee
      let results = a.groups * a.batch * a.outputs * a.output.0 * a.output.1 * a.output.2
      let terms = a.inputs * a.window.0 * a.window.1 * a.window.2
      guard a.dtype == DK_FLOAT32.rawValue, results * terms > 0, dk_convolution_is_dense(convolution) != 0 else {
        return DK_CHAIN
      }
      switch self {
      case .pieces: return DK_PIECES
      case .planned:
        let nanosecondsOfChains = 2 * Double(results) * Double(terms) / 150
        let isFaster = isTraining && dk_convolution_pieces_nanoseconds(convolution) < 0.85 * nanosecondsOfChains
        return isFaster ? DK_PIECES : DK_CHAIN
      }
    }
  #endif

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
