import DescentCPU
import DescentCore
import Testing

/// Matrix products with weights that stay as they are from run to run, which a plan lays out once after each change.
@Suite("Weights laid out once") struct PackedInputTests {
  struct Case: CustomTestStringConvertible {
    let m, n, k: Int
    var isTransposed = false

    var testDescription: String { "\(m)×\(n)×\(k)" }
  }

  /// One row and two, which chains read laid out; then as few as pieces do, up to as many as columns.
  static let cases =
    [1, 2].flatMap { [Case(m: $0, n: 100, k: 90), Case(m: $0, n: 64, k: 1100, isTransposed: true)] }
    + (3...32).map { Case(m: $0, n: $0, k: 30 + 40 * $0, isTransposed: $0 % 3 == 1) }
    + [3, 8, 17, 31, 32].map { Case(m: $0, n: 150, k: 70, isTransposed: $0 % 2 == 1) }

  private func product(_ test: Case, _ x: Tensor, _ w: Tensor) -> Tensor { x.matmul(test.isTransposed ? w.T : w) }

  private func weights(_ test: Case, _ seed: UInt64) -> Tensor {
    let w = RandomKey(seed).normal(test.isTransposed ? [test.n, test.k] : [test.k, test.n])
    evaluate(w)
    return w
  }

  @Test(arguments: cases, Precision.allCases)
  func products(_ test: Case, _ precision: Precision) throws {
    let x = RandomKey(1).normal([test.m, test.k])
    evaluate(x)
    let tensors = [weights(test, 2), weights(test, 3)]
    let exact = try tensors.map { try bounds(test, x, $0, precision) }
    let w = Tensor.input(0, shape: tensors[0].shape, dtype: .float32)
    let (program, captured) = Program.tracing(inputs: [w], outputs: [product(test, x, w)])
    for instructions in InstructionSet.available {
      for (threads, arithmetic) in [(1, ProductArithmetic.planned), (1, .pieces), (3, .pieces)] {
        let engine = Engine.cpu(instructions, threads: threads, products: arithmetic)
        let executable = engine.compile(program, precision: precision)
        func run(_ w: Memory) throws -> Memory { try executable.run([w] + captured)[0] }
        // A run of weights that are new reads them where they are.
        let whole = try tensors.map { try run($0.memory) }
        for (whole, exact) in zip(whole, exact) {
          for (element, exact) in zip(whole.array(of: Float.self), exact) {
            try #require(abs(Double(element) - exact.value) <= exact.error, "\(instructions), \(arithmetic)")
          }
        }
        for which in [1, 1, 0, 0, 0, 1, 1] {
          #expect(try run(tensors[which].memory).bits == whole[which].bits, "\(instructions), \(arithmetic)")
        }
        let written = Memory(tensors[0].array(of: Float.self))
        for _ in 0..<3 { #expect(try run(written).bits == whole[0].bits) }
        written.copy(from: tensors[1].memory)
        for _ in 0..<3 { #expect(try run(written).bits == whole[1].bits, "written in place") }
      }
    }
  }

  /// What the interpreter computes in float64, and how far a sum of k products in float32 may be from it.
  private func bounds(
    _ test: Case, _ x: Tensor, _ w: Tensor, _ precision: Precision
  ) throws -> [(value: Double, error: Double)] {
    let wide = [x, w].map {
      Tensor($0.array(of: Float.self).map { Double(precision.operand($0)) }, shape: $0.shape)
    }
    let sizes = product(test, wide[0].abs(), wide[1].abs())
    let results = try Engine.interpreter.compute([product(test, wide[0], wide[1]), sizes])
    return zip(results[0].array(of: Double.self), results[1].array(of: Double.self)).map {
      (value: $0, error: $1 * 0x1p-24 * Double(test.k + 1))
    }
  }
}
