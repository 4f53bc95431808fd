import DescentCPU
import DescentCore
import Testing

/// Memory: what is updated in place, what must not be, and what is reported.
@Suite struct PlanTests {
  private func input(_ index: Int, _ shape: [Int]) -> Tensor { .input(index, shape: shape, dtype: .float32) }

  private func run(_ inputs: [Tensor], _ outputs: [Tensor], updates: [Int?], on values: [[Float]]) throws -> [[Float]] {
    let (program, captured) = Program.tracing(inputs: inputs, outputs: outputs, updates: updates)
    let memories = values.map { Memory($0) }
    let results = zip(outputs, updates).map { output, update in
      update.map { memories[$0] } ?? Memory(output.dtype, count: output.shape.reduce(1, *))
    }
    let executable = Engine.cpu.compile(program)
    try executable.run(memories + captured, into: results)
    return results.map { $0.array() }
  }

  @Test func aParameterIsUpdatedInItsOwnMemory() throws {
    let w = input(0, [3])
    #expect(try run([w], [w - 0.5 * w], updates: [0], on: [[2, 4, 6]]) == [[1, 2, 3]])
  }

  @Test func oldValuesAreReadBeforeTheyAreOverwritten() throws {
    let (a, b) = (input(0, [4]), input(1, [4]))
    let results = try run([a, b], [a + b, a * b, a - b], updates: [0, nil, 1], on: [[1, 2, 3, 4], [5, 6, 7, 8]])
    #expect(results == [[6, 8, 10, 12], [5, 12, 21, 32], [-4, -4, -4, -4]])
  }

  @Test func twoParametersCanChangePlaces() throws {
    let (a, b) = (input(0, [2]), input(1, [2]))
    #expect(try run([a, b], [b, a], updates: [0, 1], on: [[1, 2], [3, 4]]) == [[3, 4], [1, 2]])
  }

  @Test func aTransposedReadOfAnUpdatedMatrixSeesTheOldOne() throws {
    let w = input(0, [2, 2])
    let results = try run([w], [w + w.T, w.T.matmul(w)], updates: [0, nil], on: [[1, 2, 3, 4]])
    #expect(results == [[2, 5, 5, 8], [10, 14, 14, 20]])
  }

  @Test func anInputCanBeAResult() throws {
    let a = input(0, [2])
    #expect(try run([a], [a, a, a + 1], updates: [nil, nil, 0], on: [[1, 2]]) == [[1, 2], [1, 2], [2, 3]])
  }

  @Test func theSamePlanFollowsMemoryThatMoves() throws {
    let a = input(0, [3])
    let (program, _) = Program.tracing(inputs: [a], outputs: [a * 2])
    let executable = Engine.cpu.compile(program)
    #expect(try executable.run([Memory([1, 2, 3] as [Float])])[0].array(of: Float.self) == [2, 4, 6])
    #expect(try executable.run([Memory([4, 5, 6] as [Float])])[0].array(of: Float.self) == [8, 10, 12])
  }

