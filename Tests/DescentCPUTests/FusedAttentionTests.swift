import Descent
import DescentCPU
import DescentCore
import Testing

/// The kernels of attention and its gradient against the operations that define them.
@Suite struct FusedAttentionTests {
  struct Case: Sendable {
    var heads = [2]
    let queries, keys, width: Int
    var values: Int?
    var isCausal = true
  }

  /// Extents just at, below and above those of blocks, panels and vectors; more keys than queries and fewer.
  static let cases = [
    Case(queries: 1, keys: 1, width: 1), Case(queries: 1, keys: 300, width: 16),
    Case(queries: 63, keys: 63, width: 8, values: 5), Case(queries: 64, keys: 64, width: 32, isCausal: false),
    Case(heads: [], queries: 65, keys: 65, width: 33, values: 31), Case(queries: 65, keys: 257, width: 17, values: 40),
    Case(heads: [2, 3], queries: 129, keys: 256, width: 16), Case(heads: [1], queries: 257, keys: 257, width: 32),
    Case(heads: [1, 2, 1], queries: 130, keys: 700, width: 5, values: 9, isCausal: false),
    Case(queries: 300, keys: 170, width: 64, values: 7), Case(heads: [], queries: 520, keys: 1030, width: 24),
  ]

  private func operands(_ test: Case, _ dtype: DType) -> [Tensor] {
    let widths = [test.width, test.width, test.values ?? test.width]
    let rows = [test.queries, test.keys, test.keys]
    // Heads lie between rows, as where one product makes all of them.
    return (0..<3).map { index in
      let drawn = RandomKey(UInt64(index + 7)).normal([rows[index]] + test.heads + [widths[index]]) * 1.5
      let axes = Array(1...test.heads.count + 1).dropLast() + [0, test.heads.count + 1]
      return drawn.transposed(Array(axes)).cast(to: dtype)
    }
  }

  private func attention(_ test: Case, _ x: [Tensor]) -> Tensor {
    scaledDotProductAttention(query: x[0], key: x[1], value: x[2], mask: test.isCausal ? .causal : .none)
  }

  /// The result, its gradients, and how it and they change along a direction.
  private func directions(_ test: Case, _ dtype: DType) -> [Tensor] {
    let x = operands(test, dtype)
    let weights = RandomKey(3).normal(attention(test, x).shape).cast(to: dtype)
    let along = x.enumerated().map { RandomKey(UInt64($0 + 20)).normal($1.shape).cast(to: dtype) }
    func slopes(_ x: [Tensor]) -> [Tensor] { gradients(at: x) { (attention(test, $0) * weights).sum() } }
    let forward = derivative(at: x, along: along) { attention(test, $0) }.derivative
    let second = derivative(at: x, along: along) { slopes($0).reduce(Tensor(weak: 0)) { $0 + $1.squared().sum() } }
    return [attention(test, x)] + slopes(x) + [forward, second.derivative]
  }

  @Test(arguments: cases)
  func isWhatTheOperationsGive(_ test: Case) throws {
    let exact = try Engine.cpu(.best, threads: 1).compute(directions(test, .float64))
    for instructions in InstructionSet.available {
      let fused = try Engine.cpu(instructions, threads: 2).compute(directions(test, .float32))
      for (index, (exact, fused)) in zip(exact, fused).enumerated() {
        let (exact, fused) = (exact.array(of: Double.self), fused.array(of: Float.self))
        let size = exact.reduce(1) { max($0, abs($1)) }
        let tolerance = index < 5 ? 1e-5 : 1e-4
        for (exact, fused) in zip(exact, fused) {
          try #require(abs(exact - Double(fused)) <= tolerance * size, "result \(index), \(instructions)")
        }
      }
    }
  }

