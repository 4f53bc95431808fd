public import DescentCore

/// Layers of which training keeps only the input: what is in between is computed again for the gradient, a forward pass
/// more for much less memory (Chen et al. 2016, "Training deep nets with sublinear memory cost").
///
/// Results, gradients and running statistics are those of the layers themselves. Random numbers, of dropout for instance,
/// are the same both times, and others than without.
///
/// ```swift
/// let model = Sequential((0..<48).map { _ in Recomputed(TransformerBlock(768, heads: 12)) })
/// ```
public struct Recomputed: ConfigurableLayer {
  public let body: any Layer

  public init(_ body: any Layer) { self.body = body }

  public init(@LayerBuilder _ layers: () throws -> [any Layer]) rethrows { body = Sequential(try layers()) }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    ModuleContext.current.phase == .training ? body.recomputed(x) : body(x, as: "body")
  }

  public struct Configuration: Codable, Sendable { let body: DescribedLayer }

  public var configuration: Configuration { Configuration(body: DescribedLayer(body)) }
  public init(configuration: Configuration) { body = configuration.body.layer }
}

extension Layer {
  /// What the layer makes of an input in training, with a gradient that computes it again.
  func recomputed(_ x: Tensor) -> Tensor {
    let context = ModuleContext.current
    context.noteRecomputation()
    let tree = ParameterTree(self)
    let parameters = tree.parameters.map(\.storage)
    let buffers = tree.buffers.map { ($0.storage, $0.storage.value) }
    // The same random numbers both times.
    let key = context.remainingKey == nil ? nil : context.nextKey()
    return withDerivative(at: [x] + parameters.map(\.value)) { _ in
      let inner = ModuleContext(phase: .training, key: key, inside: context)
      return ModuleContext.$current.withValue(inner) { self(x) }
    } pullback: { inputs, _, cotangent in
      // A zero that is known only when the cotangent is: without it the second pass would be taken for the first.
      let start = cotangent.reshaped([cotangent.count])[0..<1]
      let fence = minimum(start.abs(), 0).sum().cast(to: inputs[0].dtype)
      let again = [inputs[0] + fence] + inputs.dropFirst()
      let standIns =
        zip(parameters, again.dropFirst()).map { (ObjectIdentifier($0), $1) }
        + buffers.map { (ObjectIdentifier($0), $1) }
      let inner = ModuleContext(
        phase: .training, key: key, standIns: Dictionary(uniqueKeysWithValues: standIns), inside: .current)
      let output = ModuleContext.$current.withValue(inner) { self(again[0]) }
      return zip(DescentCore.pullback(of: [output], cotangents: [cotangent], to: again), inputs)
        .map { $0 ?? .zeros(like: $1) }
    }
  }
}
