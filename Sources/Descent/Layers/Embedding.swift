public import DescentCore
public import DescentRules

/// A learned vector for each of `count` things, looked up by its position: y = W[x].
///
/// Shapes: x [...] of whole numbers from 0 to count − 1 → y [..., width]; weight W [count, width]. The weight starts
/// normal with mean 0 and variance 1 unless another initializer is given. A position outside stops evaluation with its
/// value.
///
/// A layer that answers with the same vectors ties its weight to this one: `Parameter(tiedTo: embedding.$weight)`.
public struct Embedding: ConfigurableLayer {
  @Parameter public var weight: Tensor

  public init(
    _ count: Int, _ width: Int, initializer: Initializer = .normal(standardDeviation: 1), key: RandomKey? = nil
  ) {
    trapping("Embedding") { () throws(ConfigurationError) in try requireSizes([count, width], "count and width") }
    weight = initializer([count, width], fanIn: count, fanOut: width, key: key ?? nextInitialKey())
  }

  public var count: Int { $weight.storage.shape[0] }
  public var width: Int { $weight.storage.shape[1] }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    guard !x.dtype.isFloat else {
      fatalError("Embedding: expects whole numbers, not \(x.dtype.name)\(text(x.shape)); cast them to int32")
    }
    return weight.gather(x)
  }

  public struct Configuration: Codable, Sendable { let count, width: Int }

  public var configuration: Configuration { Configuration(count: count, width: width) }

  public init(configuration: Configuration) throws(ConfigurationError) {
    try requireSizes([configuration.count, configuration.width], "count and width")
    self.init(configuration.count, configuration.width)
  }
}
