public import DescentCore
public import DescentRules

/// Attention by several heads, each on features of its own: y = W·[head₁ … headₕ] + b with
/// headᵢ = softmax(qᵢ·kᵢᵀ / √d)·vᵢ (Vaswani et al. 2017).
///
/// Shapes: x [batch, time, width] → y the same; what is attended to [batch, places, width]. `projection` makes queries,
/// keys and values at once, in this order; there may be fewer heads of keys and values than of queries, each then
/// serving several of these (grouped-query attention, Ainslie et al. 2023). With a rotary base, queries and keys are
/// turned by their places before they meet (`rotated`).
///
/// ```swift
/// let attention = MultiHeadAttention(64, heads: 4, isCausal: true)
/// let y = attention(x)                                     // self-attention
/// let z = attention(x, attendingTo: memory, mask: .none)   // cross-attention
/// ```
public struct MultiHeadAttention: ConfigurableLayer {
  /// [width, (heads + 2 · keyValueHeads) · width / heads]
  public let projection: Dense
  public let output: Dense
  public let configuration: Configuration

  /// - Parameters:
  ///   - keyValueHeads: the heads of keys and values, a divisor of `heads`; nil for as many.
  ///   - isCausal: whether self-attention sees no later place.
  ///   - rotaryBase: the base of rotary positions, commonly 10,000; nil for none.
  ///   - dropout: the share of attention weights that training sets to 0.
  public init(
    _ width: Int, heads: Int, keyValueHeads: Int? = nil, isCausal: Bool = false, rotaryBase: Double? = nil,
    dropout: Double = 0, bias: Bool = true, initializer: Initializer = .glorotUniform,
    outputInitializer: Initializer? = nil
  ) {
    let configuration = Configuration(
      width: width, heads: heads, keyValueHeads: keyValueHeads ?? heads, isCausal: isCausal, rotaryBase: rotaryBase,
      dropout: dropout, bias: bias)
    self = trapping("MultiHeadAttention") { () throws(ConfigurationError) in
      try MultiHeadAttention(configuration, initializer, outputInitializer ?? initializer)
    }
  }

