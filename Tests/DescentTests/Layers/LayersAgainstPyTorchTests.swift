import Descent
import DescentTesting
import Testing

/// Outputs and gradients of every layer against PyTorch's.
struct LayersAgainstPyTorchTests {
  @Test(arguments: TorchLayerCase.all) func agrees(fixture: TorchLayerCase) throws {
    try #require(fixture.isComplete)
    let model = Sequential(try fixture.layer.map { [try makeLayer(architecture: $0)] } ?? decoder(fixture))
    model.convert(to: .float64)
    let state = fixture.parameters.merging(fixture.buffers) { first, _ in first }
    try model.load(ModuleValues(state.map { ("0.\($0)", $1.tensor) }))

    let outputs = withPhase(fixture.phase) { call(fixture, model, fixture.inputTensors) }
    try #require(outputs.count == fixture.outputs.count)
    for (index, (output, expected)) in zip(outputs, fixture.outputs).enumerated() {
      try expectClose(output, expected.tensor, tolerance: 1e-9, "output \(index)")
    }
    for (path, value) in model.buffers where fixture.training {
      try expectClose(value, try #require(fixture.after?[String(path.dropFirst(2))]).tensor, tolerance: 1e-9, path)
    }
    try expectGradients(fixture, model)
  }

  private func expectGradients(_ fixture: TorchLayerCase, _ model: Sequential) throws {
    let inputs = fixture.inputTensors
    let real = inputs.indices.filter { !fixture.indices.contains($0) }
    let parameters = model.parameters
    let found = gradients(at: real.map { inputs[$0] } + parameters.tensors) { values in
      var inputs = inputs
      for (place, index) in real.enumerated() { inputs[index] = values[place] }
      return withParameters(of: model, replacedBy: Array(values.dropFirst(real.count))) { model in
        let outputs = withPhase(fixture.phase) { call(fixture, model, inputs) }
        return zip(outputs, fixture.upstreams).map { ($0 * $1.tensor).sum() }.reduce(0, +)
      }
    }
    for (place, index) in real.enumerated() {
      let expected = try #require(fixture.inputGradients[index]).tensor
      try expectClose(found[place], expected, tolerance: 1e-9, "the gradient of input \(index)")
    }
    for (place, path) in parameters.paths.enumerated() {
      let expected = try #require(fixture.gradients[String(path.dropFirst(2))]).tensor
      try expectClose(found[real.count + place], expected, tolerance: 1e-9, "the gradient of \(path)")
    }
  }

  /// How the layer or function of a case is called.
  private func call(_ fixture: TorchLayerCase, _ model: Sequential, _ inputs: [Tensor]) -> [Tensor] {
    let arguments = fixture.arguments
    switch fixture.call {
    case nil: return [model(inputs[0])]
    case "fromState":
      let state = RecurrentState(hidden: inputs[1], cell: inputs.count > 2 ? inputs[2] : nil)
      let (outputs, last) = called(model[0], inputs[0], from: state)
      return [outputs, last.hidden] + (last.cell.map { [$0] } ?? [])
    case "transposedConvolution":
      let result = inputs[0].transposedConvolved(
        with: inputs[1], strides: arguments?.strides, padding: .symmetric(arguments?.padding ?? []),
        outputPadding: arguments?.outputPadding, dilation: arguments?.dilation, groups: arguments?.groups ?? 1)
      return [result]
    case "attendingTo":
      return [attention(model[0])(inputs[0], attendingTo: inputs[1], mask: mask(arguments, inputs, at: 2))]
    case "masked": return [attention(model[0])(inputs[0], mask: mask(arguments, inputs, at: 1))]
    case "attention": return [attention(arguments, inputs)]
    case "decoder":
      guard let holder = model[0] as? DecoderHolder else { fatalError("\(fixture.name): there is no decoder") }
      return [holder.decoder(inputs[0], memory: inputs[1], memoryMask: mask(arguments, inputs, at: 2))]
    case let call?: fatalError("\(fixture.name): there is no call \"\(call)\"")
    }
  }

  /// A decoder, which takes two tensors, where layers that take one are.
  private struct DecoderHolder: Layer {
    let decoder: TransformerDecoder

    func callAsFunction(_ x: Tensor) -> Tensor { fatalError("a decoder has a memory too") }
  }

  /// The decoder a case is about, or nothing.
  private func decoder(_ fixture: TorchLayerCase) throws -> [any Layer] {
    guard fixture.call == "decoder", let arguments = fixture.arguments else { return [] }
    let decoder = TransformerDecoder(
      try #require(arguments.width), layers: try #require(arguments.layers), heads: try #require(arguments.heads),
      hidden: arguments.hidden, normalization: try #require(arguments.normalization),
      activation: try makeLayer(architecture: try #require(arguments.activation)))
    return [DecoderHolder(decoder: decoder)]
  }

  private func called(
    _ layer: any Layer, _ x: Tensor, from state: RecurrentState
  ) -> (outputs: Tensor, state: RecurrentState) {
    switch layer {
    case let layer as RNN: return layer(x, from: state)
    case let layer as LSTM: return layer(x, from: state)
    case let layer as GRU: return layer(x, from: state)
    default: fatalError("\(type(of: layer)) has no state")
    }
  }

  private func attention(_ layer: any Layer) -> MultiHeadAttention {
    guard let layer = layer as? MultiHeadAttention else { fatalError("\(type(of: layer)) attends to nothing") }
    return layer
  }

  private func mask(_ arguments: TorchLayerCase.Arguments?, _ inputs: [Tensor], at index: Int) -> AttentionMask {
    switch arguments?.mask {
    case "causal": .causal
    case "visible": .visible(inputs[index] .!= 0)
    default: .none
    }
  }

  private func attention(_ arguments: TorchLayerCase.Arguments?, _ inputs: [Tensor]) -> Tensor {
    /// Each head as often as queries share it.
    func spread(_ x: Tensor) -> Tensor {
      guard let groups = arguments?.groups else { return x }
      return x.expanded(axis: 2).broadcast(to: [x.shape[0], x.shape[1], groups] + x.shape[2...]).reshaped(
        [x.shape[0], x.shape[1] * groups] + x.shape[2...])
    }
    return scaledDotProductAttention(
      query: inputs[0], key: spread(inputs[1]), value: spread(inputs[2]), mask: mask(arguments, inputs, at: 3),
      scale: arguments?.scale)
  }

  /// Layers that draw random numbers, and some that only PyTorch lacks, are tested elsewhere.
  @Test func everyLayerThatAFileCanNameHasACase() throws {
    let tested = Set(try TorchLayerCase.all.compactMap { try $0.layerName })
    let others: Set<String> = [
      "Step", "Sequential", "Dropout", "SpatialDropout", "StochasticDepth", "PolynomialFeatures", "BasisExpansion",
    ]
    #expect(Set(namedLayers.map { $0.name }).subtracting(others).subtracting(tested).isEmpty)
  }
}
