import Descent

/// Training steps of a model, one batch after the other, over and over.
protocol TrainingTask: Task {
  associatedtype Model: Module
  var batches: Int { get }
  func makeStep() throws -> CompiledStep<Model>
  func data(_ index: Int) -> Batch
}

extension TrainingTask {
  func prepare() throws -> Prepared { try Prepared(training: makeStep(), on: (0..<batches).map(data)) }

  /// Makes the first step of a model, which traces and plans it, and a few more to tell what the step itself takes.
  func firstStep() throws -> FirstStep {
    let step = try makeStep()
    let batch = data(0)
    let first = try microseconds { try step(batch) }
    let later = try (0..<5).map { _ in try microseconds { try step(batch) } }.sorted()
    return FirstStep(
      firstMicroseconds: first, laterMicroseconds: later.reduce(0, +),
      planningMicroseconds: first - later[later.count / 2])
  }
}

/// How long the first step of a model took, in a process that made none before.
struct FirstStep: Encodable {
  let firstMicroseconds: Double
  /// All the steps after it, which are not part of the start.
  let laterMicroseconds: Double
  /// Tracing and planning: what the first step took longer than later ones.
  let planningMicroseconds: Double
}

extension Prepared {
  /// Compares the losses on the first batch before and after twenty steps, which must have made it smaller.
  init<Model: Module>(training step: CompiledStep<Model>, on batches: [Batch]) throws {
    let start = step.checkpoint()
    let before = try step(batches[0])
    for index in 1..<20 { try step(batches[index % batches.count]) }
    let after = try step(batches[0])
    precondition(after < before, "training did not make the loss smaller: \(before) → \(after)")
    self.init(
      check: [Double(before), Double(after)],
      reset: { try step.restore(start) },
      run: { count in
        for index in 0..<count { try step(batches[index % batches.count]) }
      })
  }
}
