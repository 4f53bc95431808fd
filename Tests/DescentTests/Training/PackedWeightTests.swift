import Descent
import Testing

/// Compiled models lay out weights once for many calls. Whatever changes a weight, the next answer is the one of a model
/// that has never seen another.
@Suite struct PackedWeightTests {
  private static let precisions = [Precision.float32, .bfloat16]

  private let image = RandomKey(1).normal([1, 14, 14, 32])
  private func network() -> Sequential {
    withSeed(2) {
      Sequential {
        Convolution(32, 64, window: [3, 3], padding: .same); ReLU(); MaxPooling([2, 2]); Flatten()
        Dense(49 * 64, 128); ReLU(); Dense(128, 70)
      }
    }
  }

  @Test(arguments: precisions)
  func followWhateverChangesThem(_ precision: Precision) throws {
    let model = network()
    let compiled = CompiledModel(model, precision: precision)
    let twin = CompiledModel(model, precision: precision, engine: .cpu(.best, threads: 3))
    let bound = twin.bound(to: image.shape)
    for (index, value) in image.array().enumerated() { bound.inputs[index] = .real(Double(value)) }
    let batch = Batch(inputs: image, targets: Tensor([Int32(7)]))
    let step = try CompiledStep(model, .sgd(learningRate: 1e-4)) { model, batch in
      softmaxCrossEntropy(logits: model(batch.inputs), targets: batch.targets)
    }
    let checkpoint = step.checkpoint()
    let changes: [() throws -> Void] = [
      {},
      { try step(batch) },
      { for _ in 0..<3 { try step(batch) } },
      { try model.load(network().state) },
      { for _ in 0..<2 { try step(batch) } },
      { try step.restore(checkpoint) },
      { for entry in ParameterTree(model).entries { entry.storage.stored = entry.storage.stored * 1.5 } },
      {
        try model.fit(
          Dataset(inputs: image, targets: batch.targets), loss: .softmaxCrossEntropy,
          optimizer: .sgd(learningRate: 1e-4),
          epochs: 2)
      },
    ]
    var seen: [[UInt32]] = []
    for change in changes {
      try change()
      let answer = try fresh(model, image, precision)
      for _ in 0..<4 {
        #expect(bits(try compiled(image)) == answer)
        #expect(bits(try twin(image)) == answer)
        try bound.run()
        #expect(bound.outputs.array(of: Float.self).map(\.bitPattern) == answer)
      }
      seen.append(answer)
    }
    // The checkpoint and the state loaded are those of the start.
    #expect(Set(seen).count == changes.count - 2)
    model.convert(to: .float64)
    model.convert(to: .float32)
    for _ in 0..<3 { #expect(bits(try compiled(image)) == seen.last) }
  }

  @Test(arguments: precisions)
  func areThoseOfTheModelThatAsks(_ precision: Precision) throws {
    // Models of one structure may share a plan.
    let (model, other) = (network(), network())
    try other.load(ModuleValues(model.state.map { (path: $0.path, value: $0.value * 2) }))
    let answers = try [model, other].map { try fresh($0, image, precision) }
    #expect(answers[0] != answers[1])
    for which in [0, 0, 0, 1, 1, 1, 0, 1, 0, 0, 1] {
      #expect(bits(try [model, other][which].predict(image, precision: precision)) == answers[which])
    }
  }

  @Test(arguments: precisions)
  func mayBeReadInTwoWays(_ precision: Precision) throws {
    let model = Tied()
    let compiled = CompiledModel(model, precision: precision)
    let x = RandomKey(3).normal([1, 96])
    for factor in [1, 2, 3] as [Tensor] {
      model.weight = RandomKey(4).normal([96, 80]) * factor
      let answer = try fresh(model, x, precision)
      for _ in 0..<4 { #expect(bits(try compiled(x)) == answer) }
    }
  }

  @Test func areNotWhatAnotherModelChanges() throws {
    let memory = Remembered()
    let (reading, writing) = (CompiledModel(memory), CompiledModel(Remembering(memory: memory)))
    let x = RandomKey(5).normal([1, 64])
    for turn in 0..<5 {
      let answer = try fresh(memory, x, .float32)
      for _ in 0..<turn { #expect(bits(try reading(x)) == answer) }
      #expect(bits(try writing(x)) == answer)
      #expect(try fresh(memory, x, .float32) != answer)
    }
  }

  /// The bits of an answer of a plan that runs for the first time.
  private func fresh(_ model: some Layer, _ x: Tensor, _ precision: Precision) throws -> [UInt32] {
    let answer = try Engine.cpu(.best, threads: 2).compute([model(x)], precision: precision)
    return answer[0].array(of: Float.self).map(\.bitPattern)
  }

  private func bits(_ tensor: Tensor) -> [UInt32] { tensor.array(of: Float.self).map(\.bitPattern) }
}

private struct Tied: Layer {
  @Parameter var weight = Tensor.zeros([96, 80])

  func callAsFunction(_ x: Tensor) -> Tensor { x.matmul(weight).matmul(weight.transposed()) }
}

private struct Remembered: Layer {
  @Buffer var rows = RandomKey(6).normal([64, 90])

  func callAsFunction(_ x: Tensor) -> Tensor { x.matmul(rows) }
}

private struct Remembering: Layer {
  let memory: Remembered

  func callAsFunction(_ x: Tensor) -> Tensor {
    let answer = memory(x)
    memory.rows = memory.rows + answer
    return answer
  }
}
