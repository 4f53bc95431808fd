import DescentCPU
import DescentCore
import Testing

/// What becomes part of a product's kernel has the bits of passes of its own.
@Suite("Bias, residual and ReLU after products") struct EpilogueTests {
  /// The same value alone, where the kernel may finish it, and beside everything it is computed from, where it may not.
  private func compare(_ steps: [Tensor], _ note: Comment, products: ProductArithmetic = .planned) throws {
    for instructions in InstructionSet.available {
      for threads in [1, 3] {
        let engine = Engine.cpu(instructions, threads: threads, products: products)
        let alone = try engine.compute([steps[steps.count - 1]])
        let beside = try engine.compute(steps)
        try #require(alone[0].bits == beside[steps.count - 1].bits, note)
      }
    }
  }

  private func relu(_ x: Tensor) -> Tensor { (x .<= 0).select(0, x) }

  /// A bias, a residual and ReLU, in the orders in which networks have them.
  private func finish(_ product: Tensor, columns: Int, _ dtype: DType) throws {
    let bias = RandomKey(7).normal([columns]).cast(to: dtype)
    let residual = RandomKey(8).normal(product.shape).cast(to: dtype)
    let biased = product + bias
    let note: Comment = "\(product.shape) \(dtype.name)"
    for products in [ProductArithmetic.planned, .pieces] {
      try compare([product, biased], note, products: products)
      try compare([product, relu(product)], note, products: products)
      try compare([product, biased, relu(biased)], note, products: products)
      try compare([product, biased, biased + residual, relu(biased + residual)], note, products: products)
      try compare([product, residual + product, relu(residual + product)], note, products: products)
      try compare([product, biased, relu(biased) * 2 + residual], note, products: products)
      try compare([product, biased, biased * biased], note, products: products)
      try compare([product, biased, (biased .<= 0).select(0, biased * 3)], note, products: products)
      try compare([product, biased, (biased .<= 0).cast(to: dtype) + relu(biased)], note, products: products)
    }
  }

  @Test(arguments: [DType.float32, .float64])
  func products(_ dtype: DType) throws {
    for (shape, columns) in [([5, 7], 9), ([3, 4, 70], 33), ([1, 64], 64), ([130, 40], 1), ([2, 3, 0], 4)] {
      let x = RandomKey(1).normal(shape).cast(to: dtype)
      let w = RandomKey(2).normal([shape[shape.count - 1], columns]).cast(to: dtype)
      try finish(x.matmul(w), columns: columns, dtype)
    }
    let batched = RandomKey(1).normal([4, 6, 5]).matmul(RandomKey(2).normal([4, 5, 8])).cast(to: dtype)
    try finish(batched, columns: 8, dtype)
  }

  @Test(arguments: [DType.float32, .float64])
  func convolutions(_ dtype: DType) throws {
    let cases = [(3, 17, 1, 1), (16, 40, 2, 1), (32, 33, 1, 1), (4, 8, 1, 4), (1, 1, 1, 1)]
    for (inputs, outputs, stride, groups) in cases {
      let x = RandomKey(1).normal([3, 9, 8, inputs]).cast(to: dtype)
      let w = RandomKey(2).normal([3, 3, inputs / groups, outputs]).cast(to: dtype)
      let y = x.convolved(with: w, strides: [stride, stride], padding: .same, groups: groups)
      try finish(y, columns: outputs, dtype)
    }
    let small = RandomKey(3).normal([40, 3, 3, 8]).cast(to: dtype)
    try finish(small.convolved(with: RandomKey(4).normal([2, 2, 8, 24]).cast(to: dtype)), columns: 24, dtype)
    let transposed = RandomKey(3).normal([3, 5, 5, 24]).cast(to: dtype)
      .transposedConvolved(with: RandomKey(4).normal([3, 3, 16, 24]).cast(to: dtype), strides: [2, 2])
    try finish(transposed, columns: 16, dtype)
  }

  @Test func infinitiesAndNaNPassThrough() throws {
    let unusual: [Float] = [.infinity, -.infinity, .nan, 0, -0.0, 1e38, -1e38]
    let x = Tensor((0..<(2 * 6 * 6 * 20)).map { $0 % 37 == 5 ? unusual[$0 % unusual.count] : Float($0 % 11) - 5 })
      .reshaped([2, 6, 6, 20])
    let bias = Tensor([Float](repeating: 1, count: 40))
    let y = x.convolved(with: RandomKey(2).normal([3, 3, 20, 40]), padding: .same) + bias
    try compare([y, relu(y)], "convolution", products: .pieces)
    try compare([y, relu(y)], "convolution")
  }
}
