public import DescentCore

/// Layers around which the input also passes unchanged: y = x + f(x) (He et al. 2015).
///
/// The layers must keep the shape of their input.
///
/// ```swift
/// Residual {
///   LayerNorm(64)
///   Dense(64, 64)
///   GELU()
/// }
/// ```
public struct Residual: ConfigurableLayer {
  public let body: any Layer

  public init(_ body: any Layer) { self.body = body }

  public init(@LayerBuilder _ layers: () throws -> [any Layer]) rethrows { body = Sequential(try layers()) }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    let change = body(x, as: "body")
    guard change.shape == x.shape else {
      fatalError("Residual: the layers turn shape \(text(x.shape)) into \(text(change.shape)); it must stay the same")
    }
    return x + change
  }

  public struct Configuration: Codable, Sendable { let body: DescribedLayer }

  public var configuration: Configuration { Configuration(body: DescribedLayer(body)) }
  public init(configuration: Configuration) { body = configuration.body.layer }
}