  @Test func planningIsSharedByThreads() async throws {
    let x = RandomKey(1).normal([50, 50])
    evaluate(x)
    let expected: [Float] = (x.matmul(x).tanh() + 1).sum(axis: 0).array()
    await withTaskGroup(of: [Float].self) { group in
      for _ in 0..<16 { group.addTask { (x.matmul(x).tanh() + 1).sum(axis: 0).array() } }
      for await result in group { #expect(result == expected) }
    }
  }

  @Test func anIndexOutsideItsAxisIsAnErrorWithItsValue() {
    let table = Tensor([1, 2, 3] as [Float])
    for engine in [Engine.interpreter, .cpu] {
      #expect(throws: EvaluationError.indexOutOfRange("gather", index: 7, extent: 3)) {
        try engine.compute([table.gather(Tensor([0, 7] as [Int32]))])
      }
      #expect(throws: EvaluationError.indexOutOfRange("scatterAdd", index: -1, extent: 3)) {
        try engine.compute([table.scatterAdd(Tensor([1] as [Float]), at: Tensor([-1] as [Int32]))])
      }
    }
  }

  @Test func noParameterChangesWhenAnIndexIsOutOfRange() throws {
    let (w, table, positions) = (input(0, [3]), input(1, [4]), Tensor.input(2, shape: [2], dtype: .int32))
    // Both updates could be made before the index is looked at, the second even after its gradient was scattered.
    let picked = table.gather(positions)
    let outputs = [w * 2, (picked * picked).sum(), table + Tensor.zeros([4]).scatterAdd(picked, at: positions)]
    let (program, captured) = Program.tracing(
      inputs: [w, table, positions], outputs: outputs, updates: [0, nil, 1])
    for engine in [Engine.interpreter, .cpu] {
      let memories = [Memory([1, 2, 3] as [Float]), Memory([1, 2, 3, 4] as [Float]), Memory([0, 9] as [Int32])]
      let results = [memories[0], Memory(.float32, count: 1), memories[1]]
      let executable = engine.compile(program)
      #expect(throws: EvaluationError.indexOutOfRange("gather", index: 9, extent: 4), "\(engine.name)") {
        try executable.run(memories + captured, into: results)
      }
      #expect(memories[0].array(of: Float.self) == [1, 2, 3], "\(engine.name)")
      #expect(memories[1].array(of: Float.self) == [1, 2, 3, 4], "\(engine.name)")
      memories[2].copy(from: Memory([0, 3] as [Int32]))
      try executable.run(memories + captured, into: results)
      #expect(memories[0].array(of: Float.self) == [2, 4, 6], "\(engine.name)")
      #expect(results[1].array(of: Float.self) == [17], "\(engine.name)")
      #expect(memories[1].array(of: Float.self) == [2, 2, 3, 8], "\(engine.name)")
    }
  }

  @Test func whereNothingMovesNoIndexIsLookedAt() throws {
    let far = Tensor([7] as [Int32])
    for engine in [Engine.interpreter, .cpu] {
      #expect(try engine.compute([Tensor.zeros([3, 0]).gather(far)])[0].count == 0)
      let sum = Tensor.zeros([3, 0]).scatterAdd(Tensor.zeros([1, 0]), at: far)
      #expect(try engine.compute([sum])[0].count == 0)
    }
  }

  @Test func anyNumberOfAxesIsFollowed() throws {
    let x = RandomKey(3).normal([2, 3, 2, 2, 1, 2, 2, 3, 2, 2, 2])
    let reversed = x.transposed()
    let apart = x.shape.indices.filter { $0 % 2 == 0 }
    let results = [
      reversed.reshaped([-1]), reversed.exp() + Tensor.index(2), reversed * reversed.flipped(axes: apart),
      reversed.sum(axes: apart), reversed.padded(reversed.shape.map { _ in (1, 0) }),
      .concatenate([reversed, reversed + 1], axis: 4), reversed,
      x.transposed([10, 1, 8, 3, 6, 5, 4, 7, 2, 9, 0]).exp(),
    ]
    let (a, b) = (try Engine.cpu.compute(results), try Engine.interpreter.compute(results))
    for (a, b) in zip(a, b) {
      #expect(zip(a.array(of: Float.self), b.array(of: Float.self)).allSatisfy { abs($0 - $1) < 1e-5 })
    }
  }

  @Test func manyAxesAreMergedWhereTheyCan() throws {
    let shape = [2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2]
    let x = RandomKey(2).normal(shape)
    let y = (x.transposed() * 2 + 1).sum(axes: [0, 5])
    let (a, b) = (try Engine.cpu.compute([y])[0], try Engine.interpreter.compute([y])[0])
    #expect(zip(a.array(of: Float.self), b.array(of: Float.self)).allSatisfy { abs($0 - $1) < 1e-5 })
  }
}