  @Test(arguments: cases)
  func theInterpreterComputesWhatDefinesIt(_ test: Case) throws {
    guard test.queries * test.keys < 20_000 else { return }
    let x = operands(test, .float32)
    let results = [attention(test, x)] + gradients(at: x) { attention(test, $0).squared().sum() }
    let (defined, fused) = (try Engine.interpreter.compute(results), try Engine.cpu.compute(results))
    for (defined, fused) in zip(defined, fused) {
      let (defined, fused) = (defined.array(of: Float.self), fused.array(of: Float.self))
      let size = defined.reduce(1) { max($0, abs($1)) }
      for (defined, fused) in zip(defined, fused) { try #require(abs(defined - fused) <= 1e-5 * size) }
    }
  }

  @Test(arguments: cases)
  func threadsGiveTheSameBits(_ test: Case) throws {
    let bits = try [1, 2, 3, 8].map { threads in
      try Engine.cpu(.best, threads: threads).compute(directions(test, .float32)).map(\.bits)
    }
    for other in bits.dropFirst() { #expect(bits[0] == other) }
  }

  /// A program has kernels instead of products where the engine has them, else only products.
  @Test func onlyOneOfBothFormsIsComputed() {
    let test = Case(queries: 300, keys: 300, width: 32)
    let x = operands(test, .float32)
    let results = [attention(test, x)] + gradients(at: x) { attention(test, $0).squared().sum() }
    let program = Program.tracing(outputs: results).program
    func names(_ program: Program) -> [String] { program.instructions.map { $0.primitive.name } }
    let fused = names(program.fusing { _, _ in true }), plain = names(program.fusing { _, _ in false })
    #expect(fused.filter { $0.contains("attention") }.sorted() == ["attention", "attention gradient"])
    #expect(!fused.contains("matrix product"))
    #expect(plain.contains("matrix product") && !plain.contains { $0.contains("attention") })
  }

  @Test func examplesOfABatch() throws {
    let test = Case(heads: [3, 2], queries: 140, keys: 150, width: 12)
    let x = operands(test, .float32)
    let mapped = vmap { (q: Tensor) in
      scaledDotProductAttention(query: q, key: x[1][0], value: x[2][0], mask: .causal)
    }(x[0])
    let single = Tensor.stack(
      (0..<3).map { scaledDotProductAttention(query: x[0][$0], key: x[1][0], value: x[2][0], mask: .causal) })
    #expect(mapped.array(of: Float.self) == single.array(of: Float.self))
  }

  /// Scores far beyond what an exponential can take, and queries that see nothing.
  @Test func extremes() throws {
    let test = Case(queries: 300, keys: 170, width: 8)
    let x = operands(test, .float32).map { $0 * 1e4 }
    let (value, slopes) = valueAndGradients(at: x) { attention(test, $0).sum() }
    #expect(value.isFinite().scalar(of: Bool.self))
    for slope in slopes { #expect(slope.isFinite().all().scalar(of: Bool.self)) }
    let blind = attention(test, x)[TensorIndex.all, ..<130]
    #expect(blind.array(of: Float.self).allSatisfy { $0 == 0 })
    let spoiled = attention(test, [x[0], x[1] * Tensor(weak: Double.nan), x[2]])[TensorIndex.all, 130...]
    #expect(spoiled.isNaN().all().scalar(of: Bool.self))
  }

  /// Of one block and of several, with a kernel and without.
  static let far = [(20, 20), (40, 40), (300, 170), (150, 400)].flatMap { queries, keys in
    [true, false].map { Case(queries: queries, keys: keys, width: 8, values: 5, isCausal: $0) }
  }

  /// Keys that are all infinitely far, or products too large: such a query gives 0 as one that sees no key does,
  /// whichever way an engine computes it.
  @Test(arguments: far)
  func scoresThatAreAllInfinitelyFar(_ test: Case) throws {
    let x = operands(test, .float32)
    let isFar = RandomKey(9).uniform([test.queries, 1]) .< 0.3
    let query = isFar.select(Tensor(weak: -1e20), x[0] * 1e-20), key = (x[1].abs() + 0.1) * 1e20
    let weights = RandomKey(3).normal([2, test.queries, 5])
    let lost = Tensor(weak: -Double.infinity).cast(to: .float32).broadcast(to: x[1].shape)
    evaluate(query, key, x[0], x[2], weights, lost)
    let slopes = gradients(at: [query, key, x[2]]) { (attention(test, $0) * weights).sum() }
    let results = [attention(test, [x[0].abs() + 0.1, lost, x[2]]), attention(test, [query, key, x[2]])] + slopes
    let defined = try Engine.interpreter.compute(results).map { $0.array(of: Float.self) }
    let blind = isFar.array(of: Bool.self)
    #expect(blind.contains(true) && blind.contains(false))
    #expect(defined[0].allSatisfy { $0 == 0 })
    for (index, width) in [(1, 5), (2, 8)] {
      #expect(defined[index].enumerated().allSatisfy { $1 == 0 || !blind[$0 / width % test.queries] })
    }
    let (program, captured) = Program.tracing(outputs: results)
    for instructions in InstructionSet.available {
      let engine = Engine.cpu(instructions, threads: 2)
      for program in [program, program.fusing { _, _ in false }] {
        let computed = try engine.compile(program).run(captured).map { $0.array(of: Float.self) }
        for (index, (defined, computed)) in zip(defined, computed).enumerated() {
          let size = defined.reduce(0) { max($0, abs($1)) }
          for (defined, computed) in zip(defined, computed) {
            try #require(abs(defined - computed) <= 1e-5 * size, "result \(index), \(instructions)")
          }
        }
      }
    }
  }

  /// As where shorter sequences are filled up from the left: a whole block of keys weighs nothing.
  @Test func keysThatAreInfinitelyFar() throws {
    let test = Case(queries: 40, keys: 512, width: 8, isCausal: false)
    let x = operands(test, .float32)
    let query = x[0].abs() + 0.1
    let near = x[1].slice(axis: 1, from: 256, count: 256)
    let far = Tensor(weak: -Double.infinity).cast(to: .float32).broadcast(to: near.shape)
    let whole = attention(test, [query, Tensor.concatenate([far, near], axis: 1), x[2]])
    let rest = attention(test, [query, near, x[2].slice(axis: 1, from: 256, count: 256)])
    let (given, wanted) = (whole.array(of: Float.self), rest.array(of: Float.self))
    for i in wanted.indices { try #require(abs(given[i] - wanted[i]) <= 1e-5) }
  }
}