  /// Self-attention, causal if the layer is.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    callAsFunction(x, mask: configuration.isCausal ? .causal : .none)
  }

  /// Self-attention under a mask.
  public func callAsFunction(_ x: Tensor, mask: AttentionMask) -> Tensor {
    output(joined(attended(heads(of: x), mask)))
  }

  /// Attention of each place of x to the places of another sequence of the same width.
  public func callAsFunction(_ x: Tensor, attendingTo memory: Tensor, mask: AttentionMask = .none) -> Tensor {
    output(joined(attended(heads(of: x, attendingTo: memory), mask)))
  }

  /// How much each place attends to each: rows that sum to 1, as in inference.  // [batch, heads, time, time]
  public func weights(_ x: Tensor) -> Tensor {
    let heads = heads(of: x)
    let time = x.shape[1]
    let isSeen = configuration.isCausal ? Tensor.arange(time).expanded(axis: 1) .>= Tensor.arange(time) : nil
    return attentionWeights(heads, isSeen: isSeen)
  }

  // MARK: - Heads

  /// Queries, keys and values by head.  // [batch, heads, time, features]
  struct Heads {
    var query: Tensor
    var key: Tensor
    var value: Tensor
  }

  func heads(of x: Tensor) -> Heads {
    let c = configuration
    let projected = projection(x)
    let parts = projected.split([c.width, c.keyValueWidth, c.keyValueWidth], axis: -1)
    return Heads(query: byHead(parts[0]), key: byHead(parts[1]), value: byHead(parts[2]))
  }

  private func heads(of x: Tensor, attendingTo memory: Tensor) -> Heads {
    let extents = [configuration.width, 2 * configuration.keyValueWidth]
    let weights = projection.weight.split(extents, axis: 1)
    let biases = projection.bias?.split(extents)
    let parts = zip([x, memory], weights.indices).map { x, part in
      let y = x.matmul(weights[part])
      return biases.map { y + $0[part] } ?? y
    }
    let memories = parts[1].split(into: 2, axis: -1)
    return Heads(query: byHead(parts[0]), key: byHead(memories[0]), value: byHead(memories[1]))
  }

  private func byHead(_ x: Tensor) -> Tensor {  // [batch, time, heads · features] → [batch, heads, time, features]
    guard x.rank == 3 else { fatalError("MultiHeadAttention: expects [batch, time, width], not \(text(x.shape))") }
    let features = configuration.headWidth
    return x.reshaped([x.shape[0], x.shape[1], x.shape[2] / features, features]).swappingAxes(1, 2)
  }

  func joined(_ heads: Tensor) -> Tensor {  // [batch, heads, time, features] → [batch, time, width]
    heads.swappingAxes(1, 2).reshaped([heads.shape[0], heads.shape[2], configuration.width])
  }

  // MARK: - Attending

  private func attended(_ heads: Heads, _ mask: AttentionMask) -> Tensor {
    let places = Tensor.arange(heads.query.shape[2])
    var heads = turned(heads, queryPlaces: places, keyPlaces: Tensor.arange(heads.key.shape[2]))
    heads.key = forEachQuery(heads.key)
    heads.value = forEachQuery(heads.value)
    guard configuration.dropout > 0 && ModuleContext.current.phase == .training else {
      return scaledDotProductAttention(query: heads.query, key: heads.key, value: heads.value, mask: mask)
    }
    let weights = softmax(masked(scores(heads), visible(mask, heads)))
    return Dropout(configuration.dropout)(weights).matmul(heads.value)
  }

  /// The weights of heads that are not turned yet.
  private func attentionWeights(_ heads: Heads, isSeen: Tensor?) -> Tensor {
    let places = Tensor.arange(heads.query.shape[2])
    var heads = turned(heads, queryPlaces: places, keyPlaces: places)
    heads.key = forEachQuery(heads.key)
    return softmax(masked(scores(heads), isSeen))
  }

  /// Queries and keys turned by their places, where there is a rotary base.
  func turned(_ heads: Heads, queryPlaces: Tensor, keyPlaces: Tensor) -> Heads {
    guard let base = configuration.rotaryBase else { return heads }
    var turned = heads
    turned.query = rotated(heads.query, by: queryPlaces, base: base)
    turned.key = rotated(heads.key, by: keyPlaces, base: base)
    return turned
  }

  /// Keys or values once for each head of queries.
  func forEachQuery(_ x: Tensor) -> Tensor {
    let groups = configuration.heads / configuration.keyValueHeads
    guard groups > 1 else { return x }
    let (batch, heads, time, features) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    return x.expanded(axis: 2).broadcast(to: [batch, heads, groups, time, features])
      .reshaped([batch, heads * groups, time, features])
  }

  func scores(_ heads: Heads) -> Tensor {
    heads.query.matmul(heads.key.swappingAxes(2, 3)) / Double(configuration.headWidth).squareRoot()
  }

  func masked(_ scores: Tensor, _ isSeen: Tensor?) -> Tensor {
    isSeen.map { $0.select(scores, Tensor(weak: -Double.infinity)) } ?? scores
  }

  private func visible(_ mask: AttentionMask, _ heads: Heads) -> Tensor? {
    switch mask {
    case .none: return nil
    case .visible(let tensor): return tensor
    case .causal:
      let (queries, keys) = (heads.query.shape[2], heads.key.shape[2])
      return Tensor.arange(queries).expanded(axis: 1) + (keys - queries) .>= Tensor.arange(keys)
    }
  }

  // MARK: - Configuration

  public struct Configuration: Codable, Sendable {
    public let width, heads, keyValueHeads: Int
    public let isCausal: Bool
    public let rotaryBase: Double?
    public let dropout: Double
    public let bias: Bool

    public var headWidth: Int { width / heads }
    var keyValueWidth: Int { keyValueHeads * headWidth }

    func check() throws(ConfigurationError) {
      try requireSizes([width, heads], "width and heads")
      try requireSizes([width, keyValueHeads], "width and heads of keys and values")
      guard width % heads == 0 && heads % keyValueHeads == 0 else {
        throw ConfigurationError(
          "expected heads that divide the width \(width) and are a multiple of the \(keyValueHeads) of keys and values, "
            + "found \(heads)")
      }
      try requireSizes([width, width + 2 * keyValueWidth], "a width and a projection")
      if let base = rotaryBase {
        guard base > 1 && base.isFinite && headWidth % 2 == 0 else {
          throw ConfigurationError(
            "expected a rotary base above 1 and heads of an even width, found \(base) and \(headWidth)")
        }
      }
      try requireShare(dropout, "dropout")
    }
  }

  public init(configuration: Configuration) throws(ConfigurationError) {
    try self.init(configuration, .glorotUniform, .glorotUniform)
  }

  private init(
    _ c: Configuration, _ initializer: Initializer, _ outputInitializer: Initializer
  ) throws(ConfigurationError) {
    try c.check()
    configuration = c
    projection = Dense(c.width, c.width + 2 * c.keyValueWidth, bias: c.bias, initializer: initializer)
    output = Dense(c.width, c.width, bias: c.bias, initializer: outputInitializer)
  }
}

/// Throws unless a share is from 0 up to but not including 1.
func requireShare(_ share: Double, _ what: String) throws(ConfigurationError) {
  guard (0..<1).contains(share) else {
    throw ConfigurationError("expected \(what) from 0 up to but not including 1, found \(share)")
  }
}
