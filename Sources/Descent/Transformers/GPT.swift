public import DescentCore
import DescentRules

/// A transformer that predicts the next token of each place from those up to it: GPT-2 (Radford et al. 2019).
///
/// Shapes: tokens [batch, time], whole numbers below the vocabulary, time up to the context → logits [batch, time,
/// vocabulary]. Dense weights start normal with a standard deviation of 0.02, those whose results are added to what
/// passes by with 0.02 / √(2 · layers).
///
/// ```swift
/// let model = GPT(.init(vocabulary: 65, context: 64, layers: 4, heads: 4, width: 128))
/// let logits = model(tokens)
/// ```
public struct GPT: ConfigurableLayer {
  public let tokens: Embedding
  /// The vectors of places; nil where attention turns by places instead.
  public let positions: LearnedPositions?
  public let blocks: [TransformerBlock]
  public let norm: LayerNorm
  /// [vocabulary, width]; that of the tokens where they are tied.
  @Parameter public var head: Tensor
  public let configuration: Configuration
  /// Whether training keeps only what goes into each block and computes the rest again for the gradient.
  public var recomputesBlocks = false

  public struct Configuration: Codable, Hashable, Sendable {
    /// The number of tokens.
    public var vocabulary: Int
    /// The most tokens the model sees at once.
    public var context: Int
    public var layers: Int
    public var heads: Int
    /// The heads of keys and values, a divisor of `heads`.
    public var keyValueHeads: Int
    public var width: Int
    /// The width between the dense layers of a block.
    public var hidden: Int
    /// The share set to 0 in training: of the embedding, of attention weights, and of what each part of a block adds.
    public var dropout: Double
    public var bias: Bool
    /// Whether the head has the tokens' own vectors as weights (Press & Wolf 2017).
    public var isTied: Bool
    /// The base of rotary positions; nil for learned ones.
    public var rotaryBase: Double?
    /// Which form of GELU the dense layers use; GPT-2's is that by tanh.
    public var gelu: GELU.Form

    public init(
      vocabulary: Int, context: Int, layers: Int, heads: Int, width: Int, keyValueHeads: Int? = nil,
      hidden: Int? = nil, dropout: Double = 0, bias: Bool = true, isTied: Bool = true, rotaryBase: Double? = nil,
      gelu: GELU.Form = .exact
    ) {
      self.vocabulary = vocabulary
      self.context = context
      self.layers = layers
      self.heads = heads
      self.keyValueHeads = keyValueHeads ?? heads
      self.width = width
      self.hidden = hidden ?? 4 * width
      self.dropout = dropout
      self.bias = bias
      self.isTied = isTied
      self.rotaryBase = rotaryBase
      self.gelu = gelu
    }

    func check() throws(ConfigurationError) {
      try requireSizes([vocabulary, width], "a vocabulary and a width")
      try requireSizes([context, width], "a context and a width")
      try requireSizes([width, hidden], "a width and hidden")
      guard 1...1000 ~= layers else { throw ConfigurationError("expected from 1 to 1000 layers, found \(layers)") }
      // Where places have no vectors, nothing else limits what the keys and values of a text take.
      guard context <= 1 << 20 else {
        throw ConfigurationError("expected a context of at most \(1 << 20) tokens, found \(context)")
      }
      try MultiHeadAttention.Configuration(
        width: width, heads: heads, keyValueHeads: keyValueHeads, isCausal: true, rotaryBase: rotaryBase,
        dropout: dropout, bias: bias
      ).check()
    }
  }

  public init(_ configuration: Configuration) {
    self = trapping("GPT") { () throws(ConfigurationError) in try GPT(configuration: configuration) }
  }

  public func callAsFunction(_ tokens: Tensor) -> Tensor {  // [batch, time]
    var x = embedded(tokens)
    let recomputes = recomputesBlocks && ModuleContext.current.phase == .training
    for (index, block) in blocks.enumerated() {
      x = recomputes ? block.recomputed(x) : block(x, as: "blocks.\(index)")
    }
    return logits(x)
  }

  /// How much each place attends to each, by block: rows that sum to 1, as in inference.
  ///
  /// Shapes: tokens [batch, time] → for each block [batch, heads, time, time].
  public func attentionWeights(_ tokens: Tensor) -> [Tensor] {
    var x = embedded(tokens)
    return blocks.map { block in
      let weights = block.attention.weights(block.attentionNorm(x))
      x = block(x)
      return weights
    }
  }

  func embedded(_ indices: Tensor) -> Tensor {  // [batch, time] → [batch, time, width]
    guard indices.rank == 2 && indices.shape[1] <= configuration.context else {
      fatalError("GPT: expects [batch, time] of up to \(configuration.context) tokens, not \(text(indices.shape))")
    }
    let x = tokens(indices, as: "tokens")
    return Dropout(configuration.dropout)(positions.map { $0(x, as: "positions") } ?? x)
  }

  func logits(_ x: Tensor) -> Tensor { norm(x, as: "norm").matmul(head.T) }  // [batch, time, vocabulary]

  public init(configuration c: Configuration) throws(ConfigurationError) {
    try c.check()
    let normal = Initializer.normal(standardDeviation: 0.02)
    let added = Initializer.normal(standardDeviation: 0.02 / Double(2 * c.layers).squareRoot())
    let tokens = Embedding(c.vocabulary, c.width, initializer: normal)
    self.tokens = tokens
    positions = c.rotaryBase == nil ? LearnedPositions(context: c.context, width: c.width) : nil
    blocks = (0..<c.layers).map { _ in
      TransformerBlock(
        c.width, heads: c.heads, keyValueHeads: c.keyValueHeads, hidden: c.hidden, isCausal: true,
        rotaryBase: c.rotaryBase, activation: GELU(c.gelu), dropout: c.dropout, bias: c.bias, initializer: normal,
        outputInitializer: added)
    }
    norm = LayerNorm(c.width)
    _head =
      c.isTied
      ? Parameter(tiedTo: tokens.$weight)
      : Parameter(
        wrappedValue: normal([c.vocabulary, c.width], fanIn: c.width, fanOut: c.vocabulary, key: nextInitialKey()))
    configuration = c
  }
}
