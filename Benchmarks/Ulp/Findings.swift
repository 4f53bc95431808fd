import Foundation

/// What was found about a function at one level of instructions.
struct Findings: Sendable {
  /// The largest error in units in the last place of the exact value, of results that are normal numbers.
  private(set) var worst = 0.0
  private(set) var worstBits: UInt32 = 0
  /// Results that are not the special value they should be: NaN, an infinity, a zero of the right sign.
  private(set) var wrong = 0
  private(set) var firstWrong: UInt32?
  /// Results too small for a normal number: set to zero, as they should be, or not.
  private(set) var flushed = 0
  private(set) var subnormal = 0

  /// Compares the results for arguments of consecutive bit patterns.
  mutating func add(_ results: UnsafePointer<Float>, _ exact: [Double], from first: UInt32) {
    let leastExponent = UInt64(1023 - 126) << 52
    exact.withUnsafeBufferPointer { exact in
      for index in exact.indices {
        let (value, truth) = (Double(results[index]), exact[index])
        let exponent = max(truth.bitPattern & 0x7ff0_0000_0000_0000, leastExponent)
        let units = abs(value - truth) * Double(bitPattern: (2069 << 52) &- exponent)
        if units <= worst && truth != 0 { continue }
        judge(results[index], truth, first &+ UInt32(index))
      }
    }
  }

  private mutating func judge(_ result: Float, _ truth: Double, _ bits: UInt32) {
    if truth.isNaN || result.isNaN || truth == 0 || truth.isInfinite {
      let isRight = truth.isNaN ? result.isNaN : Double(result) == truth && result.sign == truth.sign
      if !isRight { misses(bits) }
    } else if abs(truth) < 0x1p-126 && abs(result) < 0x1p-126 {
      if result != 0 { subnormal += 1 } else { flushed += 1 }
      if result.sign != truth.sign { misses(bits) }
    } else {
      // Beyond the largest number an infinity stands for the next power of two.
      let value = result.isInfinite ? (result < 0 ? -0x1p128 : 0x1p128) : Double(result)
      let bounded = max(-0x1p128, min(0x1p128, truth))
      let exponent = min(max(Int(bounded.exponent), -126), 127)
      let units = abs(value - bounded) * scalbn(1, 23 - exponent)
      if units > worst { (worst, worstBits) = (units, bits) }
    }
  }

  private mutating func misses(_ bits: UInt32) {
    wrong += 1
    if firstWrong == nil { firstWrong = bits }
  }

  mutating func add(_ other: Findings) {
    if other.worst > worst { (worst, worstBits) = (other.worst, other.worstBits) }
    wrong += other.wrong
    firstWrong = firstWrong ?? other.firstWrong
    flushed += other.flushed
    subnormal += other.subnormal
  }
}
