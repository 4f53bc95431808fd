import DescentKernels
import Foundation
import Testing

/// A product in memory: each operand is stored as it is or transposed, with room between rows and batches.
struct Product<Element> {
  var outer: Int, inner: Int, m: Int, n: Int, k: Int
  var a: [Element], b: [Element]
  var bias: [Element]?, residual: [Element]?
  var arguments: dk_matmul_arguments

  /// Where the elements of C lie, in row-major order of [outer, inner, m, n].
  var targets: [Int] {
    let s = arguments
    return (0..<outer * inner * m * n).map { position in
      let (row, j) = position.quotientAndRemainder(dividingBy: n)
      let (batch, i) = row.quotientAndRemainder(dividingBy: m)
      let (o, h) = batch.quotientAndRemainder(dividingBy: inner)
      return o * Int(s.cOuter) + h * Int(s.cInner) + i * Int(s.cRow) + j
    }
  }
}

/// An operand in memory: batches one after the other, or those of the inner axis side by side in every row.
struct Operand {
  var row: Int, inner: Int, outer: Int
  init(rows: Int, columns: Int, inner: Int, interleaved: Bool) {
    row = interleaved ? inner * columns : columns
    self.inner = interleaved ? columns : rows * columns
    outer = inner * rows * columns
  }
}

func product<Element>(
  _ type: dk_dtype, outer: Int = 1, inner: Int = 1, m: Int, n: Int, k: Int, aTransposed: Bool = false,
  bTransposed: Bool = false, sharedB: Bool = false, gap: Int = 0, interleaved: Bool = false, _ next: () -> Element
) -> Product<Element> {
  let a = Operand(
    rows: aTransposed ? k : m, columns: (aTransposed ? m : k) + gap, inner: inner, interleaved: interleaved)
  let b = Operand(
    rows: bTransposed ? n : k, columns: (bTransposed ? k : n) + gap, inner: inner, interleaved: interleaved)
  let c = Operand(rows: m, columns: n + gap, inner: inner, interleaved: interleaved)
  var arguments = dk_matmul_arguments()
  arguments.dtype = code(type)
  (arguments.batchOuter, arguments.batchInner) = (Int64(outer), Int64(inner))
  (arguments.m, arguments.n, arguments.k) = (Int64(m), Int64(n), Int64(k))
  (arguments.aRow, arguments.aColumn) = aTransposed ? (1, Int64(a.row)) : (Int64(a.row), 1)
  (arguments.bRow, arguments.bColumn) = bTransposed ? (1, Int64(b.row)) : (Int64(b.row), 1)
  (arguments.aOuter, arguments.aInner) = (Int64(a.outer), Int64(a.inner))
  (arguments.bOuter, arguments.bInner) = (sharedB ? 0 : Int64(b.outer), Int64(b.inner))
  (arguments.cOuter, arguments.cInner, arguments.cRow) = (Int64(c.outer), Int64(c.inner), Int64(c.row))
  return Product(
    outer: outer, inner: inner, m: m, n: n, k: k, a: (0..<max(outer * a.outer, 1)).map { _ in next() },
    b: (0..<max((sharedB ? 1 : outer) * b.outer, 1)).map { _ in next() }, arguments: arguments)
}

/// Element by element, one chain in order of p.
private func naive<Element>(_ product: Product<Element>, zero: Element, _ step: (Element, Element, Element) -> Element)
  -> [Element]
{
  let s = product.arguments
  var result: [Element] = []
  for batch in 0..<product.outer * product.inner {
    let (o, h) = batch.quotientAndRemainder(dividingBy: product.inner)
    for i in 0..<product.m {
      for j in 0..<product.n {
        var sum = zero
        for p in 0..<product.k {
          let x = product.a[o * Int(s.aOuter) + h * Int(s.aInner) + i * Int(s.aRow) + p * Int(s.aColumn)]
          let y = product.b[o * Int(s.bOuter) + h * Int(s.bInner) + p * Int(s.bRow) + j * Int(s.bColumn)]
          sum = step(x, y, sum)
        }
        result.append(sum)
      }
    }
  }
  return result
}

func multiply<Element>(_ product: Product<Element>, _ level: dk_level) -> [Element] {
  var arguments = product.arguments
  let a = Memory(product.a), b = Memory(product.b)
  let stride = MemoryLayout<Element>.stride
  let c = Memory(bytes: product.outer * Int(arguments.cOuter) * stride)
  let bias = product.bias.map(Memory.init), residual = product.residual.map(Memory.init)
  arguments.bias = (bias?.pointer).map(UnsafeRawPointer.init)
  arguments.residual = (residual?.pointer).map(UnsafeRawPointer.init)
  arguments.a = UnsafeRawPointer(a.pointer)
  arguments.b = UnsafeRawPointer(b.pointer)
  arguments.c = c.pointer
  withExtendedLifetime((bias, residual)) { _ = run(DK_MATMUL, level, arguments, keeping: a, b, c) }
  #expect(c.isIntact)
  let targets = product.targets
  let between = Set(0..<c.bytes / stride).subtracting(targets)
  #expect(
    between.allSatisfy { element in
      (0..<stride).allSatisfy { c.pointer.load(fromByteOffset: element * stride + $0, as: UInt8.self) == 0x5a }
    }, "a row was written beyond its end")
  let all = c.array(of: Element.self)
  return targets.map { all[$0] }
}

