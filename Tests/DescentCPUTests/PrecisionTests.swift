import DescentCPU
import DescentCore
import Testing

/// Products of operands rounded to bfloat16, at every level against the interpreter, which adds them in float64.
@Suite struct PrecisionTests {
  /// Numbers that are not bfloat16, computed once, so that every engine starts from the same bits.
  private func noise(_ seed: UInt64, _ shape: [Int]) -> Tensor {
    let x = RandomKey(seed).normal(shape)
    evaluate(x)
    return x
  }

  /// The results, and the derivatives of their sum with weights that are not bfloat16 either.
  private func withDerivatives(_ operands: [Tensor], _ function: ([Tensor]) -> Tensor) -> [Tensor] {
    let y = function(operands)
    let cotangent = noise(99, y.shape)
    return [y] + gradients(at: operands) { (function($0) * cotangent).sum() }
  }

  private var products: [[Tensor]] {
    let (a, b) = (noise(1, [33, 70]), noise(2, [70, 45]))
    let (x, y) = (noise(3, [5, 9, 2, 16]), noise(4, [5, 9, 2, 16]))
    return [
      withDerivatives([a, b]) { $0[0].matmul($0[1]) },
      withDerivatives([a.T + 0, b]) { $0[0].T.matmul($0[1]) },
      withDerivatives([noise(5, [1, 70]), b]) { $0[0].matmul($0[1]) },
      withDerivatives([a, noise(6, [70, 1])]) { $0[0].matmul($0[1]) },
      withDerivatives([noise(7, [3, 2]), noise(8, [2, 4])]) { $0[0].matmul($0[1]) },
      withDerivatives([noise(9, [6]), noise(10, [6])]) { $0[0].matmul($0[1]) },
      withDerivatives([noise(11, [65, 1100]), noise(12, [1100, 40])]) { $0[0].matmul($0[1]) },
      // Heads of attention: batches that lie between the axes of a product.
      withDerivatives([x, y]) { $0[0].transposed([0, 2, 1, 3]).matmul($0[1].transposed([0, 2, 3, 1])) },
      withDerivatives([a, b]) { $0[0][TensorIndex.all, 3..<20].flipped(axes: [0]).matmul($0[1][..<17] * 2) },
      withDerivatives([a]) { $0[0].matmul($0[0].T) },
      [a.matmul(Tensor.ones([70, 3]) * 1.001), Tensor.zeros([4, 0]).matmul(Tensor.zeros([0, 3]))],
    ]
  }

  private var convolutions: [[Tensor]] {
    func convolution(
      _ x: [Int], _ w: [Int], strides: [Int]? = nil, padding: WindowPadding = .same, groups: Int = 1
    ) -> [Tensor] {
      withDerivatives([noise(1, x), noise(2, w)]) {
        $0[0].convolved(with: $0[1], strides: strides, padding: padding, groups: groups)
      }
    }
    return [
      convolution([3, 9, 8, 5], [3, 3, 5, 20]), convolution([2, 12, 12, 3], [3, 3, 3, 7], strides: [2, 2]),
      convolution([2, 7, 7, 6], [3, 3, 1, 6], groups: 6), convolution([2, 7, 7, 6], [3, 3, 3, 8], groups: 2),
      convolution([4, 21, 2], [5, 2, 3], padding: .valid), convolution([2, 5, 5, 4, 3], [2, 3, 3, 3, 4]),
      convolution([1, 6, 6, 1], [1, 1, 1, 40]), convolution([20, 3, 3, 5], [3, 3, 5, 1]),
    ]
  }

  @Test(arguments: InstructionSet.available, [ProductArithmetic.planned, .pieces])
  func productsMultiplyRoundedOperands(_ instructions: InstructionSet, _ arithmetic: ProductArithmetic) throws {
    let engine = Engine.cpu(instructions, products: arithmetic)
    for (row, tensors) in (products + convolutions).enumerated() {
      try expectRounded(tensors, on: engine, "row \(row) on \(instructions)")
    }
  }

  private func expectRounded(_ tensors: [Tensor], on engine: Engine, _ name: String) throws {
    let expected = try Engine.interpreter.compute(tensors, precision: .bfloat16)
    let exact = try Engine.interpreter.compute(tensors)
    let actual = try engine.compute(tensors, precision: .bfloat16)
    for (index, (expected, actual)) in zip(expected, actual).enumerated() {
      let (e, a) = (expected.array(of: Double.self), actual.array(of: Double.self))
      let size = e.map(abs).max() ?? 0
      let worst = zip(e, a).map { abs($0 - $1) }.max() ?? 0
      #expect(worst <= 4e-6 * size, "\(name), result \(index): off by \(worst) of \(size)")
      // Rounding shows, so that an engine that does not round fails.
      let rounding = zip(e, exact[index].array(of: Double.self)).map { abs($0 - $1) }.max() ?? 0
      #expect(size == 0 || rounding > 1e-4 * size, "\(name), result \(index)")
    }
  }

