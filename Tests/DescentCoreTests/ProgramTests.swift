import DescentCPU
import DescentCore
import Testing

/// What tracing leaves of a graph.
@Suite struct ProgramTests {
  private static let x = Tensor.input(0, shape: [2, 3], dtype: .float32)
  private static let y = Tensor.input(1, shape: [2, 3], dtype: .float32)

  private static func program(_ outputs: Tensor...) -> Program {
    Program.tracing(inputs: [x, y], outputs: outputs).program
  }

  /// The instructions after the two inputs.
  private static func names(_ outputs: Tensor...) -> [String] {
    Program.tracing(inputs: [x, y], outputs: outputs).program.instructions.dropFirst(2).map(\.primitive.name)
  }

  struct Row: Sendable, CustomStringConvertible {
    let description: String
    let result: Tensor
    let remains: [String]
  }

  static let rows: [Row] = [
    Row(description: "x + 0", result: x + 0, remains: []),
    Row(description: "0 + x", result: 0 + x, remains: []),
    Row(description: "x - 0", result: x - 0, remains: []),
    Row(description: "0 - x", result: 0 - x, remains: ["negate"]),
    Row(description: "x · 1", result: x * 1, remains: []),
    Row(description: "1 · x", result: 1 * x, remains: []),
    Row(description: "x · -1", result: x * -1, remains: ["negate"]),
    Row(description: "-1 · x", result: -1 * x, remains: ["negate"]),
    Row(description: "x / 1", result: x / 1, remains: []),
    Row(description: "1 / x stays", result: 1 / x, remains: ["literal", "broadcast", "divide"]),
    Row(description: "x · 0 stays", result: x * 0, remains: ["literal", "broadcast", "multiply"]),
    Row(description: "x - x stays", result: x - x, remains: ["subtract"]),
    Row(description: "x / x stays", result: x / x, remains: ["divide"]),
    Row(description: "x to the power 1", result: x.pow(1), remains: []),
    Row(description: "x to the power 2", result: x.pow(2), remains: ["multiply"]),
    Row(description: "x to the power 3", result: x.pow(3), remains: ["literal", "broadcast", "pow"]),
    Row(description: "--x", result: -(-x), remains: []),
    Row(
      description: "numbers fold", result: x + Tensor(2) * Tensor(3).exp(), remains: ["literal", "broadcast", "add"]),
    Row(description: "numbers fold to 0", result: x + (Tensor(2) - Tensor(2)), remains: []),
    Row(
      description: "filled tensors fold", result: Tensor.ones([2, 3]) + Tensor.ones([2, 3]),
      remains: ["literal", "broadcast"]),
    Row(description: "a shared term once", result: (x * y).exp() + (x * y).exp(), remains: ["multiply", "exp", "add"]),
    Row(
      description: "equal numbers once", result: (x + 2) * (y + 2),
      remains: ["literal", "broadcast", "add", "add", "multiply"]),
    Row(description: "dead branch", result: Tensor(true).select(x, y.exp()), remains: []),
    Row(description: "dead other branch", result: Tensor(false).select(y.exp(), x), remains: []),
    Row(description: "select of the same", result: (x .> 0).select(y, y), remains: []),
    Row(description: "cast to itself", result: Tensor(.convert(.float32), x), remains: []),
    Row(
      description: "casts there and back stay", result: x.cast(to: .int32).cast(to: .float32),
      remains: ["convert", "convert"]),
    Row(description: "reshape to itself", result: Tensor(.reshape([2, 3]), x), remains: []),
    Row(description: "reshape twice", result: x.reshaped([6]).reshaped([3, 2]), remains: ["reshape"]),
    Row(description: "reshape there and back", result: x.reshaped([6]).reshaped([2, 3]), remains: []),
    Row(description: "transpose to itself", result: Tensor(.transpose([0, 1]), x), remains: []),
    Row(description: "transpose there and back", result: x.transposed().transposed(), remains: []),
    Row(
      description: "transposes join", result: x.reshaped([1, 2, 3]).transposed([1, 2, 0]).transposed([1, 2, 0]),
      remains: ["reshape", "transpose"]),
    Row(
      description: "broadcasts join", result: x.broadcast(to: [4, 2, 3]).broadcast(to: [5, 4, 2, 3]),
      remains: ["broadcast"]),
    Row(
      description: "a whole slice", result: Tensor(.slice(starts: [0, 0], extents: [2, 3], strides: [1, 1]), x),
      remains: []),
    Row(description: "sum over an axis of 1", result: x.reshaped([2, 1, 3]).sum(axis: 1), remains: []),
    Row(description: "max over no axis", result: x.max(axes: []), remains: []),
    Row(description: "one part joined", result: Tensor(.concatenate(axis: 0), x), remains: []),
    Row(description: "stopped gradient", result: x.stopGradient(), remains: []),
    Row(
      description: "stated derivative",
      result: withDerivative(at: [x]) {
        $0[0]
      } pullback: { _, _, c in
        [c]
      }, remains: []),
    Row(description: "gradient of a sum", result: gradient(at: x) { $0.sum() }, remains: ["literal", "broadcast"]),
    Row(description: "gradient of x²", result: gradient(at: x) { ($0 * $0).sum() }, remains: ["add"]),
  ]

  @Test(arguments: rows) func simplifies(_ row: Row) {
    #expect(Self.names(row.result) == row.remains)
  }

