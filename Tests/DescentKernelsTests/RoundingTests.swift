import DescentKernels
import Testing

@Suite("Rounding to bfloat16")
struct RoundingTests {
  private func rounded(_ x: [Float], _ level: dk_level) -> [Float] {
    let input = Memory(x), output = Memory(bytes: 4 * x.count)
    let arguments = dk_round_arguments(
      count: Int64(x.count), input: UnsafePointer(input.pointer.assumingMemoryBound(to: Float.self)),
      output: output.pointer.assumingMemoryBound(to: Float.self))
    run(DK_TO_BFLOAT16, level, arguments, keeping: input, output)
    #expect(output.isIntact)
    return output.array(of: Float.self)
  }

  /// The nearest number with eight significant bits, by whole numbers: the even one of two that are as near.
  private func nearest(_ x: Float) -> Float {
    guard x.isFinite && x != 0 else { return x }
    let unit = Double(sign: .plus, exponent: max(Int(x.exponent), -126) - 7, significand: 1)
    return Float((Double(x) / unit).rounded(.toNearestOrEven) * unit)
  }

  @Test("to nearest, ties to even, at every level")
  func nearestNumbers() {
    var values: [Float] = [
      0, -0, 1, -1, 1 + 0x1p-8, 1 + 0x1p-7 + 0x1p-8, 1 + 0x1p-8 + 0x1p-23, -1 - 0x1p-8, 2 - 0x1p-23, .pi, 0x1p-133,
      0x1p-126, 0x1.fep127, 0x1.fefffep127, 3.39e38, 1e30, .leastNonzeroMagnitude,
    ]
    var random = Seeded(1)
    for _ in 0..<5000 {
      let x = Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &random))
      if x.isFinite && abs(x) < 0x1.ffp127 { values.append(x) }
    }
    for level in levels {
      for count in [1, 3, 15, 16, 17, values.count] {
        let part = Array(values.suffix(count))
        #expect(rounded(part, level).map(\.bitPattern) == part.map { nearest($0).bitPattern })
      }
      #expect(rounded(values, level).map(\.bitPattern) == values.map { nearest($0).bitPattern })
    }
  }

  @Test("infinities stay, NaN stays NaN, what is too large becomes infinite")
  func unusualNumbers() {
    let quietest = Float(bitPattern: 0x7f80_0001), loudest = Float(bitPattern: 0xffff_ffff)
    for level in levels {
      let results = rounded(
        [.infinity, -.infinity, .greatestFiniteMagnitude, -0x1.ffp127, .nan, quietest, loudest], level)
      #expect(results[..<4] == [.infinity, -.infinity, .infinity, -.infinity])
      #expect(results[4...].allSatisfy { $0.isNaN })
    }
  }
}
