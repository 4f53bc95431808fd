public import DescentCore

/// softmax(s·q·kᵀ)·v: for each query a mean of the values, weighted by how well their keys fit it.
///
/// Long sequences are worked through by blocks of queries, and the weights of a block are computed again for the gradient
/// instead of kept: memory grows linearly with the sequence. Under a causal mask what no query of a block sees is left
/// out. The largest score is taken out before the exponential, so that nothing overflows.
///
/// A query that sees no key, or whose scores are all −∞, gives 0 where values are finite, with slopes of 0 where queries
/// and keys are too.
///
/// Source: Vaswani et al., "Attention Is All You Need" (2017); Dao et al., "FlashAttention" (2022).
///
/// - Parameters:
///   - query: [..., T, d]
///   - key: [..., S, d], with the same leading axes.
///   - value: [..., S, e], with the same leading axes.
///   - mask: Which keys a query sees.
///   - scale: The factor s, 1/√d where it is nil.
/// - Returns: [..., T, e]
public func scaledDotProductAttention(
  query: Tensor, key: Tensor, value: Tensor, mask: AttentionMask = .none, scale: Double? = nil
) -> Tensor {
  requireFit(query, key, value)
  let (queries, keys, width) = (query.shape[query.rank - 2], key.shape[key.rank - 2], query.shape[query.rank - 1])
  let plan = AttentionPlan(queries: queries, keys: keys, mask: mask)
  let scaled = query * (scale ?? 1 / Double(Swift.max(width, 1)).squareRoot())
  var inputs = [scaled, key, value]
  if case .visible(let visible) = mask {
    require(visible.dtype == .bool, "attention: the mask has type \(visible.dtype), expected bool")
    inputs.append(visible.broadcast(to: Array(query.shape.dropLast()) + [keys]))
  }
  #if !hasFeature(Embedded)
    if plan.hasFusedForm(inputs) {
      return withDerivative(at: inputs) {
        plan.fusedOutput($0)
      } pullback: { inputs, output, cotangent in
        plan.fusedCotangents(inputs, output, cotangent)
      }
    }
  #endif
  if plan.blocks.count <= 1 { return plan.output(inputs) }
  return withDerivative(at: inputs) {
    plan.output($0)
  } pullback: { inputs, output, cotangent in
    plan.cotangents(inputs, output, cotangent)
  }
}

private func requireFit(_ query: Tensor, _ key: Tensor, _ value: Tensor) {
  func shapes() -> String { "query \(query.shape), key \(key.shape), value \(value.shape)" }
  require(query.rank >= 2 && key.rank == query.rank && value.rank == query.rank, "attention: ranks differ: \(shapes())")
  let leading = query.shape.dropLast(2)
  require(
    leading == key.shape.dropLast(2) && leading == value.shape.dropLast(2),
    "attention: leading axes differ: \(shapes())")
  require(
    query.shape[query.rank - 1] == key.shape[key.rank - 1], "attention: queries and keys differ in width: \(shapes())")
  require(
    key.shape[key.rank - 2] == value.shape[value.rank - 2], "attention: there is not a value for each key: \(shapes())")
}
