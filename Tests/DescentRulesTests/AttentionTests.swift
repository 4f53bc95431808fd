import DescentCPU
import DescentCore
import DescentRules
import DescentTesting
import Testing

@Suite struct AttentionTests {
  /// By the formula, all at once.
  private func naive(_ q: Tensor, _ k: Tensor, _ v: Tensor, _ visible: Tensor?, scale: Double? = nil) -> Tensor {
    var scores = q.matmul(k.swappingAxes(-1, -2)) * (scale ?? 1 / Double(q.shape.last!).squareRoot())
    if let visible { scores = visible.select(scores, Tensor(weak: -Double.infinity)) }
    return scores.softmax().matmul(v)
  }

  private func operands(_ leading: [Int], queries: Int, keys: Int, width: Int = 5, values: Int = 3) -> [Tensor] {
    let shapes = [[queries, width], [keys, width], [keys, values]]
    return zip(RandomKey(4).split(3), shapes).map { $0.normal(leading + $1, dtype: .float64) }
  }

  /// Sequences of one block and of several, as many keys as queries, fewer and more.
  static let extents = [(7, 7), (1, 40), (130, 130), (300, 300), (200, 333), (300, 170), (129, 0)]

  @Test(arguments: extents)
  func equalsTheFormula(_ queries: Int, _ keys: Int) throws {
    let x = operands([2, 3], queries: queries, keys: keys)
    let causal = Tensor.lowerTriangleMask(queries, keys, diagonal: keys - queries)
    let some = RandomKey(9).uniform([3, queries, keys]) .< 0.3
    let cases: [(AttentionMask, Tensor?)] = [(.none, nil), (.causal, causal), (.visible(some), some)]
    for (mask, visible) in cases where keys > 0 {
      let weights = RandomKey(5).normal([2, 3, queries, 3], dtype: .float64)
      let actual = valueAndGradients(at: x) {
        (scaledDotProductAttention(query: $0[0], key: $0[1], value: $0[2], mask: mask) * weights).sum()
      }
      let expected = valueAndGradients(at: x) { (naive($0[0], $0[1], $0[2], visible) * weights).sum() }
      try expectClose(actual.value, expected.value, tolerance: 1e-10)
      for (actual, expected) in zip(actual.gradients, expected.gradients) {
        // A row of the formula that sees nothing has no derivative.
        let defined = expected.isNaN().select(0, expected)
        if visible == nil || queries <= keys { try expectClose(actual, defined, tolerance: 1e-10) }
      }
    }
    if keys == 0 {
      let nothing = scaledDotProductAttention(query: x[0], key: x[1], value: x[2], mask: .causal)
      try expectClose(nothing, Tensor.zeros([2, 3, queries, 3], dtype: .float64))
    }
  }

  @Test func derivativesOfAnyOrderAndBatches() throws {
    let x = operands([], queries: 140, keys: 150)
    for mask in [AttentionMask.none, .causal] {
      try expectGradients(at: x, tolerance: 1e-6, "attention") {
        scaledDotProductAttention(query: $0[0], key: $0[1], value: $0[2], mask: mask)
      }
    }
    let batch = operands([2], queries: 140, keys: 150)
    let mapped = vmap { (q: Tensor) in
      scaledDotProductAttention(query: q, key: x[1], value: x[2], mask: .causal, scale: 0.3)
    }(batch[0])
    let causal = Tensor.lowerTriangleMask(140, 150, diagonal: 10)
    try expectClose(
      mapped, Tensor.stack((0..<2).map { naive(batch[0][$0], x[1], x[2], causal, scale: 0.3) }), tolerance: 1e-10)
  }

  @Test func aQueryThatSeesNothingGivesZero() throws {
    let x = operands([], queries: 150, keys: 140)
    let (value, gradient) = valueAndGradients(at: x) {
      scaledDotProductAttention(query: $0[0], key: $0[1], value: $0[2], mask: .causal).sum()
    }
    #expect(value.scalar(of: Double.self).isFinite)
    for gradient in gradient { #expect(gradient.isFinite().all().scalar(of: Bool.self)) }
    let blind = scaledDotProductAttention(query: x[0], key: x[1], value: x[2], mask: .causal)[0..<10]
    try expectClose(blind, Tensor.zeros([10, 3], dtype: .float64))
  }

  @Test func scoresThatWouldOverflow() throws {
    let x = operands([], queries: 200, keys: 200).map { $0.cast(to: .float32) * 1e4 }
    let (_, gradient) = valueAndGradients(at: x) {
      scaledDotProductAttention(query: $0[0], key: $0[1], value: $0[2]).sum()
    }
    for gradient in gradient { #expect(gradient.isFinite().all().scalar(of: Bool.self)) }
  }
}
