public import DescentCore
import DescentKernels

/// A family of vector instructions. On x86-64: SSE2, AVX2 with FMA, AVX-512, and on Linux AVX-512 with products of
/// bfloat16 and with matrix tiles (AMX) besides; elsewhere only the baseline exists.
package enum InstructionSet: UInt32, Sendable, CaseIterable {
  case baseline, avx2, avx512, avx512BFloat16, tiles

  /// The best this processor can run.
  package static var best: InstructionSet {
    if dk_has_tiles() != 0 { return .tiles }
    return dk_pairs_are_fast() != 0 ? .avx512BFloat16 : InstructionSet(rawValue: UInt32(dk_best_level().rawValue))!
  }

  var level: dk_level { dk_level(rawValue: Swift.min(rawValue, DK_LEVEL_AVX512.rawValue)) }

  /// All that this processor can run.
  package static var available: [InstructionSet] { allCases.filter { $0.rawValue <= best.rawValue } }
}

extension Engine {
  /// Compiled plans of fused kernels on the processor.
  public static let cpu = Engine.cpu(.best)

  /// How many threads the CPU engine uses, the caller's included.
  ///
  /// At first one for each processor this process may run on, or as many as the environment variable `DESCENT_THREADS`
  /// says, which is passed over, and that said on standard error, where it is no whole number above 0. No result depends on it.
  public static var threadCount: Int {
    get { Int(dk_threads()) }
    set {
      guard newValue >= 1 else { fatalError("Engine.threadCount: \(newValue) threads, where 1 is the least") }
      dk_set_threads(Int32(Swift.min(newValue, Int(DK_MAX_THREADS))))
    }
  }

  /// The CPU engine held to one family of instructions, for testing them all on one machine; and, where `threads` is
  /// given, to so many threads, which then share even the smallest work.
  package static func cpu(
    _ instructions: InstructionSet, threads: Int? = nil, products: ProductArithmetic = .planned
  ) -> Engine {
    let cache = PlanCache()
    return Engine(name: "cpu") { program, precision in
      let plan = cache.plan(for: program, precision: precision) {
        let rule = ProductRule(
          instructions: instructions, products: products, precision: precision,
          isTraining: program.updates.contains { $0 != nil })
        #if hasFeature(Embedded)
          return Plan(compiling: program, for: instructions, threads: threads, products: rule)
        #else
          return Plan(compiling: program.fusing(for: rule), for: instructions, threads: threads, products: rule)
        #endif
      }
      return Executable(program) { (inputs, outputs) throws(EvaluationError) in try plan.run(inputs, outputs) }
    }
  }
}

extension Plan {
  fileprivate convenience init(
    compiling program: Program, for instructions: InstructionSet, threads: Int?, products: ProductRule
  ) {
    let schedule = Schedule(program, products: products)
    let storage = StoragePlan(schedule)
    let stagingBytes = storage.finalCopies.reduce(0) { bytes, final in
      let value = schedule.value(final.value)
      return bytes + ((value.shape.elementCount * value.dtype.byteSize + 63) & ~63)
    }
    self.init(
      program: program, storage: storage, stagingBytes: stagingBytes, level: instructions.level,
      threads: threads)
    Emitter(schedule: schedule, storage: storage, plan: self).emit()
  }
}

#if !hasFeature(Embedded)
  extension Program {
    /// The memory that intermediate results take on this machine while it runs, in bytes.
    package func intermediateBytes(precision: Precision = .float32) -> Int {
      let products = ProductRule(
        instructions: .best, products: .planned, precision: precision, isTraining: updates.contains { $0 != nil })
      return StoragePlan(Schedule(fusing(for: products), products: products)).arenaBytes
    }

    fileprivate func fusing(for products: ProductRule) -> Program {
      fusing { $1 == .float32 && !products.rounds($1) }
    }
  }
#endif
