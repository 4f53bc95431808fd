import DescentKernels
import Testing

/// Products on matrix tiles, where the processor has them.
@Suite("Matrix products in pieces", .enabled(if: dk_has_tiles() != 0))
struct MatmulPiecesTests {
  private let bfloat16 = [DK_BFLOAT16_TILES, DK_BFLOAT16_PAIRS]

  private func multiply(_ product: Product<Float>, _ arithmetic: dk_arithmetic = DK_PIECES) -> [Float] {
    var product = product
    product.arguments.arithmetic = Int32(arithmetic.rawValue)
    return DescentKernelsTests.multiply(product, DK_LEVEL_AVX512)
  }

  /// The exact products and the sums of their sizes.
  private func exact(_ product: Product<Float>, _ operand: (Float) -> Float = { $0 }) -> [(sum: Double, size: Double)] {
    let s = product.arguments
    var result: [(sum: Double, size: Double)] = []
    for batch in 0..<product.outer * product.inner {
      let (o, h) = batch.quotientAndRemainder(dividingBy: product.inner)
      for i in 0..<product.m {
        for j in 0..<product.n {
          var (sum, size) = (0.0, 0.0)
          for p in 0..<product.k {
            let x = product.a[o * Int(s.aOuter) + h * Int(s.aInner) + i * Int(s.aRow) + p * Int(s.aColumn)]
            let y = product.b[o * Int(s.bOuter) + h * Int(s.bInner) + p * Int(s.bRow) + j * Int(s.bColumn)]
            let term = Double(operand(x)) * Double(operand(y))
            sum += term
            size += abs(term)
          }
          result.append((sum, size))
        }
      }
    }
    return result
  }

  /// To eight significant bits, ties to even.
  private func rounded(_ x: Float) -> Float {
    let bits = x.bitPattern
    return Float(bitPattern: (bits &+ 0x7fff &+ (bits >> 16 & 1)) & 0xffff_0000)
  }

  @Test("the error is below that of a chain, whatever shape and layout", arguments: 0..<200)
  func accuracy(seed: Int) {
    var random = Seeded(seed)
    let sizes = [1, 2, 15, 16, 17, 31, 32, 33, 48, 64, 65, 100]
    func size() -> Int { sizes.randomElement(using: &random) ?? 1 }
    let m = size(), n = size(), k = seed % 11 == 0 ? 1100 : size()
    let (outer, inner) = [(1, 1), (1, 1), (2, 2)].randomElement(using: &random) ?? (1, 1)
    var values = Seeded(seed + 1000)
    let product = product(
      DK_FLOAT32, outer: outer, inner: inner, m: m, n: n, k: k, aTransposed: seed % 2 == 1,
      bTransposed: seed / 2 % 2 == 1, sharedB: seed % 5 == 0, gap: seed % 3, interleaved: seed % 7 < 3
    ) { Float.random(in: -1...1, using: &values) * (seed % 3 == 0 ? 1e15 : 1) }
    for (actual, exact) in zip(multiply(product), exact(product)) {
      #expect(abs(Double(actual) - exact.sum) <= exact.size * 0x1p-22, "\(m)×\(n)×\(k)")
    }
    for arithmetic in bfloat16 {
      for (actual, exact) in zip(multiply(product, arithmetic), exact(product, rounded)) {
        #expect(abs(Double(actual) - exact.sum) <= exact.size * 0x1p-24 * Double(k + 1), "\(m)×\(n)×\(k)")
      }
    }
  }

  @Test("an extent of 1 may have any stride", arguments: [(20, 40, 1), (1, 40, 50), (40, 1, 50), (1, 1, 1)])
  func lonelyExtents(m: Int, n: Int, k: Int) {
    var values = Seeded(m)
    var product = product(DK_FLOAT32, m: m, n: n, k: k) { Float.random(in: -1...1, using: &values) }
    if k == 1 || m == 1 {
      product.a = (0..<5 * m + 2 * k).map { _ in .random(in: -1...1, using: &values) }
      (product.arguments.aRow, product.arguments.aColumn) = (5, 2)
    }
    if k == 1 || n == 1 {
      product.b = (0..<3 * k + 4 * n).map { _ in .random(in: -1...1, using: &values) }
      (product.arguments.bRow, product.arguments.bColumn) = (3, 4)
    }
    for (actual, exact) in zip(multiply(product), exact(product)) {
      #expect(abs(Double(actual) - exact.sum) <= exact.size * 0x1p-22)
    }
  }

