public import DescentCore

/// Layers around which the input also passes: y = x + f(x) (He et al. 2015), or y = s(x) + f(x) with a shortcut s.
///
/// The layers must keep the shape of their input, or give the shape that the shortcut gives.
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
  /// What the input goes through on its way past the layers; nil changes nothing.
  public let shortcut: (any Layer)?

  public init(_ body: any Layer, shortcut: (any Layer)? = nil) {
    self.body = body
    self.shortcut = shortcut
  }

  public init(shortcut: (any Layer)? = nil, @LayerBuilder _ layers: () throws -> [any Layer]) rethrows {
    self.init(Sequential(try layers()), shortcut: shortcut)
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    let change = body(x, as: "body"), passed = shortcut?(x, as: "shortcut") ?? x
    guard change.shape == passed.shape else {
      fatalError("Residual: \(mismatch(x.shape, change.shape, passed.shape)); \(wanted)")
    }
    return passed + change
  }

  private var wanted: String { shortcut == nil ? "it must stay the same" : "they must be the same" }

  func mismatch(_ shape: [Int], _ changed: [Int], _ passed: [Int]) -> String {
    "the layers turn shape \(text(shape)) into \(text(changed))"
      + (shortcut == nil ? "" : ", the shortcut into \(text(passed))")
  }

  public struct Configuration: Codable, Sendable {
    let body: DescribedLayer
    let shortcut: DescribedLayer?
  }

  public var configuration: Configuration {
    Configuration(body: DescribedLayer(body), shortcut: shortcut.map { DescribedLayer($0) })
  }

  public init(configuration: Configuration) {
    self.init(configuration.body.layer, shortcut: configuration.shortcut?.layer)
  }
}