  @Test func describesItself() {
    let program = Self.program((Self.x * Self.y).sum(axis: 1), Self.x)
    let text = """
      %0 = input() float32[2, 3]
      %1 = input() float32[2, 3]
      %2 = multiply(%0, %1) float32[2, 3]
      %3 = sum(%2) float32[2]
      return [3, 0]

      """
    #expect(program.description == text)
    #expect(program.inputs == [0, 1] && program.outputs == [3, 0] && program.updates == [nil, nil])
  }

  @Test func equalExpressionsAreEqualPrograms() {
    let first = Self.program(Self.x.exp() * 2)
    let second = Self.program(Self.x.exp() * 2)
    #expect(first == second && first.hashValue == second.hashValue)
    #expect(first != Self.program(Self.x.exp() * 3))
    #expect(first != Self.program(Self.y.exp() * 2))
  }

  @Test func evaluatedTensorsAreCaptured() {
    let known = Tensor([1.0, 2, 3])
    let sum = known + 1
    evaluate(sum)
    let (program, captured) = Program.tracing(inputs: [Self.x], outputs: [Self.x * sum + sum])
    #expect(captured.count == 1)
    #expect(captured[0].array(of: Float.self) == [2, 3, 4])
    #expect(program.inputs.count == 2)
    #expect(!program.instructions.contains { $0.primitive == .constant })
  }

  @Test func computingLeavesTensorsAsTheyAre() throws {
    let sum = Tensor([1.0, 2]) + 1
    for engine in engines {
      let values = try engine.compute([sum])[0].array(of: Float.self)
      #expect(values == [2, 3])
    }
    #expect(sum.node.value == nil)
    evaluate(sum)
    #expect(sum.node.value != nil && sum.node.operands.isEmpty)
  }

  @Test func foldingRoundsLikeRunning() throws {
    // 0.1 + 0.2 in float32, not in double.
    let folded = try Engine.interpreter.compute([Tensor(0.1, dtype: .float32) + Tensor(0.2, dtype: .float32)])[0]
    #expect(folded[0] == .real(Double(Float(0.1) + Float(0.2))))
    let wrapped = try Engine.interpreter.compute([Tensor(Int32.max) + Tensor(Int32(1))])[0]
    #expect(wrapped[0] == .integer(Int64(Int32.min)))
  }

  // MARK: Simplified whole against one operation at a time

  @Test func simplificationKeepsEveryValue() throws {
    for seed in 0..<300 {
      var source = RandomSource(UInt64(seed), stream: 77)
      var whole: [Tensor] = [RandomGraph.leaf(&source), RandomGraph.leaf(&source)]
      var single = whole
      for _ in 0..<12 {
        let step = RandomGraph.step(count: whole.count, &source)
        whole.append(step(whole))
        let next = step(single)
        single.append(Tensor(try Engine.interpreter.compute([next])[0], shape: next.shape))
      }
      let expected = single.map { $0.array(of: Double.self) }
      for engine in engines {
        for (index, (values, wanted)) in zip(try results(whole, on: engine), expected).enumerated() {
          let isExact = engine.name == Engine.interpreter.name
          let agrees = zip(values, wanted).allSatisfy { value, wanted in
            value == wanted || (value.isNaN && wanted.isNaN)
              || (!isExact && (value - wanted).magnitude <= 1e-12 * max(1, wanted.magnitude))
          }
          #expect(
            agrees && values.count == wanted.count, "\(engine.name), seed \(seed), tensor \(index): \(values) \(wanted)"
          )
        }
      }
    }
  }
}

/// Steps over [2, 3] tensors of float64 that give simplification something to find. None can tell zeros of different
/// sign apart.
private enum RandomGraph {
  static func leaf(_ source: inout RandomSource) -> Tensor {
    let values = [0, 1, -1, 2, 0.5, -3, .infinity, -.infinity, .nan]
    return doubles((0..<6).map { _ in values.randomElement(using: &source)! }, [2, 3])
  }

  static func step(count: Int, _ source: inout RandomSource) -> ([Tensor]) -> Tensor {
    let (a, b) = (Int.random(in: 0..<count, using: &source), Int.random(in: 0..<count, using: &source))
    let constant = [0, 1, -1, 2, 0.5, .infinity, .nan].randomElement(using: &source)!
    let steps: [([Tensor]) -> Tensor] = [
      { $0[a] + $0[b] }, { $0[a] - $0[b] }, { $0[a] * $0[b] }, { $0[a] + constant }, { constant - $0[a] },
      { $0[a] * constant }, { $0[a] - constant }, { constant * $0[b] }, { -$0[a] }, { minimum($0[a], $0[b]) },
      { maximum($0[a], number(constant)) }, { ($0[a] .> $0[b]).select($0[b], $0[a]) },
      { (number(constant) .> $0[b]).select($0[b], $0[a]) },
      { $0[a].pow(2) }, { $0[a].pow(1) }, { $0[a].transposed().transposed() },
      { $0[a].reshaped([6]).reshaped([2, 3]) },
      { $0[a].sum(axis: 0).broadcast(to: [2, 3]) }, { $0[a].max(axis: 1, keepingAxis: true) + $0[b] },
      { $0[a].cast(to: .float32).cast(to: .float64) }, { $0[a].cast(to: .bool).cast(to: .float64) },
      { .full([2, 3], constant, dtype: .float64) * $0[a].tanh() }, { $0[a].abs() / 2 }, { $0[a] / 1 },
      { .concatenate([$0[a][0..<1], $0[b][1..<2]]) }, { $0[a].flipped().flipped() }, { $0[a].stopGradient() },
    ]
    return steps.randomElement(using: &source)!
  }
}
