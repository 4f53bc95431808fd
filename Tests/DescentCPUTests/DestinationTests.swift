import DescentCPU
import DescentCore
import DescentRules
import Testing

/// What goes straight to where it would be copied has the bits of a copy.
@Suite("Results in place of copies") struct DestinationTests {
  /// The same value alone, where units may write it in place, and beside everything it is computed from, where each of
  /// those has memory of its own.
  private func compare(_ steps: [Tensor], _ note: Comment) throws {
    for instructions in InstructionSet.available {
      for threads in [1, 3] {
        let engine = Engine.cpu(instructions, threads: threads)
        let alone = try engine.compute([steps[steps.count - 1] * 2])
        let beside = try engine.compute(steps + [steps[steps.count - 1] * 2])
        try #require(alone[0].bits == beside[steps.count].bits, note)
      }
    }
  }

  private func normal(_ shape: [Int], _ seed: UInt64, _ dtype: DType) -> Tensor {
    RandomKey(seed).normal(shape).cast(to: dtype)
  }

  @Test(arguments: [DType.float32, .float64])
  func headsSideBySide(_ dtype: DType) throws {
    for (batch, heads, time, width) in [(3, 4, 5, 8), (1, 2, 64, 32), (2, 1, 3, 7), (2, 3, 1, 5), (1, 5, 4, 1)] {
      let note: Comment = "\(batch) × \(heads) heads, \(time) × \(width), \(dtype.name)"
      let product = normal([batch, heads, time, 6], 1, dtype).matmul(normal([batch, heads, 6, width], 2, dtype))
      let pass = product * normal([batch, heads, time, 1], 3, dtype)
      let soft = pass.softmax(axis: -1)
      for heads in [product, pass, soft, soft.exp() + pass] {
        let joined = heads.swappingAxes(1, 2).reshaped([batch, time, -1])
        try compare([product, heads, joined], note)
        let other = normal(joined.shape, 4, dtype)
        let parts = [joined, other, heads.swappingAxes(1, 2).reshaped([batch, time, -1]) * 3]
        try compare([product, heads, joined, Tensor.concatenate(parts, axis: -1)], note)
        try compare([product, heads, joined, Tensor.concatenate(parts, axis: 1)], note)
        try compare([product, heads, joined, Tensor.concatenate([joined, joined], axis: 0)], note)
      }
      let again = soft.swappingAxes(1, 2).reshaped([batch, time, -1]).swappingAxes(0, 1).reshaped([time * batch, -1])
      try compare([product, pass, soft, again], note)
      // A product wanted by columns.
      let turned = product.swappingAxes(-1, -2)
      try compare([product, turned.swappingAxes(1, 2).reshaped([batch, width, -1])], note)
      try compare([product, turned.swappingAxes(1, 3).reshaped([batch, time, -1])], note)
      let beside = Tensor.concatenate([turned.reshaped([batch, -1]), normal([batch, 3], 5, dtype)], axis: -1)
      try compare([product, turned, beside], note)
    }
  }

  @Test func copiesOfCopies() throws {
    for (batch, heads, time, width) in [(2, 3, 3, 5), (4, 4, 4, 4), (2, 2, 3, 8)] {
      let product =
        normal([batch, heads, time, width], 1, .float32) * normal([batch, heads, time, width], 2, .float32)
      let first = product.swappingAxes(1, 2).reshaped([batch, time, heads * width])
      let second = first.swappingAxes(0, 1).reshaped([time * batch, heads * width])
      try compare([product, first, second], "\(batch) × \(heads) heads, \(time) × \(width)")
    }
  }

  /// So large that results go past the caches where they may.
  @Test func largePartsOfRaggedRows() throws {
    let made = try Engine.cpu.compute([normal([4096, 1024], 1, .float32), normal([4096, 5], 2, .float32)])
    let (x, y) = (Tensor(made[0], shape: [4096, 1024]), Tensor(made[1], shape: [4096, 5]))
    let pass = (x * x + x) * 0.5
    try compare([pass, Tensor.concatenate([pass, y], axis: -1)], "rows of 1029")
    try compare([pass, Tensor.concatenate([y, pass], axis: -1)], "rows of 1029, from the fifth")
  }
}
