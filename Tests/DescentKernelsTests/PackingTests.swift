import DescentKernels
import Testing

/// Products with a B that was laid out beforehand.
@Suite("Packed operands")
struct PackingTests {
  @Test("the bits are those of the product that reads B itself", arguments: 0..<120)
  func products(seed: Int) {
    var random = Seeded(seed)
    let m = [1, 2].randomElement(using: &random) ?? 1
    let n = [64, 65, 95, 96, 100, 128, 200].randomElement(using: &random) ?? 64
    let k = [65, 80, 300, 1100].randomElement(using: &random) ?? 65
    let arithmetics = dk_has_tiles() != 0 ? [DK_CHAIN, DK_PIECES, DK_BFLOAT16_TILES, DK_BFLOAT16_PAIRS] : [DK_CHAIN]
    var whole = product(
      DK_FLOAT32, m: m, n: n, k: k, bTransposed: seed % 2 == 1, gap: seed % 3
    ) { Float.random(in: -1...1, using: &random) * (seed % 5 == 0 ? 1e-37 : 1) }
    if seed % 4 < 2 { whole.bias = (0..<n).map { Float($0) / 64 - 1 } }
    if seed % 3 == 0 { whole.residual = (0..<m * (n + 2)).map { Float($0 % 11) } }
    whole.arguments.residualRow = Int64(n + 2)
    whole.arguments.activation = Int32((seed % 2 == 0 ? DK_RELU : DK_IDENTITY).rawValue)
    for arithmetic in arithmetics {
      whole.arguments.arithmetic = Int32(arithmetic.rawValue)
      for level in arithmetic == DK_CHAIN ? levels : [DK_LEVEL_AVX512] {
        var packed = whole
        let copy = pack(packed)
        packed.arguments.packed = UnsafeRawPointer(copy.pointer)
        let expected = multiply(whole, level).map(\.bitPattern)
        // In as many parts as calls of kernels are cut into in turn.
        for _ in 0..<3 { #expect(multiply(packed, level).map(\.bitPattern) == expected, "\(m)×\(n)×\(k)") }
        #expect(copy.isIntact)
      }
    }
  }

  @Test("of a few rows, up to as many as columns", .enabled(if: dk_has_tiles() != 0), arguments: 3...32)
  func fewRows(m: Int) {
    var random = Seeded(m)
    for (n, k) in [(m, 40), (m, 1100), (m + 1, 70), (64, 33), (100, 530)] {
      for arithmetic in [DK_PIECES, DK_BFLOAT16_TILES, DK_BFLOAT16_PAIRS] {
        var whole = product(
          DK_FLOAT32, m: m, n: n, k: k, aTransposed: k % 3 == 0, bTransposed: (m + n) % 2 == 1, gap: m % 3
        ) { Float.random(in: -1...1, using: &random) }
        if m % 4 < 2 { whole.bias = (0..<n).map { Float($0) / 64 - 1 } }
        whole.arguments.activation = Int32((m % 3 == 0 ? DK_RELU : DK_IDENTITY).rawValue)
        whole.arguments.arithmetic = Int32(arithmetic.rawValue)
        let expected = multiply(whole, DK_LEVEL_AVX512).map(\.bitPattern)
        let copy = pack(whole)
        whole.arguments.packed = UnsafeRawPointer(copy.pointer)
        for _ in 0..<3 {
          #expect(multiply(whole, DK_LEVEL_AVX512).map(\.bitPattern) == expected, "\(m)×\(n)×\(k), \(arithmetic)")
        }
        #expect(copy.isIntact)
      }
    }
  }

  @Test("what gains nothing is not copied")
  func isNotWorthIt() {
    for (m, n, k) in [(3, 128, 128), (1, 63, 1000), (1, 64, 64)] {
      var arguments = product(DK_FLOAT32, m: m, n: n, k: k) { Float(0) }.arguments
      #expect(dk_packed_bytes(DK_MATMUL, &arguments) == 0)
    }
    var batches = product(DK_FLOAT32, outer: 2, m: 1, n: 128, k: 128) { Float(0) }.arguments
    #expect(dk_packed_bytes(DK_MATMUL, &batches) == 0)
  }

  private func pack(_ product: Product<Float>) -> Memory {
    var arguments = product.arguments
    let b = Memory(product.b)
    arguments.b = UnsafeRawPointer(b.pointer)
    let byteCount = Int(dk_packed_bytes(DK_MATMUL, &arguments))
    #expect(byteCount > 0)
    let copy = Memory(bytes: byteCount)
    let scratch = Memory(bytes: Int(dk_scratch_bytes(DK_MATMUL, &arguments)))
    dk_pack(DK_MATMUL, &arguments, copy.pointer, scratch.pointer)
    withExtendedLifetime(b) {}
    return copy
  }
}
