import DescentCPU
import DescentCore
import Foundation
import Testing

/// The compiled engine computes what the interpreter defines, whatever is fused with whatever, with every family of
/// instructions this processor has.
@Suite struct RandomGraphTests {
  /// Of each element type; the environment variable DESCENT_RANDOM_GRAPHS asks for more. Each is computed once by the
  /// interpreter and once by every family of instructions.
  static let graphCount = ProcessInfo.processInfo.environment["DESCENT_RANDOM_GRAPHS"].flatMap { UInt64($0) } ?? 5200

  /// Seeds that once failed, kept for ever.
  static let oldSeeds64: [UInt64] = []
  static let oldSeeds32: [UInt64] = [5024]

  /// Parts of all graphs, to be tested side by side.
  static let parts = 0..<(8 as UInt64)

  @Test(arguments: parts)
  func agreesInFloat64(_ part: UInt64) throws {
    let engines = InstructionSet.available.map { ($0, Engine.cpu($0)) }
    for seed in Self.seeds(of: part, old: Self.oldSeeds64) {
      var graph = RandomGraph(seed: seed, dtype: .float64, mayJump: seed % 3 == 0)
      try expectAgreement(graph.draw(20), on: engines, tolerance: 1e-9, seed: seed)
    }
  }

  @Test(arguments: parts)
  func agreesInFloat32(_ part: UInt64) throws {
    let engines = InstructionSet.available.map { ($0, Engine.cpu($0, products: .pieces)) }
    for seed in Self.seeds(of: part, old: Self.oldSeeds32) {
      var graph = RandomGraph(seed: seed, dtype: .float32, mayJump: false)
      try expectAgreement(graph.draw(12), on: engines, tolerance: 2e-3, seed: seed)
    }
  }

  private static func seeds(of part: UInt64, old: [UInt64]) -> [UInt64] {
    (old + Array(0..<graphCount)).filter { $0 % parts.upperBound == part }
  }

  private func expectAgreement(
    _ tensors: [Tensor], on engines: [(InstructionSet, Engine)], tolerance: Double, seed: UInt64
  ) throws {
    let expected = try Engine.interpreter.compute(tensors)
    for (instructions, engine) in engines {
      let actual = try engine.compute(tensors)
      for (index, (expected, actual)) in zip(expected, actual).enumerated() {
        for element in 0..<expected.count {
          let (e, a) = (expected[element].real, actual[element].real)
          let isClose = e == a || (e.isNaN && a.isNaN) || abs(e - a) <= tolerance * max(1, abs(e))
          guard isClose else {
            let place = "result \(index) of shape \(tensors[index].shape), element \(element)"
            Issue.record("seed \(seed), \(instructions), \(place): \(a), not \(e)")
            return
          }
        }
      }
    }
  }
}
