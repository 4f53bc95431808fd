import Descent

/// A transformer as GPT-2 has it: learned positions, normalisation before each part, the head tied to the embedding.
struct Transformer: Module {
  @Parameter var tokens: Tensor  // [vocabulary, width]
  @Parameter var positions: Tensor  // [context, width]
  let blocks: [Block]
  let norm: LayerNorm

  init(vocabulary: Int, context: Int, layers: Int, heads: Int, width: Int) {
    tokens = .zeros([vocabulary, width])
    positions = .zeros([context, width])
    blocks = (0..<layers).map { _ in Block(heads: heads, width: width) }
    norm = LayerNorm(width)
  }

  func callAsFunction(_ indices: Tensor) -> Tensor {  // [batch, time]
    let x = tokens.gather(indices) + positions  // [batch, time, width]
    return norm(blocks.reduce(x) { $1($0) }).matmul(tokens.T)  // [batch, time, vocabulary]
  }
}

struct Block: Layer {
  let attentionNorm: LayerNorm
  let attention: SelfAttention
  let norm: LayerNorm
  let up: Dense
  let down: Dense

  init(heads: Int, width: Int) {
    attentionNorm = LayerNorm(width)
    attention = SelfAttention(heads: heads, width: width)
    norm = LayerNorm(width)
    up = Dense(width, 4 * width)
    down = Dense(4 * width, width)
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    let y = x + attention(attentionNorm(x))
    return y + down(gelu(up(norm(y))))
  }
}

/// Causal self-attention: softmax(q·kᵀ / √d)·v in each head, a position seeing itself and those before it.
struct SelfAttention: Layer {
  let heads: Int
  let qkv: Dense
  let output: Dense

  init(heads: Int, width: Int) {
    self.heads = heads
    qkv = Dense(width, 3 * width)
    output = Dense(width, width)
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    let (batch, time, width) = (x.shape[0], x.shape[1], x.shape[2])
    let parts = qkv(x).split(into: 3, axis: -1).map { part in
      part.reshaped([batch, time, heads, width / heads]).swappingAxes(1, 2)  // [batch, head, time, feature]
    }
    let seen = scaledDotProductAttention(
      query: parts[0], key: parts[1], value: parts[2], mask: .causal)  // [batch, head, time, feature]
    return output(seen.swappingAxes(1, 2).reshaped([batch, time, width]))
  }
}
