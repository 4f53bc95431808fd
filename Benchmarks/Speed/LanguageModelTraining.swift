import Descent

/// Training steps of a transformer that predicts the next token.
struct LanguageModelTraining: TrainingTask {
  let layers: Int
  let heads: Int
  let width: Int
  let context: Int
  let vocabulary: Int
  let learningRate: Double
  let batch: Int
  let batches: Int
  let precision: Precision?

  func makeStep() throws -> CompiledStep<Transformer> {
    let model = Transformer(vocabulary: vocabulary, context: context, layers: layers, heads: heads, width: width)
    try model.loadCommonWeights()
    return try CompiledStep(
      model, .adamW(learningRate: learningRate, beta2: 0.95, weightDecay: 0.1), precision: precision ?? .float32
    ) { model, batch in softmaxCrossEntropy(logits: model(batch.inputs), targets: batch.targets) }
  }

  /// Tokens of which the first of the vocabulary are the most frequent.
  func data(_ index: Int) -> Batch {
    let tokens = (0..<(batch * (context + 1))).map { position in
      let u = Noise.unit(1000 + index, position)
      return Int32(u * u * Float(vocabulary))
    }
    let rows = Tensor(tokens, shape: [batch, context + 1])
    return Batch(inputs: rows[TensorIndex.all, ..<(-1)], targets: rows[TensorIndex.all, 1...])
  }
}
