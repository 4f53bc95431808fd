public import DescentCore
public import DescentRules

/// Where a transformer normalises.
public enum NormalizationPlace: String, Codable, Sendable, CaseIterable {
  /// Before each part, beside which the input passes unchanged: x + f(norm(x)) (GPT-2; trains without warm-up).
  case before
  /// After each part and the input that passes by: norm(x + f(x)) (Vaswani et al. 2017).
  case after
}

/// Self-attention and two dense layers, around each of which the input also passes unchanged: the block of GPT-2, and of
/// the encoder of Vaswani et al. (2017).
///
/// Shapes: x [batch, time, width] → y the same.
public struct TransformerBlock: ConfigurableLayer {
  public let attentionNorm: LayerNorm
  public let attention: MultiHeadAttention
  public let norm: LayerNorm
  public let feedForward: FeedForward
  public let normalization: NormalizationPlace

  /// - Parameters:
  ///   - hidden: the width between the dense layers; nil for four times the width.
  ///   - dropout: the share set to 0 in training: of attention weights, and of what each part adds.
  ///   - outputInitializer: of the two layers whose results are added to what passes by; nil for `initializer`.
  public init(
    _ width: Int, heads: Int, keyValueHeads: Int? = nil, hidden: Int? = nil, isCausal: Bool = false,
    rotaryBase: Double? = nil, normalization: NormalizationPlace = .before, activation: any Layer = GELU(),
    dropout: Double = 0, bias: Bool = true, initializer: Initializer = .glorotUniform,
    outputInitializer: Initializer? = nil
  ) {
    attentionNorm = LayerNorm(width)
    attention = MultiHeadAttention(
      width, heads: heads, keyValueHeads: keyValueHeads, isCausal: isCausal, rotaryBase: rotaryBase, dropout: dropout,
      bias: bias, initializer: initializer, outputInitializer: outputInitializer)
    norm = LayerNorm(width)
    feedForward = FeedForward(
      width, hidden: hidden, activation: activation, bias: bias, initializer: initializer,
      outputInitializer: outputInitializer)
    self.normalization = normalization
  }

  public func callAsFunction(_ x: Tensor) -> Tensor { callAsFunction(x) { attention($0) } }

  /// With self-attention under a mask.
  public func callAsFunction(_ x: Tensor, mask: AttentionMask) -> Tensor {
    callAsFunction(x) { attention($0, mask: mask) }
  }

  /// With attention of the caller's own.
  func callAsFunction(_ x: Tensor, attending attend: (Tensor) -> Tensor) -> Tensor {
    let dropout = Dropout(attention.configuration.dropout)
    switch normalization {
    case .before:
      let y = x + dropout(attend(attentionNorm(x)))
      return y + dropout(feedForward(norm(y)))
    case .after:
      let y = attentionNorm(x + dropout(attend(x)))
      return norm(y + dropout(feedForward(y)))
    }
  }

  public struct Configuration: Codable, Sendable {
    let attention: MultiHeadAttention.Configuration
    let feedForward: FeedForward.Configuration
    let normalization: NormalizationPlace
  }

  public var configuration: Configuration {
    Configuration(
      attention: attention.configuration, feedForward: feedForward.configuration, normalization: normalization)
  }

  public init(configuration c: Configuration) throws(ConfigurationError) {
    attention = try MultiHeadAttention(configuration: c.attention)
    feedForward = try FeedForward(configuration: c.feedForward)
    guard c.attention.width == c.feedForward.width else {
      throw ConfigurationError(
        "expected one width, found \(c.attention.width) in the attention and \(c.feedForward.width) in the dense layers"
      )
    }
    attentionNorm = LayerNorm(c.attention.width)
    norm = LayerNorm(c.attention.width)
    normalization = c.normalization
  }
}

/// A block that also attends to what an encoder made: causal self-attention, attention to the memory, two dense layers,
/// around each of which the input also passes unchanged (Vaswani et al. 2017).
///
/// Shapes: x [batch, time, width], memory [batch, places, width] → y [batch, time, width].
public struct TransformerDecoderBlock: Module {
  public let attentionNorm: LayerNorm
  public let attention: MultiHeadAttention
  public let memoryNorm: LayerNorm
  public let memoryAttention: MultiHeadAttention
  public let norm: LayerNorm
  public let feedForward: FeedForward
  public let normalization: NormalizationPlace
  private let dropout: Double

  public init(
    _ width: Int, heads: Int, hidden: Int? = nil, normalization: NormalizationPlace = .before,
    activation: any Layer = GELU(), dropout: Double = 0, bias: Bool = true
  ) {
    func attention(isCausal: Bool) -> MultiHeadAttention {
      MultiHeadAttention(width, heads: heads, isCausal: isCausal, dropout: dropout, bias: bias)
    }
    attentionNorm = LayerNorm(width)
    self.attention = attention(isCausal: true)
    memoryNorm = LayerNorm(width)
    memoryAttention = attention(isCausal: false)
    norm = LayerNorm(width)
    feedForward = FeedForward(width, hidden: hidden, activation: activation, bias: bias)
    self.normalization = normalization
    self.dropout = dropout
  }

  /// - Parameters:
  ///   - mask: which places of x each place sees.
  ///   - memoryMask: which places of the memory each place sees, such as those that are no padding.
  public func callAsFunction(
    _ x: Tensor, memory: Tensor, mask: AttentionMask = .causal, memoryMask: AttentionMask = .none
  ) -> Tensor {
    let y = adding(x, attentionNorm) { attention($0, mask: mask) }
    let z = adding(y, memoryNorm) { memoryAttention($0, attendingTo: memory, mask: memoryMask) }
    return adding(z, norm) { feedForward($0) }
  }

  private func adding(_ x: Tensor, _ norm: LayerNorm, _ part: (Tensor) -> Tensor) -> Tensor {
    let dropout = Dropout(dropout)
    switch normalization {
    case .before: return x + dropout(part(norm(x)))
    case .after: return norm(x + dropout(part(x)))
    }
  }
}
