import DescentCore
import DescentKernels

/// About how long kernels take one thread, in nanoseconds: enough to tell work worth sharing from work that is not.
enum Cost {
  static func elementwise(_ group: ElementwiseGroup, _ program: Program) -> Double {
    var each = 0.2
    for position in group.instructions {
      switch program.instructions[position].primitive {
      case .unary(.exp), .unary(.log), .unary(.sigmoid), .unary(.tanh), .unary(.erf), .unary(.log1p), .unary(.expm1),
        .unary(.sin), .unary(.cos):
        each += 0.5
      case .binary(.power): each += 3
      case .binary(.divide), .unary(.sqrt), .unary(.rsqrt): each += 0.15
      default: each += 0.04
      }
    }
    let width = group.compute == .float32 ? 1.0 : 2.0
    return each * width * Double(group.shape.elementCount)
  }

  static func product(batch: Int, m: Int, n: Int, k: Int, _ dtype: DType) -> Double {
    let eachNanosecond = dtype == .float32 ? 100.0 : dtype == .float64 ? 50.0 : 4.0
    return 2 * Double(batch) * Double(m) * Double(n) * Double(k) / eachNanosecond
  }

  /// Elements read or written one after the other.
  static func stream(_ count: Int, _ dtype: DType) -> Double { Double(count * dtype.byteSize) * 0.06 }

  /// Elements that each take a step of their own.
  static func scattered(_ count: Int) -> Double { Double(count) }

  static func sort(_ count: Int, lines: Int) -> Double {
    let digits = Double(Int.bitWidth - Swift.max(count, 2).leadingZeroBitCount)
    return 2 * digits * Double(count) * Double(lines)
  }
}
