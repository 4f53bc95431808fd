import DescentCore

/// How the queries are cut into blocks, and what each of them sees.
struct AttentionPlan: Sendable {
  struct Block: Sendable {
    let start, count: Int
    /// The keys that some query of the block sees are the first so many.
    let keys: Int
  }

  let blocks: [Block]
  let queries, keys: Int
  let isCausal: Bool

  /// Weights for fewer queries and keys than this are kept for the gradient.
  private static let fewWeights = 128 * 128

  init(queries: Int, keys: Int, mask: AttentionMask) {
    self.queries = queries
    self.keys = keys
    isCausal = if case .causal = mask { true } else { false }
    let isShort = queries * keys <= AttentionPlan.fewWeights
    let height = isShort ? Swift.max(queries, 1) : queries >= 4096 ? 256 : 128
    let isCausal = isCausal
    blocks = stride(from: 0, to: Swift.max(queries, 1), by: height).map { start in
      let count = Swift.min(height, queries - start)
      let seen = isCausal ? Swift.max(Swift.min(start + count + keys - queries, keys), 0) : keys
      return Block(start: start, count: count, keys: seen)
    }
  }

  /// exp(score − the row's largest) for the keys a block sees, that largest score, and 1 over the sum of each row.
  private func weights(_ block: Block, _ inputs: [Tensor]) -> (powers: Tensor, largest: Tensor, reciprocal: Tensor) {
    let queries = part(inputs[0], block.start, block.count)  // [..., count, d]
    var scores = queries.matmul(part(inputs[1], 0, block.keys).swappingAxes(-1, -2))  // [..., count, keys]
    if isCausal {
      let visible = Tensor.lowerTriangleMask(block.count, block.keys, diagonal: block.start + keys - self.queries)
      scores = visible.select(scores, Tensor(weak: -Double.infinity))
    } else if inputs.count > 3 {
      scores = part(inputs[3], block.start, block.count).select(scores, Tensor(weak: -Double.infinity))
    }
    let top = scores.max(axis: -1, keepingAxis: true).stopGradient()  // [..., count, 1]
    let isBlind = top .== -Double.infinity
    let largest = isBlind.select(0, top)
    let powers = (scores - largest).exp()
    let total = powers.sum(axis: -1, keepingAxis: true)
    // Added, as a selection of totals would take passes of its own in the gradient.
    return (powers, largest, 1 / (total + isBlind.cast(to: total.dtype)))
  }

  /// The inputs are queries already scaled, keys, values and perhaps the mask.
  func output(_ inputs: [Tensor]) -> Tensor { results(inputs).output }

  /// The output, and of each row of scores the largest and the reciprocal of the sum of its powers.
  func results(_ inputs: [Tensor]) -> (output: Tensor, largest: Tensor, reciprocal: Tensor) {
    let results = blocks.map { block in
      if block.keys == 0 {
        func filled(_ width: Int, _ value: Double) -> Tensor {
          Tensor.full(Array(inputs[2].shape.dropLast(2)) + [block.count, width], value, dtype: inputs[2].dtype)
        }
        return (filled(inputs[2].shape.last!, 0), filled(1, 0), filled(1, 1))
      }
      let (powers, largest, reciprocal) = weights(block, inputs)
      let output = powers.matmul(part(inputs[2], 0, block.keys)) * reciprocal  // [..., count, e]
      return (output, largest, reciprocal)
    }
    func joined(_ parts: [Tensor]) -> Tensor { parts.count == 1 ? parts[0] : Tensor.concatenate(parts, axis: -2) }
    return (joined(results.map { $0.0 }), joined(results.map { $0.1 }), joined(results.map { $0.2 }))
  }

  /// With p the weights, P̄ = ō·vᵀ and S̄ = p ∘ (P̄ − Σ ō∘o): v̄ = pᵀ·ō, q̄ = S̄·k, k̄ = S̄ᵀ·q.
  func cotangents(_ inputs: [Tensor], _ output: Tensor, _ cotangent: Tensor) -> [Tensor] {
    let (key, value) = (inputs[1], inputs[2])
    let means = (cotangent * output).sum(axis: -1, keepingAxis: true)  // [..., T, 1]
    var queryParts: [Tensor] = []
    // From the last block, which sees all keys, to the first: a key's sum is whole once no earlier block sees it.
    var keySum = OpenSum(extent: keys), valueSum = OpenSum(extent: keys)
    for block in blocks.reversed() {
      let upstream = part(cotangent, block.start, block.count)
      if block.keys == 0 {
        queryParts.append(Tensor.zeros(like: part(inputs[0], block.start, block.count)))
        continue
      }
      let weightCotangent = upstream.matmul(part(value, 0, block.keys).swappingAxes(-1, -2))  // [..., count, keys]
      let (powers, _, reciprocal) = weights(block, inputs)
      let probabilities = powers * reciprocal
      let scoreCotangent = (weightCotangent - part(means, block.start, block.count)) * probabilities
      queryParts.append(scoreCotangent.matmul(part(key, 0, block.keys)))
      let turned = scoreCotangent.swappingAxes(-1, -2)
      keySum.add(turned.matmul(part(inputs[0], block.start, block.count)))
      valueSum.add(probabilities.swappingAxes(-1, -2).matmul(upstream))
    }
    let queryCotangent = Tensor.concatenate(queryParts.reversed(), axis: -2)
    let maskCotangents = inputs.dropFirst(3).map { Tensor.zeros(like: $0) }
    return [queryCotangent, keySum.total(like: key), valueSum.total(like: value)] + maskCotangents
  }
}

/// Rows of a tensor, its axis before the last.
private func part(_ x: Tensor, _ start: Int, _ count: Int) -> Tensor {
  let extent = x.shape[x.rank - 2]
  if start == 0 && count == extent { return x }
  return x.split([start, count, extent - start - count], axis: -2)[1]
}

/// A sum of terms that reach ever fewer of the first rows.
private struct OpenSum {
  private var open: Tensor?
  private var closed: [Tensor] = []
  private let extent: Int

  init(extent: Int) { self.extent = extent }

  mutating func add(_ term: Tensor) {
    guard let sum = open else {
      open = term
      return
    }
    let (all, rows) = (sum.shape[sum.rank - 2], term.shape[term.rank - 2])
    if rows < all { closed.append(part(sum, rows, all - rows)) }
    open = part(sum, 0, rows) + term
  }

  func total(like whole: Tensor) -> Tensor {
    guard let open else { return Tensor.zeros(like: whole) }
    var parts = [open] + closed.reversed()
    let rest = extent - parts.reduce(0) { $0 + $1.shape[$1.rank - 2] }
    if rest > 0 {
      parts.append(Tensor.zeros(Array(whole.shape.dropLast(2)) + [rest, whole.shape.last!], dtype: whole.dtype))
    }
    return parts.count == 1 ? parts[0] : Tensor.concatenate(parts, axis: -2)
  }
}
