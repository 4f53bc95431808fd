import DescentCPU
import DescentCore
import Testing

/// The compiled engine computes what the interpreter defines, whatever is fused with whatever.
@Suite struct RandomGraphTests {
  static let graphCount: UInt64 = 1700

  /// Seeds that once failed, kept for ever.
  static let oldSeeds: [UInt64] = []

  @Test(arguments: InstructionSet.available)
  func agreesInFloat64(_ instructions: InstructionSet) throws {
    let engine = Engine.cpu(instructions)
    for seed in Self.oldSeeds + Array(0..<Self.graphCount) {
      var graph = RandomGraph(seed: seed, dtype: .float64, mayJump: true)
      try expectAgreement(graph.draw(25), on: engine, tolerance: 1e-9, seed: seed)
    }
  }

  @Test(arguments: InstructionSet.available)
  func agreesInFloat32(_ instructions: InstructionSet) throws {
    let engine = Engine.cpu(instructions, products: .pieces)
    for seed in 0..<Self.graphCount {
      var graph = RandomGraph(seed: seed, dtype: .float32, mayJump: false)
      try expectAgreement(graph.draw(12), on: engine, tolerance: 2e-3, seed: seed)
    }
  }

  private func expectAgreement(_ tensors: [Tensor], on engine: Engine, tolerance: Double, seed: UInt64) throws {
    let expected = try Engine.interpreter.compute(tensors)
    let actual = try engine.compute(tensors)
    for (index, (expected, actual)) in zip(expected, actual).enumerated() {
      for element in 0..<expected.count {
        let (e, a) = (expected[element].real, actual[element].real)
        let isClose = e == a || (e.isNaN && a.isNaN) || abs(e - a) <= tolerance * max(1, abs(e))
        guard isClose else {
          let place = "result \(index) of shape \(tensors[index].shape), element \(element)"
          Issue.record("seed \(seed), \(place): \(a), not \(e)")
          return
        }
      }
    }
  }
}
