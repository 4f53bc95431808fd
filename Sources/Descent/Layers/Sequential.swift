public import DescentCore

/// Layers one after the other: y = fₙ(… f₂(f₁(x))).
///
/// ```swift
/// let model = Sequential {
///   Dense(4, 16)
///   ReLU()
///   Dense(16, 3)
/// }
/// ```
///
/// Its parameters are called by the position of their layer: `0.weight`, `0.bias`, `2.weight`, `2.bias`.
public struct Sequential: Layer {
  public let layers: [any Layer]

  public init(_ layers: [any Layer]) { self.layers = layers }

  public init(@LayerBuilder _ layers: () throws -> [any Layer]) rethrows { self.layers = try layers() }

  public var count: Int { layers.count }

  public subscript(index: Int) -> any Layer { layers[index] }

  public func appending(_ layer: any Layer) -> Sequential { Sequential(layers + [layer]) }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    var y = x
    for (index, layer) in layers.enumerated() { y = layer(y, as: "\(index)") }
    return y
  }
}

extension Sequential: ConfigurableLayer {
  public struct Configuration: Codable, Sendable { let layers: [DescribedLayer] }

  public var configuration: Configuration { Configuration(layers: layers.map { DescribedLayer($0) }) }
  public init(configuration: Configuration) { self.init(configuration.layers.map(\.layer)) }
}

extension Sequential: CustomReflectable {
  /// The layers stand directly below the container, so that paths read `0.weight`.
  public var customMirror: Mirror { Mirror(self, unlabeledChildren: layers, displayStyle: .collection) }
}