  @Test("large products, of which no side stays packed, agree on a sample")
  func large() {
    for (m, n, k, aTransposed, bTransposed) in [
      (70, 1100, 1100, false, false), (700, 640, 900, true, false), (600, 690, 700, false, true),
    ] {
      var values = Seeded(m + n + k)
      let whole = product(
        DK_FLOAT32, m: m, n: n, k: k, aTransposed: aTransposed, bTransposed: bTransposed
      ) { Float.random(in: -1...1, using: &values) }
      let s = whole.arguments
      let c = multiply(whole)
      for _ in 0..<300 {
        let i = Int.random(in: 0..<m, using: &values), j = Int.random(in: 0..<n, using: &values)
        var (sum, size) = (0.0, 0.0)
        for p in 0..<k {
          let x = whole.a[i * Int(s.aRow) + p * Int(s.aColumn)], y = whole.b[p * Int(s.bRow) + j * Int(s.bColumn)]
          let term = Double(x) * Double(y)
          sum += term
          size += abs(term)
        }
        #expect(abs(Double(c[i * n + j]) - sum) <= size * 0x1p-22)
      }
    }
  }

  @Test("bias, residual and activation have the bits of passes of their own", arguments: 0..<40)
  func finishing(seed: Int) {
    var values = Seeded(seed)
    let m = [1, 20, 33, 70][seed % 4], n = [5, 16, 40, 65][seed / 4 % 4], k = seed % 5 == 0 ? 900 : 40
    var product = product(DK_FLOAT32, m: m, n: n, k: k, gap: seed % 2) { Float.random(in: -1...1, using: &values) }
    let chains = multiply(product)
    if seed % 3 != 0 { product.bias = (0..<n).map { _ in .random(in: -1...1, using: &values) } }
    if seed % 4 > 1 { product.residual = (0..<m * n).map { _ in .random(in: -1...1, using: &values) } }
    product.arguments.residualRow = Int64(n)
    product.arguments.activation = Int32((seed % 5 > 1 ? DK_RELU : DK_IDENTITY).rawValue)
    #expect(multiply(product) == finish(chains, product))
  }

  @Test("an element's bits depend on its row and its column alone")
  func rows() {
    var values = Seeded(5)
    let (m, n, k) = (75, 90, 1300)
    let whole = product(DK_FLOAT32, m: m, n: n, k: k) { Float.random(in: -1...1, using: &values) }
    let all = (bfloat16 + [DK_PIECES]).map { ($0, multiply(whole, $0)) }
    for row in [0, 13, 40, m - 1] {
      var alone = whole
      alone.a = Array(whole.a[row * k..<(row + 1) * k])
      alone.m = 1
      alone.arguments.m = 1
      alone.arguments.cOuter = Int64(n)
      for (arithmetic, all) in all {
        #expect(multiply(alone, arithmetic) == Array(all[row * n..<(row + 1) * n]), "\(arithmetic)")
      }
    }
  }

  @Test("infinities, NaN and numbers that overflow a piece give what a chain gives")
  func unusualNumbers() {
    let unusual: [Float] = [
      .infinity, -.infinity, .nan, .greatestFiniteMagnitude, -3.4e38, 1e38, 3.39e38, 0, 1, -1, 0.5, 1e-30,
    ]
    var values = Seeded(9)
    for trial in 0..<60 {
      let (m, n, k) = (20, 35, [3, 40, 530][trial % 3])
      let product = product(
        DK_FLOAT32, m: m, n: n, k: k, aTransposed: trial % 2 == 1, bTransposed: trial % 4 > 1
      ) {
        Int.random(in: 0..<40, using: &values) == 0
          ? unusual.randomElement(using: &values) ?? 0 : Float.random(in: -1...1, using: &values)
      }
      let chains = DescentKernelsTests.multiply(product, DK_LEVEL_AVX512)
      for (actual, (chain, exact)) in zip(multiply(product), zip(chains, exact(product))) {
        if !exact.sum.isFinite {
          #expect(actual == chain || actual.isNaN && chain.isNaN, "\(actual), not \(chain)")
        } else if exact.size < Double(Float.greatestFiniteMagnitude) {
          #expect(abs(Double(actual) - exact.sum) <= exact.size * 0x1p-22, "\(actual), not \(exact.sum)")
        }
      }
    }
  }

  @Test("products of bfloat16 keep infinities and NaN where they belong")
  func unusualOperands() {
    var values = Seeded(4)
    let (m, n, k) = (20, 35, 70)
    var product = product(DK_FLOAT32, m: m, n: n, k: k) { Float.random(in: 0.5...1, using: &values) }
    product.a[3 * k + 5] = .infinity
    product.a[7 * k + 66] = .nan
    product.b[9 * n + 30] = -.infinity
    product.a[11 * k + 9] = 0
    product.b[40 * n + 2] = .greatestFiniteMagnitude
    for arithmetic in bfloat16 {
      for (index, x) in multiply(product, arithmetic).enumerated() {
        let (i, j) = index.quotientAndRemainder(dividingBy: n)
        if i == 7 || j == 30 && (i == 3 || i == 11) {
          #expect(x.isNaN, "row \(i), column \(j)")
        } else if i == 3 || j == 2 || j == 30 {
          #expect(x == (j == 30 ? -.infinity : .infinity), "row \(i), column \(j)")
        } else {
          #expect(x.isFinite, "row \(i), column \(j)")
        }
      }
    }
  }
}
