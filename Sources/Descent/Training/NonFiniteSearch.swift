import DescentCPU
import DescentCore

extension CompiledStep {
  /// Says where a loss became NaN or infinite: in the batch, in the weights, or in an operation of the forward pass,
  /// which is made again with the weights and the key as they are now.
  func nonFiniteLoss(
    _ value: Float, on batch: Batch, step: Int, isUndone: Bool, featureNames: [String] = []
  ) -> NonFiniteLoss {
    let cause = causeInData(batch, names: featureNames) ?? causeInWeights() ?? causeInForwardPass(on: batch)
    return NonFiniteLoss(step: step, loss: value, rowNumbers: batch.rowNumbers, cause: cause, isUndone: isUndone)
  }

  private func causeInData(_ batch: Batch, names: [String]) -> NonFiniteLoss.Cause? {
    if let found = batch.inputs.memory.firstNonFinite {
      let width = max(1, batch.inputs.count / max(1, batch.count))
      let (row, feature) = found.index.quotientAndRemainder(dividingBy: width)
      let name = feature < names.count ? "\"\(names[feature])\"" : "feature \(feature)"
      return .input(value: found.value, feature: name, rowNumber: batch.rowNumber(row))
    }
    if let found = batch.targets.memory.firstNonFinite {
      let width = max(1, batch.targets.count / max(1, batch.count))
      return .target(value: found.value, rowNumber: batch.rowNumber(found.index / width))
    }
    return nil
  }

  private func causeInWeights() -> NonFiniteLoss.Cause? {
    let weights = zip(memory.trainable + memory.others, memory.trainableMemory + memory.otherMemory)
    return weights.first { $1.firstNonFinite != nil }.map { .weights(path: $0.0.path) }
  }

  private func causeInForwardPass(on batch: Batch) -> NonFiniteLoss.Cause? {
    let entries = memory.trainable + memory.others
    // Stand-ins, so that a layer that keeps running statistics changes them instead of its buffers.
    let standIns = entries.map { (ObjectIdentifier($0.storage), $0.storage.stored) }
    let context = ModuleContext(
      phase: .training, key: RandomKey(data: Tensor(memory.key.copy(), shape: [2])),
      standIns: Dictionary(uniqueKeysWithValues: standIns))
    let (value, calls) = ModuleContext.$current.withValue(context) { observingLayers { loss(model, batch) } }
    return ForwardPass(loss: value, calls: calls).firstNonFinite(in: batch)
  }
}

/// The graph of a forward pass with the elements of every operation, and the layer each belongs to.
private struct ForwardPass {
  private let graph: Traversal
  private let elements: [Memory]
  private let layers: [Int: String]

  init(loss: Tensor, calls: [LayerCall]) {
    graph = Traversal(from: [loss.node])
    // An index out of range cannot be met here: the step itself has run.
    elements = (try? Engine.interpreter.compute(graph.nodes.map { Tensor(node: $0) })) ?? []
    layers = Self.layers(of: graph, calls: calls)
  }

  /// A layer's calls finish before those of the layers around and after it, so an operation belongs to the first call
  /// whose output needs it.
  private static func layers(of graph: Traversal, calls: [LayerCall]) -> [Int: String] {
    var layers: [Int: String] = [:]
    for call in calls {
      var pending = [graph.position(of: call.output.node)].compactMap(\.self)
      while let position = pending.popLast() {
        guard layers.updateValue(layers[position] ?? call.name, forKey: position) == nil else { continue }
        pending += graph.operands[position]
      }
    }
    return layers
  }

  /// The first operation that makes an infinity or a NaN of finite numbers or, where infinities are meant (a mask), a
  /// NaN of other numbers.
  func firstNonFinite(in batch: Batch) -> NonFiniteLoss.Cause? {
    let position = first { !$0.isFinite } ?? first { $0.isNaN }
    return position.flatMap { cause(at: $0, in: batch) }
  }

  private func first(where isBad: (Double) -> Bool) -> Int? {
    elements.indices.first { position in
      let operands = graph.operands[position]
      return !operands.isEmpty && elements[position].first(where: isBad) != nil
        && operands.allSatisfy { elements[$0].first(where: isBad) == nil }
    }
  }

  private func cause(at position: Int, in batch: Batch) -> NonFiniteLoss.Cause? {
    let node = graph.nodes[position]
    guard let found = elements[position].firstNonFinite else { return nil }
    let hasRows = node.shape.first == batch.count
    let row = hasRows ? batch.rowNumber(found.index / (elements[position].count / batch.count)) : nil
    return .operation(name: node.primitive.name, value: found.value, layer: layers[position], rowNumber: row)
  }
}

extension LayerCall {
  /// The path and the kind of the layer, as messages name it: `2 (Dense)`.
  fileprivate var name: String { "\(path) (\(type(of: layer)))" }
}

extension Batch {
  /// The number of a row of the batch in the data it came from, if known.
  fileprivate func rowNumber(_ row: Int) -> Int? { row < rowNumbers.count ? rowNumbers[row] : nil }
}

extension Memory {
  /// The first element that is NaN or infinite.
  fileprivate var firstNonFinite: (index: Int, value: Float)? { first { !$0.isFinite } }

  fileprivate func first(where isBad: (Double) -> Bool) -> (index: Int, value: Float)? {
    guard dtype.isFloat else { return nil }
    return (0..<count).first { isBad(self[$0].real) }.map { ($0, Float(self[$0].real)) }
  }
}
