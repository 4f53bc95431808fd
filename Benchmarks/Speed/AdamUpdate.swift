import Descent

/// Adam on one long parameter p. The loss Σ p·x makes x its gradient; nothing else is to be computed.
struct AdamUpdate: Task {
  let count: Int

  func prepare() throws -> Prepared {
    let model = Weight(count: count)
    let step = try CompiledStep(model, .adam(learningRate: 0.001)) { model, batch in
      (model.value * batch.inputs).sum()
    }
    let batch = Batch(inputs: Noise.tensor(0, [count]), targets: .zeros([1]))
    try step(batch)
    let loss = try step(batch)
    // The first step moves every weight by the learning rate, against the sign of its gradient.
    return Prepared(
      check: [Double(loss)], reset: {},
      run: { count in
        for _ in 0..<count { try step(batch) }
      })
  }
}

private struct Weight: Module {
  @Parameter var value: Tensor

  init(count: Int) { value = .zeros([count]) }
}
