import DescentCore
import DescentKernels

/// Which arithmetic the float32 products of a plan use.
package enum ProductArithmetic: Sendable {
  /// Pieces where they gain: in convolutions, and in the matrix products of training steps. Those of inference are one
  /// chain an element, as a row alone would gain nothing and must have the bits it has in any batch.
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
    /// The arithmetic of a convolution, as the kernel counts it. In inference it is chosen for an image alone, so that
    /// it gives the bits it gives in a batch.
    func code(_ convolution: dk_convolution_arguments, isTraining: Bool) -> dk_arithmetic {
      var a = convolution
      if !isTraining && a.overPixels == 0 { a.batch = min(a.batch, 1) }
      let results = a.groups * a.batch * a.outputs * a.output.0 * a.output.1 * a.output.2
      let terms = a.inputs * a.window.0 * a.window.1 * a.window.2
      guard a.dtype == DK_FLOAT32.rawValue, results * terms > 0, dk_convolution_is_dense(&a) != 0 else {
        return DK_CHAIN
      }
      switch self {
      case .pieces: return DK_PIECES
      case .planned:
        let nanosecondsOfChains = 2 * Double(results) * Double(terms) / 150
        return dk_convolution_pieces_nanoseconds(&a) < 0.85 * nanosecondsOfChains ? DK_PIECES : DK_CHAIN
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
