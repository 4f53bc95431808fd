import Descent
import DescentCPU
import DescentCore
import Synchronization
import Testing

/// Layers with random numbers of their own, as those have that are computed twice.
private struct Keyed: Layer {
  let body: Sequential

  func callAsFunction(_ x: Tensor) -> Tensor {
    let context = ModuleContext.current
    guard context.phase == .training else { return body(x) }
    return withPhase(.training, key: context.nextKey()) { body(x) }
  }
}

@Suite struct RecomputedTests {
  private final class Programs: Sendable {
    let seen = Mutex<[Program]>([])
  }

  private func model(recomputing: Bool) -> Sequential {
    withSeed(4) {
      Sequential(
        [Dense(24, 32)]
          + (0..<6).map { _ in
            let block = Sequential {
              Dense(32, 128); BatchNorm(128); GELU(); Dropout(0.3); Dense(128, 32)
            }
            return recomputing ? Recomputed(block) : Keyed(body: block)
          } + [Dense(32, 3)])
    }
  }

  private func trained(recomputing: Bool, steps: Int = 3) throws -> (losses: [Float], values: [Float], bytes: Int) {
    let programs = Programs()
    let engine = Engine(name: "watched") { program, precision in
      programs.seen.withLock { $0.append(program) }
      return Engine.cpu.compile(program, precision: precision)
    }
    let model = model(recomputing: recomputing)
    let step = try CompiledStep(model, .sgd(learningRate: 0.1), key: RandomKey(3), engine: engine) {
      softmaxCrossEntropy(logits: $0($1.inputs), targets: $1.targets)
    }
    let batch = Batch(
      inputs: RandomKey(1).normal([256, 24]), targets: Tensor((0..<256).map { Int32($0 % 3) }))
    let losses = try (0..<steps).map { _ in try step(batch) }
    let bytes = programs.seen.withLock { $0.map { $0.intermediateBytes() }.max() ?? 0 }
    return (losses, model.state.flatMap { $0.value.array(of: Float.self) }, bytes)
  }

  @Test func learnsTheSameInLessMemory() throws {
    let (kept, recomputed) = (try trained(recomputing: false), try trained(recomputing: true))
    for (loss, same) in zip(kept.losses, recomputed.losses) { #expect(abs(loss - same) < 1e-5) }
    let difference = zip(kept.values, recomputed.values).map { abs($0 - $1) }.max()!
    #expect(difference < 1e-4)
    #expect(kept.losses[0] != kept.losses[1])
    #expect(Double(recomputed.bytes) < 0.5 * Double(kept.bytes), "\(recomputed.bytes) of \(kept.bytes) bytes")
  }

  @Test func inferenceIsThatOfTheLayers() {
    let (plain, recomputing) = (model(recomputing: false), model(recomputing: true))
    let x = RandomKey(2).normal([4, 24])
    #expect(plain(x).array(of: Float.self) == recomputing(x).array(of: Float.self))
  }

  @Test func blocksOfAGPTLearnTheSame() throws {
    func weights(recomputing: Bool) throws -> [Float] {
      var model = withSeed(2) { GPT(.init(vocabulary: 20, context: 16, layers: 3, heads: 2, width: 16)) }
      model.recomputesBlocks = recomputing
      let step = try CompiledStep(model, .adamW(learningRate: 0.01), key: RandomKey(1)) {
        softmaxCrossEntropy(logits: $0($1.inputs), targets: $1.targets)
      }
      let tokens = (0..<(4 * 16)).map { Int32($0 * $0 % 20) }
      for _ in 0..<4 {
        try step(
          Batch(inputs: Tensor(tokens, shape: [4, 16]), targets: Tensor(tokens.map { ($0 + 1) % 20 }, shape: [4, 16])))
      }
      return model.parameters.flatMap { $0.value.array(of: Float.self) }
    }
    let (kept, recomputed) = (try weights(recomputing: false), try weights(recomputing: true))
    let difference = zip(kept, recomputed).map { abs($0 - $1) }.max()!
    #expect(difference < 1e-3)
  }
}
