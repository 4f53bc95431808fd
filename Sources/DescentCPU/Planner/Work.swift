import DescentCore
import DescentKernels

/// What one kernel call does: told to the profile, and used to tell work worth sharing from work that is not.
struct Work {
  /// About how long it takes one thread.
  var nanoseconds: Double
  /// Floating-point operations, where they are what counts.
  var operations = 0.0
  /// Bytes read and written, each once.
  var bytes = 0

  /// What a core keeps in a cache of its own from one step to the next, among much else.
  private static let cachedBytes = 1 << 18

  /// Too small ever to be shared, or not shareable.
  static let small = Work(nanoseconds: 0)

  /// - Parameters:
  ///   - bytes: What a pass reads and writes.
  ///   - fresh: What it reads that this run computed.
  static func elementwise(_ group: ElementwiseGroup, _ program: Program, bytes: Int, fresh: Int) -> Work {
    var each = 0.08
    for position in group.instructions {
      switch program.instructions[position].primitive {
      case .binary(.power): each += 3
      case .binary(.divide), .unary(.sqrt), .unary(.rsqrt): each += 0.12
      case .unary(let function) where !function.acceptsIntegers: each += 0.5
      default: each += 0.025
      }
    }
    let width = group.compute == .float32 ? 1.0 : 2.0
    let computing = each * width * Double(group.shape.elementCount)
    // What moves counts as in a stream: half of it is often in the cache of another core that shared what came before.
    // Of a small pass only what this run computed counts: state from step to step is best left in one core's cache.
    let moved = bytes > Work.cachedBytes ? bytes : fresh
    return Work(nanoseconds: Swift.max(computing, Double(moved) * 0.06), bytes: bytes)
  }

  #if !hasFeature(Embedded)
    static func convolution(_ arguments: dk_convolution_arguments, _ dtype: DType) -> Work {
      let a = arguments
      let results = Double(a.groups * a.batch * a.outputs * a.output.0 * a.output.1 * a.output.2)
      let operations = 2 * results * Double(a.inputs * a.window.0 * a.window.1 * a.window.2)
      let float32 = a.arithmetic == DK_BFLOAT16_TILES.rawValue ? 200.0 : 60.0
      let eachNanosecond = dtype == .float32 ? float32 : dtype == .float64 ? 30.0 : 1.0
      let elements =
        a.groups * a.inputs
        * (a.batch * a.input.0 * a.input.1 * a.input.2 + a.outputs * a.window.0 * a.window.1 * a.window.2)
      return Work(
        nanoseconds: operations / eachNanosecond, operations: operations,
        bytes: (Int(elements) + Int(results)) * dtype.byteSize)
    }
  #endif

  #if !hasFeature(Embedded)
    static func attention(_ arguments: dk_attention_arguments, products: Int) -> Work {
      let a = arguments
      let (queries, keys) = (Double(a.queries), Double(a.keys))
      let blind = a.isCausal != 0 ? Swift.min(queries, keys) * (Swift.min(queries, keys) - 1) / 2 : 0
      let weights = Double(a.outer * a.inner) * (queries * keys - blind)
      let operations = weights * Double(products * Int(a.width + a.values))
      let rows = Int(a.outer * a.inner) * (Int(a.queries) + Int(a.keys)) * Int(a.width + a.values)
      return Work(nanoseconds: operations / 100 + weights, operations: operations, bytes: rows * 4)
    }
  #endif

  static func product(batch: Int, m: Int, n: Int, k: Int, _ dtype: DType, _ arithmetic: dk_arithmetic) -> Work {
    let float32 = arithmetic == DK_BFLOAT16_TILES ? 400.0 : 100.0
    let eachNanosecond = dtype == .float32 ? float32 : dtype == .float64 ? 50.0 : 4.0
    let operations = 2 * Double(batch) * Double(m) * Double(n) * Double(k)
    return Work(
      nanoseconds: operations / eachNanosecond, operations: operations,
      bytes: batch * (m * k + k * n + m * n) * dtype.byteSize)
  }

  /// Elements read or written one after the other.
  static func stream(_ count: Int, _ dtype: DType) -> Work {
    Work(nanoseconds: Double(count * dtype.byteSize) * 0.06, bytes: count * dtype.byteSize)
  }

  /// Elements that each take a step of their own.
  static func scattered(_ count: Int, _ dtype: DType) -> Work {
    Work(nanoseconds: Double(count), bytes: count * dtype.byteSize)
  }

  static func sort(_ count: Int, lines: Int, _ dtype: DType) -> Work {
    let digits = Double(Int.bitWidth - Swift.max(count, 2).leadingZeroBitCount)
    return Work(nanoseconds: 2 * digits * Double(count) * Double(lines), bytes: count * lines * dtype.byteSize)
  }
}
