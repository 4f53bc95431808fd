import Descent

/// A transformer that reads one token after the other and keeps the keys and values of the earlier ones.
///
/// It begins anew when the context is full.
struct CachedTransformer: Layer {
  let model: Transformer
  let caches: [KeyValueCache]
  @Buffer var position: Tensor

  init(_ model: Transformer) {
    let (context, width) = (model.positions.shape[0], model.positions.shape[1])
    self.model = model
    caches = model.blocks.map { KeyValueCache(heads: $0.attention.heads, context: context, width: width) }
    position = Tensor(0, dtype: .int32)
  }

  /// The logits of what follows a token.
  func callAsFunction(_ token: Tensor) -> Tensor {  // [1] → [1, vocabulary]
    let context = model.positions.shape[0]
    let place = position
    var x = model.tokens.gather(token) + model.positions.gather(place.reshaped([1]))  // [1, width]
    for (block, cache) in zip(model.blocks, caches) {
      let y = x + cache.attend(block.attention, block.attentionNorm(x), at: place)
      x = y + block.down(gelu(block.up(block.norm(y))))
    }
    position = (place .== context - 1).select(0, place + 1)
    return model.norm(x).matmul(model.tokens.T)
  }
}

/// The keys and values of the tokens read so far.
struct KeyValueCache: Module {
  @Buffer var keys: Tensor  // [head, context, feature]
  @Buffer var values: Tensor  // [head, context, feature]

  init(heads: Int, context: Int, width: Int) {
    keys = .zeros([heads, context, width / heads])
    values = .zeros([heads, context, width / heads])
  }

  /// Attention of the token at a place to itself and those before it.
  func attend(_ attention: SelfAttention, _ x: Tensor, at place: Tensor) -> Tensor {  // [1, width] → [1, width]
    let (heads, context, features) = (keys.shape[0], keys.shape[1], keys.shape[2])
    let parts = attention.qkv(x).split(into: 3, axis: -1).map { $0.reshaped([heads, 1, features]) }
    keys = keys.replacing(at: place, with: parts[1])
    values = values.replacing(at: place, with: parts[2])
    let scores = parts[0].matmul(keys.swappingAxes(1, 2)) / Double(features).squareRoot()  // [head, 1, context]
    let weights = softmax((Tensor.arange(context) .<= place).select(scores, Tensor(-Double.infinity)))
    return attention.output(weights.matmul(values).reshaped([1, heads * features]))
  }
}

extension Tensor {
  /// A copy with one row of each head replaced.
  fileprivate func replacing(at place: Tensor, with row: Tensor) -> Tensor {  // [head, context, feature]
    let places = place.reshaped([1])
    return scatterAdd(row - gather(places, axis: 1), at: places, axis: 1)
  }
}

/// Greedy generation, token by token: a step reads a token and chooses the most likely next one.
struct TokenGeneration: Task {
  let layers: Int
  let heads: Int
  let width: Int
  let context: Int
  let vocabulary: Int

  func prepare() throws -> Prepared {
    let model = Transformer(vocabulary: vocabulary, context: context, layers: layers, heads: heads, width: width)
    try model.loadCommonWeights()
    let cached = CachedTransformer(model)
    let logits = try checkedLogits(model, cached)
    let bound = CompiledModel(Greedy(model: cached)).bound(to: [1], dtype: .int32)
    var token = ScalarValue.integer(0)
    return Prepared(
      check: [0, (logits.count - 1) / 2, logits.count - 1].map { Double(logits[$0]) },
      reset: {
        cached.position = Tensor(0, dtype: .int32)
        token = .integer(0)
      },
      run: { count in
        for _ in 0..<count {
          bound.inputs[0] = token
          try bound.run()
          token = bound.outputs[0]
        }
      })
  }

  /// The logits after each of a context of tokens, which must be those of the model that sees all tokens at once.
  private func checkedLogits(_ model: Transformer, _ cached: CachedTransformer) throws -> [Float] {
    let tokens = (0..<context).map { Int32(Noise.unit(1000, $0) * Float(vocabulary)) }
    let compiled = CompiledModel(cached)
    var logits: [Float] = []
    for token in tokens { logits += try compiled(Tensor([token])).array() }
    let whole: [Float] = model(Tensor([tokens])).array()
    let difference = zip(logits, whole).reduce(0) { Swift.max($0, abs($1.0 - $1.1)) }
    precondition(difference < 1e-4, "with the cache the logits differ by \(difference) from those without")
    return logits
  }
}

private struct Greedy: Layer {
  let model: CachedTransformer
  func callAsFunction(_ token: Tensor) -> Tensor { model(token).argMax(axis: -1) }
}
