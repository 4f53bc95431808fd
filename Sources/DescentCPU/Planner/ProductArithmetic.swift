import DescentCore
import DescentKernels

/// How the float32 products of a plan are to be computed, for testing all ways.
package enum ProductArithmetic: Sendable {
  /// Other than as a chain where that gains: in convolutions, and in the matrix products of training steps. Matrix products
  /// of inference are chains, or where operands are rounded what the extent that is summed over decides, as a row alone
  /// must have the bits it has in any batch.
  case planned
  /// In pieces, or with operands that the kernel itself rounds, wherever the processor can.
  case pieces
}

/// Which arithmetic each product of a plan uses.
struct ProductRule {
  let instructions: InstructionSet
  let products: ProductArithmetic
  let precision: Precision
  let isTraining: Bool

  /// Whether operands of this type are rounded: by the kernel, or before it where that computes chains.
  func rounds(_ dtype: DType) -> Bool {
    #if hasFeature(Embedded)
      return false
    #else
      return precision == .bfloat16 && dtype == .float32
    #endif
  }

  /// The arithmetic of a product, as the kernel counts it.
  func code(_ dtype: DType, batch: Int, m: Int, n: Int, k: Int) -> dk_arithmetic {
    guard dtype == .float32, batch * m * n * k > 0 else { return DK_CHAIN }
    if rounds(dtype) { return bfloat16(m: m, n: n, k: k) }
    guard instructions == .tiles else { return DK_CHAIN }
    switch products {
    case .pieces: return DK_PIECES
    case .planned: return isTraining && piecesAreFaster(m: m, n: n, k: k) ? DK_PIECES : DK_CHAIN
    }
  }

  #if !hasFeature(Embedded)
    /// The arithmetic of a convolution, as the kernel counts it. In inference it is chosen for an image alone, so that
    /// it gives the bits it gives in a batch.
    func code(_ convolution: dk_convolution_arguments) -> dk_arithmetic {
      var a = convolution
      if !isTraining && a.overPixels == 0 { a.batch = min(a.batch, 1) }
      let results = a.groups * a.batch * a.outputs * a.output.0 * a.output.1 * a.output.2
      let terms = a.inputs * a.window.0 * a.window.1 * a.window.2
      guard instructions == .tiles, a.dtype == DK_FLOAT32.rawValue, results * terms > 0,
        dk_convolution_is_dense(&a) != 0
      else { return DK_CHAIN }
      let code = precision == .bfloat16 ? DK_BFLOAT16_TILES : DK_PIECES
      switch products {
      case .pieces: return code
      case .planned:
        a.arithmetic = Int32(code.rawValue)
        let nanosecondsOfChains = 2 * Double(results) * Double(terms) / 150
        return dk_convolution_pieces_nanoseconds(&a) < 0.85 * nanosecondsOfChains ? code : DK_CHAIN
      }
    }
  #endif

  /// Pieces multiply twice as fast, but both operands must be cut into them, and the tiles are 16 wide. Results of short
  /// sums cost more to write than to compute.
  private func piecesAreFaster(m: Int, n: Int, k: Int) -> Bool {
    guard k >= 64 else { return false }
    let multiplying = 2 * whole(m, 16) * whole(n, 16) * whole(k, 32)
    let nanoseconds = Double(multiplying) / 430 + 0.22 * Double(m * k + k * n) + 0.1 * Double(m * n)
    return 2 * Double(m) * Double(n) * Double(k) / nanoseconds > 225
  }

  private func bfloat16(m: Int, n: Int, k: Int) -> dk_arithmetic {
    let code: dk_arithmetic
    let rate: Double  // billions of operations a second
    switch instructions {
    case .tiles: (code, rate) = (DK_BFLOAT16_TILES, 850)
    case .avx512BFloat16: (code, rate) = (DK_BFLOAT16_PAIRS, 330)
    case .baseline, .avx2, .avx512: return DK_CHAIN
    }
    switch products {
    case .pieces: return code
    case .planned:
      return (isTraining ? isFasterThanChains(m: m, n: n, k: k, rate: rate) : k >= 64) ? code : DK_CHAIN
    }
  }

  /// Kernels of bfloat16 round and lay out both operands for every product, in whole steps of 32 of K. Chains need them
  /// rounded by a pass of its own.
  private func isFasterThanChains(m: Int, n: Int, k: Int, rate: Double) -> Bool {
    let depth = whole(k, 32)
    let multiplying = 2 * Double(whole(m, 16) * whole(n, 16) * depth) / rate
    let nanoseconds = multiplying + 0.1 * Double((m + n) * depth) + 0.1 * Double(m * n) + 300
    return nanoseconds < 2 * Double(m) * Double(n) * Double(k) / 170 + 0.1 * Double((m + n) * k)
  }

  private func whole(_ extent: Int, _ tile: Int) -> Int { (extent + tile - 1) / tile * tile }
}