/// What follows the chains, element by element, in the order of separate passes.
func finish<Element: BinaryFloatingPoint>(_ chains: [Element], _ product: Product<Element>) -> [Element] {
  let s = product.arguments
  return chains.indices.map { position in
    let (row, j) = position.quotientAndRemainder(dividingBy: product.n)
    let (batch, i) = row.quotientAndRemainder(dividingBy: product.m)
    let (o, h) = batch.quotientAndRemainder(dividingBy: product.inner)
    var x = chains[position]
    if let bias = product.bias { x += bias[j] }
    if let residual = product.residual {
      x += residual[o * Int(s.residualOuter) + h * Int(s.residualInner) + i * Int(s.residualRow) + j]
    }
    if s.activation == Int32(DK_RELU.rawValue) { x = x <= 0 ? 0 : x }
    return x
  }
}

/// Levels above the baseline fuse the multiplication with the addition; so does NEON.
private func isFused(_ level: dk_level) -> Bool {
  #if arch(arm64)
    true
  #else
    level != DK_LEVEL_BASELINE
  #endif
}

@Suite("Matrix products")
struct MatmulTests {
  @Test("every element is one chain of multiply-adds, whatever shape, layout, type and level", arguments: 0..<300)
  func chains(seed: Int) {
    var random = Seeded(seed)
    let sizes = [0, 1, 2, 3, 5, 7, 8, 13, 14, 15, 16, 17, 28, 31, 32, 33, 40, 64, 65]
    func size() -> Int { sizes.randomElement(using: &random) ?? 1 }
    let m = size(), n = size(), k = seed % 23 == 0 ? 1500 : seed % 29 == 0 ? 300 : size()
    let aTransposed = seed % 2 == 1, bTransposed = seed / 2 % 2 == 1
    let (outer, inner) = [(1, 1), (1, 1), (2, 1), (1, 3), (2, 3), (0, 2)].randomElement(using: &random) ?? (1, 1)
    let gap = seed % 3, shared = seed % 5 == 0, interleaved = seed % 7 < 3
    var values = Seeded(seed + 1000)
    let floats = product(
      DK_FLOAT32, outer: outer, inner: inner, m: m, n: n, k: k, aTransposed: aTransposed, bTransposed: bTransposed,
      sharedB: shared, gap: gap, interleaved: interleaved
    ) { Float.random(in: -1...1, using: &values) }
    let doubles = product(
      DK_FLOAT64, outer: outer, inner: inner, m: m, n: n, k: k, aTransposed: aTransposed, bTransposed: bTransposed,
      sharedB: shared, gap: gap, interleaved: interleaved
    ) { Double.random(in: -1...1, using: &values) }
    let integers = product(
      DK_INT32, outer: outer, inner: inner, m: m, n: n, k: k, aTransposed: aTransposed, bTransposed: bTransposed,
      sharedB: shared, gap: gap, interleaved: interleaved
    ) { Int32.random(in: .min ... .max, using: &values) }
    let wide = product(
      DK_INT64, outer: outer, inner: inner, m: m, n: n, k: k, aTransposed: aTransposed, bTransposed: bTransposed,
      sharedB: shared, gap: gap, interleaved: interleaved
    ) { Int64.random(in: .min ... .max, using: &values) }
    for level in levels {
      let fused = isFused(level)
      let floatChain = naive(floats, zero: 0) { fused ? $2.addingProduct($0, $1) : $2 + $0 * $1 }
      #expect(multiply(floats, level) == floatChain, "float32 \(m)×\(n)×\(k)")
      let doubleChain = naive(doubles, zero: 0) { fused ? $2.addingProduct($0, $1) : $2 + $0 * $1 }
      #expect(multiply(doubles, level) == doubleChain, "float64 \(m)×\(n)×\(k)")
      #expect(multiply(integers, level) == naive(integers, zero: 0) { $2 &+ $0 &* $1 }, "int32 \(m)×\(n)×\(k)")
      #expect(multiply(wide, level) == naive(wide, zero: 0) { $2 &+ $0 &* $1 }, "int64 \(m)×\(n)×\(k)")
    }
  }