  @Test(arguments: InstructionSet.available)
  func numbersThatAreNotFinite(_ instructions: InstructionSet) throws {
    let engine = Engine.cpu(instructions)
    let a = Tensor([1, .infinity, .nan, Float.greatestFiniteMagnitude, -.infinity], shape: [5, 1])
    let results = try engine.compute(
      [a.matmul(Tensor.ones([1, 1])), a.reshaped([1, 5, 1]).convolved(with: Tensor.ones([1, 1, 1]))],
      precision: .bfloat16)
    for result in results {
      let x = result.array(of: Float.self)
      #expect(x[0] == 1 && x[1] == .infinity && x[2].isNaN && x[3] == .infinity && x[4] == -.infinity)
    }
  }

  /// In training, products of one size round in the kernel and others before it; neither may miss an operand.
  @Test(arguments: InstructionSet.available)
  func stepsOfTrainingRoundToo(_ instructions: InstructionSet) throws {
    let engine = Engine.cpu(instructions)
    for (m, n, k) in [(3, 4, 5), (128, 10, 256), (64, 96, 128), (300, 1, 64)] {
      let w = Tensor.input(0, shape: [k, n], dtype: .float32)
      let x = noise(1, [m, k])
      let y = x.matmul(w)
      let (program, captured) = Program.tracing(inputs: [w], outputs: [w - x.T.matmul(y), y], updates: [0, nil])
      let start = noise(2, [k, n]).array(of: Float.self)
      func run(_ engine: Engine, _ precision: Precision) throws -> [[Double]] {
        let (weights, result) = (Memory(start), Memory(.float32, count: m * n))
        try engine.compile(program, precision: precision).run([weights] + captured, into: [weights, result])
        return [weights.array(of: Double.self), result.array(of: Double.self)]
      }
      let expected = try run(.interpreter, .bfloat16)
      let exact = try run(.interpreter, .float32)
      for (index, actual) in try run(engine, .bfloat16).enumerated() {
        let size = expected[index].map(abs).max() ?? 0
        let worst = zip(actual, expected[index]).map { abs($0 - $1) }.max() ?? 0
        // A sum that a last bit moves across a tie is rounded the other way before it is multiplied again.
        #expect(worst <= (index == 0 ? 1e-3 : 4e-6) * size, "\(m)×\(n)×\(k), result \(index): off by \(worst)")
        #expect(zip(exact[index], expected[index]).map { abs($0 - $1) }.max() ?? 0 > 1e-3 * size)
      }
    }
  }

  @Test(arguments: InstructionSet.available)
  func aRowAloneGivesTheBitsOfABatch(_ instructions: InstructionSet) throws {
    let engine = Engine.cpu(instructions)
    for (n, k) in [(10, 12), (10, 300), (200, 64), (1, 100)] {
      let (x, w) = (noise(1, [70, k]), noise(2, [k, n]))
      let all = try engine.compute([x.matmul(w)], precision: .bfloat16)[0].array(of: Float.self)
      let alone = try engine.compute([x[40..<41].matmul(w)], precision: .bfloat16)[0].array(of: Float.self)
      #expect(Array(all[(40 * n)..<(41 * n)]) == alone, "\(n), \(k)")
    }
  }

  @Test func plansOfBothPrecisionsAreKeptApart() throws {
    let x = Tensor([1 + 0x1p-10] as [Float], shape: [1, 1])
    for _ in 0..<2 {
      #expect(try Engine.cpu.compute([x.matmul(x)])[0].array(of: Float.self) == [(1 + 0x1p-10) * (1 + 0x1p-10)])
      #expect(try Engine.cpu.compute([x.matmul(x)], precision: .bfloat16)[0].array(of: Float.self) == [1])
    }
  }

  @Test func onlyFloat32IsRounded() throws {
    let one = 1 + 0x1p-10
    let x = Tensor([one], shape: [1, 1], dtype: .float64)
    let y = Tensor([Float(one), Float(one)])
    let results = try Engine.cpu.compute([x.matmul(x), y * y, y.sum()], precision: .bfloat16)
    #expect(results.map { $0.array(of: Double.self) } == [[one * one], [one * one, one * one], [2 * one]])
  }
}
