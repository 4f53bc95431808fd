import DescentCore

/// The rows of one step.
struct Batch {
  let inputs: Memory
  let labels: Memory
}

/// One pass over the training points: a compiled program that shuffles them and cuts them into batches of equal size.
/// What is left over is trained on in other passes.
struct BatchPass {
  let batches: [Batch]
  private let executable: Executable
  private let inputs: [Memory]
  private let outputs: [Memory]

  /// Shuffles anew.
  func shuffle() throws(EvaluationError) { try executable.run(inputs, into: outputs) }

  /// - Parameters:
  ///   - features: [points, features].
  ///   - labels: [points, 1].
  init(features: Tensor, labels: Tensor, batchSize: Int, key: RandomKey, engine: Engine) throws(EvaluationError) {
    let count = features.shape[0]
    let values = try engine.compute([features, labels, key.data])
    var arguments = Arguments()
    let rows = arguments.add(features.shape, values[0])
    let classes = arguments.add(labels.shape, values[1])
    let state = arguments.add([2], values[2].copy())
    let (next, current) = RandomKey(data: state).split()
    let order = current.permutation(count)

    var results = [next.data]
    var memories = [arguments.memories[arguments.position(of: state)]]
    var batches: [Batch] = []
    let shuffled = [rows.gather(order), classes.gather(order)]
    for start in stride(from: 0, through: count - batchSize, by: batchSize) {
      results += shuffled.map { $0.slice(axis: 0, from: start, count: batchSize) }
      let batch = Batch(
        inputs: Memory(.float32, count: batchSize * features.shape[1]), labels: Memory(.float32, count: batchSize))
      memories += [batch.inputs, batch.labels]
      batches.append(batch)
    }
    var updates = [Int?](repeating: nil, count: results.count)
    updates[0] = arguments.position(of: state)
    let (program, captured) = Program.tracing(inputs: arguments.tensors, outputs: results, updates: updates)
    self.batches = batches
    executable = engine.compile(program)
    inputs = arguments.memories + captured
    outputs = memories
  }
}