  @Test("bias, residual and activation have the bits of passes of their own", arguments: 0..<200)
  func finishing(seed: Int) {
    var random = Seeded(seed)
    let sizes = [1, 2, 3, 6, 7, 15, 16, 17, 31, 32, 33, 64, 65, 100]
    func size() -> Int { sizes.randomElement(using: &random) ?? 1 }
    let m = size(), n = seed % 8 == 7 ? 1 : size()
    let k = seed % 19 == 0 ? 0 : seed % 23 == 0 ? 1500 : seed % 29 == 0 ? 300 : size()
    let (outer, inner) = [(1, 1), (1, 1), (2, 2)].randomElement(using: &random) ?? (1, 1)
    let hasBias = seed % 3 != 0, hasResidual = seed % 4 > 1, hasActivation = seed % 5 > 1
    var values = Seeded(seed + 1000)
    func check<Element: BinaryFloatingPoint>(
      _ type: dk_dtype, _ next: @escaping () -> Element, _ fused: (Element, Element, Element) -> Element
    ) {
      var product = product(
        type, outer: outer, inner: inner, m: m, n: n, k: k, aTransposed: seed % 2 == 1, bTransposed: seed / 2 % 2 == 1,
        gap: seed % 3, interleaved: seed % 7 < 3, next)
      let layout = Operand(rows: m, columns: n + seed % 2, inner: inner, interleaved: seed % 3 == 0)
      (product.arguments.residualOuter, product.arguments.residualInner, product.arguments.residualRow) = (
        Int64(layout.outer), Int64(layout.inner), Int64(layout.row)
      )
      if hasBias { product.bias = (0..<n).map { _ in next() } }
      if hasResidual {
        product.residual = (0..<outer * layout.outer).map { $0 % 41 == 40 ? .nan : next() }
      }
      product.arguments.activation = Int32((hasActivation ? DK_RELU : DK_IDENTITY).rawValue)
      for level in levels {
        let isFused = isFused(level)
        let expected = finish(naive(product, zero: 0) { isFused ? fused($0, $1, $2) : $2 + $0 * $1 }, product)
        let same = zip(multiply(product, level), expected).allSatisfy {
          $0 == $1 && $0.sign == $1.sign || $0.isNaN && $1.isNaN
        }
        #expect(same, "\(type) \(outer)×\(inner) of \(m)×\(n)×\(k)")
      }
    }
    check(DK_FLOAT32, { Float.random(in: -1...1, using: &values) }, { $2.addingProduct($0, $1) })
    check(DK_FLOAT64, { Double.random(in: -1...1, using: &values) }, { $2.addingProduct($0, $1) })
  }

  @Test(
    "a row alone equals the row among others, bit for bit",
    arguments: [(40, 70, 300), (33, 10, 1200), (200, 130, 1100)])
  func rows(m: Int, n: Int, k: Int) {
    for bTransposed in [false, true] {
      var values = Seeded(m)
      let whole = product(
        DK_FLOAT32, m: m, n: n, k: k, bTransposed: bTransposed
      ) { Float.random(in: -1...1, using: &values) }
      for level in levels {
        let all = multiply(whole, level)
        for row in [0, 13, m - 1] {
          var alone = whole
          alone.a = Array(whole.a[row * k..<(row + 1) * k])
          alone.m = 1
          alone.arguments.m = 1
          alone.arguments.cOuter = Int64(n)
          #expect(multiply(alone, level) == Array(all[row * n..<(row + 1) * n]))
        }
      }
    }
  }

  @Test("large products, where operands are packed and K is cut, agree with the chain on a sample")
  func large() {
    for (m, n, k, aTransposed, bTransposed) in [
      (70, 1100, 1100, false, false), (600, 40, 900, true, false), (300, 90, 2100, false, true),
      (9, 1030, 1300, true, true), (80, 2048, 600, false, false), (130, 96, 300, false, true),
      (1100, 70, 600, false, true),
    ] {
      var values = Seeded(m + n + k)
      let whole = product(
        DK_FLOAT32, m: m, n: n, k: k, aTransposed: aTransposed, bTransposed: bTransposed
      ) { Float.random(in: -1...1, using: &values) }
      let s = whole.arguments
      for level in levels {
        let c = multiply(whole, level)
        var picks = Seeded(7)
        for _ in 0..<200 {
          let i = Int.random(in: 0..<m, using: &picks), j = Int.random(in: 0..<n, using: &picks)
          var sum: Float = 0
          for p in 0..<k {
            let x = whole.a[i * Int(s.aRow) + p * Int(s.aColumn)], y = whole.b[p * Int(s.bRow) + j * Int(s.bColumn)]
            sum = isFused(level) ? sum.addingProduct(x, y) : sum + x * y
          }
          #expect(c[i * n + j] == sum)
        }
      }
    }
  }
}
