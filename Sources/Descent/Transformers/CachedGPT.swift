public import DescentCore
import DescentRules

/// A GPT that reads a text a few tokens at a time and keeps the keys and values of the earlier ones, so that a further
/// token costs the same however many were read.
///
/// Shapes: tokens [batch, time], the next of each sequence → logits of what follows the last [batch, vocabulary]. It
/// takes up to the model's context in all; `reset()` begins anew. The model's parameters are shared, not copied.
///
/// ```swift
/// let reader = CompiledModel(CachedGPT(model))
/// for token in tokens { logits = try reader(Tensor([[Int32(token)]])) }
/// ```
public struct CachedGPT: Layer {
  public let model: GPT
  let caches: [KeyValueCache]
  /// How many tokens were read.
  @Buffer public var place: Tensor

  /// - Parameter batch: how many sequences are read side by side.
  public init(_ model: GPT, batch: Int = 1) {
    self.model = model
    let c = model.configuration
    caches = model.blocks.map { _ in
      KeyValueCache(
        shape: [batch, c.keyValueHeads, c.context, c.width / c.heads], dtype: model.tokens.$weight.storage.dtype)
    }
    place = Tensor(0, dtype: .int32)
  }

  public func callAsFunction(_ tokens: Tensor) -> Tensor {  // [batch, time] → [batch, vocabulary]
    guard tokens.rank == 2 else { fatalError("CachedGPT: expects [batch, time], not \(text(tokens.shape))") }
    let time = tokens.shape[1]
    let places = place + Tensor.arange(time)
    var x = model.tokens(tokens)  // [batch, time, width]
    if let positions = model.positions { x = x + positions.weight.gather(places) }
    for (block, cache) in zip(model.blocks, caches) {
      x = block(x) { cache.attend(block.attention, $0, at: places) }
    }
    place = place + time
    return model.logits(x[TensorIndex.all, -1])
  }

  /// Forgets all that was read.
  public func reset() {
    for cache in caches { cache.reset() }
    place = Tensor(0, dtype: .int32)
  }
}

/// The keys and values of the tokens a block has read.
struct KeyValueCache: Module {
  @Buffer var keys: Tensor  // [batch, heads, context, features]
  @Buffer var values: Tensor  // [batch, heads, context, features]

  init(shape: [Int], dtype: DType) {
    keys = .zeros(shape, dtype: dtype)
    values = .zeros(shape, dtype: dtype)
  }

  func reset() {
    keys = .zeros(like: keys)
    values = .zeros(like: values)
  }

  /// Attention of tokens at some places to themselves and those before them.
  func attend(_ attention: MultiHeadAttention, _ x: Tensor, at places: Tensor) -> Tensor {  // [batch, time, width]
    let c = attention.configuration
    let heads = attention.turned(attention.heads(of: x), queryPlaces: places, keyPlaces: places)
    keys = keys.replacing(at: places, with: heads.key)
    values = values.replacing(at: places, with: heads.value)
    let (batch, context, time) = (keys.shape[0], keys.shape[2], x.shape[1])
    // The queries that share keys are rows of one product.
    let groups = c.heads / c.keyValueHeads
    let queries = heads.query.reshaped([batch, c.keyValueHeads, groups * time, c.headWidth])
    let scores = queries.matmul(keys.swappingAxes(2, 3)) / Double(c.headWidth).squareRoot()
    let isSeen = Tensor.arange(context) .<= places.expanded(axis: 1)  // [time, context]
    let isSeenByAll = groups == 1 ? isSeen : isSeen.tiled([groups, 1])  // [groups · time, context]
    let weights = softmax(isSeenByAll.select(scores, Tensor(weak: -Double.infinity)))
    let attended = weights.matmul(values).reshaped([batch, c.heads, time, c.headWidth])
    return attention.output(attention.joined(attended))
  }
}

extension Tensor {
  /// A copy with the rows at some places replaced.
  fileprivate func replacing(at places: Tensor, with rows: Tensor) -> Tensor {  // [batch, heads, context, features]
    scatterAdd(rows - gather(places, axis: 2), at: places, axis: 2)
  }
}
