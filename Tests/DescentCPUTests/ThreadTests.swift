import DescentCPU
import DescentCore
import Testing

/// No result depends on how many threads there are.
@Suite(.serialized) struct ThreadTests {
  @Test(arguments: [2, 3, 4, 8, 16], [ProductArithmetic.planned, .pieces])
  func randomGraphsGiveTheSameBits(_ threads: Int, _ products: ProductArithmetic) throws {
    let alone = Engine.cpu(.best, threads: 1, products: products)
    let shared = Engine.cpu(.best, threads: threads, products: products)
    for seed in 0..<100 as Range<UInt64> {
      for dtype in [DType.float32, .float64] {
        var first = RandomGraph(seed: seed, dtype: dtype, mayJump: seed % 2 == 0)
        var second = RandomGraph(seed: seed, dtype: dtype, mayJump: seed % 2 == 0)
        let expected = try alone.compute(first.draw(15))
        let actual = try shared.compute(second.draw(15))
        for (expected, actual) in zip(expected, actual) {
          try #require(expected.bits == actual.bits, "seed \(seed), \(dtype), \(threads) threads")
        }
      }
    }
  }

  @Test(arguments: [2, 3, 5, 16], [ProductArithmetic.planned, .pieces])
  func largeOperationsGiveTheSameBits(_ threads: Int, _ products: ProductArithmetic) throws {
    let results: [[UInt8]] = try [1, threads].map { count in
      let key = RandomKey(3)
      let (a, b) = (key.normal([301, 257]), RandomKey(4).normal([257, 130]))
      let product = a.matmul(b)
      let picks = Tensor((0..<500).map { Int32($0 * 37 % 301) })
      let tensors = [
        product, a.T.matmul(a), (a.tanh() * a + 1).sum(axis: 0), a.max(axis: 1), a.sum(), a.gather(picks),
        a.scatterAdd(a.gather(picks), at: picks), a.T + 0, a.cumulativeSum(axis: 1), a.argSort(axis: 0),
      ]
      let engine = Engine.cpu(.best, threads: count, products: products)
      return try Precision.allCases.flatMap { try engine.compute(tensors, precision: $0).flatMap(\.bits) }
    }
    #expect(results[0] == results[1])
  }

  @Test(arguments: [2, 3, 5, 16], Precision.allCases)
  func convolutionsGiveTheSameBits(_ threads: Int, _ precision: Precision) throws {
    let results: [[UInt8]] = try [1, threads].map { count in
      let images = RandomKey(5).normal([6, 13, 11, 6])
      let tensors = [1, 2, 6].flatMap { groups -> [Tensor] in
        let weights = RandomKey(6).normal([3, 3, 6 / groups, 36])
        return [1, 2].flatMap { stride -> [Tensor] in
          let y = images.convolved(with: weights, strides: [stride, stride], padding: .same, groups: groups)
          return [y]
            + gradients(at: [images, weights]) {
              $0[0].convolved(with: $0[1], strides: [stride, stride], padding: .same, groups: groups).tanh().sum()
            }
        }
      }
      let pooled = [images.maxPooled(window: [3, 2]), images.averagePooled(window: [2, 3], padding: .same)]
      return try Engine.cpu(.best, threads: count).compute(tensors + pooled, precision: precision).flatMap(\.bits)
    }
    #expect(results[0] == results[1])
  }

  /// An image alone gives the bits it gives in a batch, whatever the extents that tiles are cut from.
  @Test(arguments: InstructionSet.available)
  func anImageAloneGivesTheBitsOfABatch(_ instructions: InstructionSet) throws {
    let engine = Engine.cpu(instructions, threads: 2)
    for (side, channels, groups) in [(3, 5, 1), (8, 4, 2), (14, 3, 3), (17, 33, 1)] {
      let images = RandomKey(7).normal([20, side, side, channels])
      let weights = RandomKey(8).normal([3, 3, channels / groups, groups * 11])
      func results(_ x: Tensor) -> [Tensor] {
        [
          x.convolved(with: weights, padding: .same, groups: groups),
          x.convolved(with: weights, strides: [2, 2], padding: .same, groups: groups),
          gradient(at: x) {
            $0.convolved(with: weights, strides: [2, 2], padding: .same, groups: groups).squared().sum()
          },
        ]
      }
      let all = try engine.compute(results(images))
      let one = try engine.compute(results(images[4..<5]))
      for (all, one) in zip(all, one) {
        let size = one.count * one.dtype.byteSize
        #expect(
          Array(all.bits[(4 * size)..<(5 * size)]) == one.bits, "\(side)×\(side)×\(channels), \(groups) groups")
      }
    }
  }

  @Test func aBadIndexIsReportedWhicheverThreadMeetsIt() throws {
    var indices = [Int32](repeating: 0, count: 999)
    indices[700] = 12
    indices[990] = 13
    let gathered = Tensor.arange(10).gather(Tensor(indices))
    for threads in [1, 2, 16] {
      #expect(throws: EvaluationError.indexOutOfRange("gather", index: 12, extent: 10)) {
        try Engine.cpu(.best, threads: threads).compute([gathered])
      }
    }
  }

  @Test func plansOfSeveralCallersRunAtOnce() async throws {
    let x = RandomKey(1).normal([200, 200])
    evaluate(x)
    let expected: [Float] = x.matmul(x).tanh().array()
    await withTaskGroup(of: [Float].self) { group in
      for _ in 0..<8 {
        group.addTask {
          let engine = Engine.cpu(.best, threads: 3)
          return (0..<20).map { _ in try! engine.compute([x.matmul(x).tanh()])[0].array(of: Float.self) }.last!
        }
      }
      for await result in group { #expect(result == expected) }
    }
  }
}
