import DescentCPU
import DescentCore
import Testing

/// What a pass sums up itself has the bits of a sum of its stored results.
@Suite("Sums within passes") struct SummingPassTests {
  private static let shapes = [
    [4096, 16], [8, 32, 32, 16], [1024, 32], [700, 48], [2048, 17], [40_000], [3, 20_000], [320, 200], [64, 64, 9],
    [32_771, 2], [5, 4096, 3],
  ]

  /// Operands of every layout: as large as the result, transposed, one number a column, a single number.
  private func operands(_ shape: [Int], _ dtype: DType) -> [Tensor] {
    func normal(_ shape: [Int], _ seed: UInt64) -> Tensor { RandomKey(seed).normal(shape).cast(to: dtype) }
    let order = Array(shape.indices.reversed())
    return [
      normal(shape, 1), normal(shape.reversed(), 2).transposed(order), normal([shape.last!], 3), normal([], 4),
      normal(shape.dropLast() + [1], 5),
    ]
  }

  @Test(arguments: [DType.float32, .float64], shapes)
  func hasTheBitsOfASumOfStoredResults(_ dtype: DType, _ shape: [Int]) throws {
    let axes = shape.count == 1 ? [0] : Array(shape.indices.dropLast())
    for other in operands(shape, dtype) {
      let x = RandomKey(9).normal(shape).cast(to: dtype)
      let product = x * other
      let both = (product - x) * 0.5 + other
      for instructions in InstructionSet.available {
        let engine = Engine.cpu(instructions, threads: 1)
        let stored = try engine.compute([product, both]).map { Tensor($0, shape: shape) }
        let expected = try engine.compute([
          stored[0].sum(axes: axes), stored[1].sum(axes: axes), stored[1].max(axes: axes),
        ])
        for threads in [1, 3] {
          let engine = Engine.cpu(instructions, threads: threads)
          // Alone, where the results are stored nowhere, and beside them.
          let sums = [product.sum(axes: axes), both.sum(axes: axes), both.max(axes: axes)]
          let alone = try engine.compute(sums)
          let beside = try engine.compute(sums + [product, both])
          for index in sums.indices {
            #expect(alone[index].bits == expected[index].bits, "\(shape) by \(other.shape), sum \(index)")
            #expect(beside[index].bits == expected[index].bits, "\(shape) by \(other.shape), sum \(index), stored")
          }
        }
      }
    }
  }

  @Test func nothingHasEmptySums() throws {
    let x = Tensor.zeros([5, 0, 40_000]) * RandomKey(1).normal([5, 1, 1])
    #expect(try Engine.cpu.compute([x.sum(axis: 2)])[0].byteCount == 0)
    #expect(try Engine.cpu.compute([x.sum(axis: 1)])[0].array() as [Float] == [Float](repeating: 0, count: 200_000))
  }

  /// In inference a row alone has the bits of that row in any batch, however large the sums are.
  @Test(arguments: [[512, 64], [16, 16, 128], [40_000], [70, 500], [33_000, 2]])
  func sumsOfARowDoNotDependOnTheBatch(_ shape: [Int]) throws {
    let axes = shape.count == 1 ? [1] : Array(1..<shape.count)
    let batch = RandomKey(3).normal([9] + shape)
    func sums(_ x: Tensor) throws -> [[UInt8]] {
      let pooled = [
        x.mean(axes: axes), (x * x).sum(axes: axes), x.mean(axes: Array(axes.dropLast(axes.count > 1 ? 1 : 0))),
      ]
      return try Engine.cpu.compute(pooled).map { $0.withBytes { Array($0) } }
    }
    let whole = try sums(batch)
    for rows in [1, 2, 3, 5, 8] {
      let some = try sums(batch.split([rows, 9 - rows])[0])
      for (part, all) in zip(some, whole) { #expect(part == Array(all.prefix(part.count)), "\(rows) rows of \(shape)") }
    }
  }
}
