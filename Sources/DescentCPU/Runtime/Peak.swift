#if !hasFeature(Embedded)
  import DescentCore
  import DescentKernels

  /// What this machine reaches where nothing is in the way, with as many threads as the engine uses.
  struct Peak {
    /// A product that stays in the caches.
    let gigaflops: Double
    /// A copy of an array larger than the caches, bytes read and written.
    let gigabytes: Double

    static func measured() -> Peak {
      let side = 448
      let factors = (0..<3).map { _ in Memory(.float32, count: side * side * Engine.threadCount) }
      var product = dk_matmul_arguments()
      product.dtype = Int32(DK_FLOAT32.rawValue)
      (product.batchOuter, product.batchInner) = (1, 1)
      (product.m, product.n, product.k) = (Int64(side * Engine.threadCount), Int64(side), Int64(side))
      (product.aRow, product.aColumn, product.bRow, product.bColumn) = (Int64(side), 1, Int64(side), 1)
      product.cRow = Int64(side)
      (product.a, product.b, product.c) = (
        UnsafeRawPointer(factors[0].bytes), UnsafeRawPointer(factors[1].bytes), factors[2].bytes
      )
      let operations = 2 * Double(product.m) * Double(side * side)
      let multiplying = fastest(DK_MATMUL, &product)

      let count = 1 << 25
      let arrays = (0..<2).map { _ in Memory(.float32, count: count) }
      var copy = dk_copy_arguments()
      (copy.elementSize, copy.rank) = (4, 1)
      (copy.extent.0, copy.sourceStride.0, copy.destinationStride.0) = (Int64(count), 1, 1)
      (copy.source, copy.destination) = (UnsafeRawPointer(arrays[0].bytes), arrays[1].bytes)
      let copying = fastest(DK_COPY, &copy)
      return withExtendedLifetime((factors, arrays)) {
        Peak(gigaflops: operations / multiplying, gigabytes: 8 * Double(count) / copying)
      }
    }

    private static func fastest<T>(_ kernel: dk_kernel_id, _ arguments: inout T) -> Double {
      withUnsafePointer(to: &arguments) { arguments in
        let command = dk_command(
          function: dk_kernel(kernel, dk_best_level()), arguments: UnsafeRawPointer(arguments),
          nanoseconds: 1_000_000_000)
        let threads = Engine.threadCount
        let contexts = (0..<threads).map { _ in
          var context = dk_context()
          context.scratch = .allocate(byteCount: Int(dk_scratch_bytes(kernel, arguments)) + 64, alignment: 64)
          return context
        }
        defer { for context in contexts { context.scratch.deallocate() } }
        var own = contexts
        var best = Int64.max
        for _ in 0..<8 {
          var spent: Int64 = 0
          _ = dk_run([command], 1, &own, Int32(threads), &spent)
          best = Swift.min(best, spent)
        }
        return Double(Swift.max(best, 1))
      }
    }
  }
#endif
