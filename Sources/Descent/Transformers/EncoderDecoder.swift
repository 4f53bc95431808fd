public import DescentCore
public import DescentRules

/// Transformer blocks that see the whole sequence, one after the other (Vaswani et al. 2017).
///
/// Shapes: x [batch, time, width] → y the same. Where blocks normalise before their parts, the result is normalised once
/// more.
public struct TransformerEncoder: ConfigurableLayer {
  public let blocks: [TransformerBlock]
  public let norm: LayerNorm?

  public init(
    _ width: Int, layers: Int, heads: Int, hidden: Int? = nil, normalization: NormalizationPlace = .before,
    activation: any Layer = GELU(), dropout: Double = 0, bias: Bool = true
  ) {
    blocks = (0..<layers).map { _ in
      TransformerBlock(
        width, heads: heads, hidden: hidden, normalization: normalization, activation: activation, dropout: dropout,
        bias: bias)
    }
    norm = normalization == .before ? LayerNorm(width) : nil
  }

  public func callAsFunction(_ x: Tensor) -> Tensor { callAsFunction(x, mask: .none) }

  /// - Parameter mask: which places each place sees, such as those that are no padding.
  public func callAsFunction(_ x: Tensor, mask: AttentionMask) -> Tensor {
    let y = blocks.reduce(x) { $1($0, mask: mask) }
    return norm.map { $0(y) } ?? y
  }

  public struct Configuration: Codable, Sendable { let blocks: [TransformerBlock.Configuration] }
  public var configuration: Configuration { Configuration(blocks: blocks.map(\.configuration)) }

  public init(configuration: Configuration) throws(ConfigurationError) {
    guard let first = configuration.blocks.first else { throw ConfigurationError("expected at least one block") }
    let width = first.attention.width
    guard configuration.blocks.allSatisfy({ $0.attention.width == width && $0.normalization == first.normalization })
    else { throw ConfigurationError("expected blocks of one width that normalise at one place") }
    blocks = try configuration.blocks.map { block throws(ConfigurationError) in
      try TransformerBlock(configuration: block)
    }
    norm = first.normalization == .before ? LayerNorm(width) : nil
  }
}

/// Decoder blocks one after the other (Vaswani et al. 2017).
///
/// Shapes: x [batch, time, width], memory [batch, places, width] → y [batch, time, width].
public struct TransformerDecoder: Module {
  public let blocks: [TransformerDecoderBlock]
  public let norm: LayerNorm?

  public init(
    _ width: Int, layers: Int, heads: Int, hidden: Int? = nil, normalization: NormalizationPlace = .before,
    activation: any Layer = GELU(), dropout: Double = 0, bias: Bool = true
  ) {
    blocks = (0..<layers).map { _ in
      TransformerDecoderBlock(
        width, heads: heads, hidden: hidden, normalization: normalization, activation: activation, dropout: dropout,
        bias: bias)
    }
    norm = normalization == .before ? LayerNorm(width) : nil
  }

  /// - Parameters:
  ///   - mask: which places of x each place sees.
  ///   - memoryMask: which places of the memory each place sees, such as those that are no padding.
  public func callAsFunction(
    _ x: Tensor, memory: Tensor, mask: AttentionMask = .causal, memoryMask: AttentionMask = .none
  ) -> Tensor {
    let y = blocks.reduce(x) { $1($0, memory: memory, mask: mask, memoryMask: memoryMask) }
    return norm.map { $0(y) } ?? y
  }
}
