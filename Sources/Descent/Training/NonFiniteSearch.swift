import DescentCPU
import DescentCore

extension CompiledStep {
  /// Says where a loss became NaN or infinite: in the batch, in the weights, or in an operation of the forward pass,
  /// which is made again with the weights and the key as they are now.
  func nonFiniteLoss(
    _ value: Float, on batch: Batch, step: Int, isUndone: Bool, featureNames: [String] = []
  ) -> NonFiniteLoss {
    let cause = batch.nonFiniteElement(featureNames: featureNames) ?? causeInWeights() ?? causeInForwardPass(on: batch)
    return NonFiniteLoss(step: step, loss: value, rowNumbers: batch.rowNumbers, cause: cause, isUndone: isUndone)
  }

  /// The path of weights that are not finite.
  var nonFiniteWeights: String? {
    zip(memory.weights.entries, memory.weights.memory).first { !$1.isFinite }?.0.path
  }

  private func causeInWeights() -> NonFiniteLoss.Cause? { nonFiniteWeights.map { .weights(path: $0) } }

  private func causeInForwardPass(on batch: Batch) -> NonFiniteLoss.Cause? {
    let entries = memory.trainable + memory.others
    // Stand-ins, so that a layer that keeps running statistics changes them instead of its buffers.
    let standIns = entries.map { (ObjectIdentifier($0.storage), $0.storage.stored) }
    let context = ModuleContext(
      phase: .training, key: RandomKey(data: Tensor(memory.key.copy(), shape: [2])),
      standIns: Dictionary(uniqueKeysWithValues: standIns))
    let (value, calls) = ModuleContext.$current.withValue(context) { observingLayers { loss(model, batch) } }
    return ForwardPass(loss: value, calls: calls, precision: precision).firstNonFinite(in: batch)
  }
}

/// The graph of a forward pass with the elements of every operation, and the layer each belongs to.
private struct ForwardPass {
  private let graph: Traversal
  private let elements: [Memory]
  private let layers: [Int: String]

  init(loss: Tensor, calls: [LayerCall], precision: Precision) {
    graph = Traversal(from: [loss.node])
    // An index out of range cannot be met here: the step itself has run.
    elements = (try? Engine.interpreter.compute(graph.nodes.map { Tensor(node: $0) }, precision: precision)) ?? []
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
  /// The first input or else target that is NaN or infinite.
  func nonFiniteElement(featureNames names: [String]) -> NonFiniteLoss.Cause? {
    if let found = inputs.memory.firstNonFinite {
      let width = max(1, inputs.count / max(1, count))
      let (row, feature) = found.index.quotientAndRemainder(dividingBy: width)
      let name = feature < names.count ? "\"\(names[feature])\"" : "feature \(feature)"
      return .input(value: found.value, feature: name, rowNumber: rowNumber(row))
    }
    if let found = targets.memory.firstNonFinite {
      let width = max(1, targets.count / max(1, count))
      return .target(value: found.value, rowNumber: rowNumber(found.index / width))
    }
    // An infinity may be meant, as in a mask.
    for (name, tensor) in others.sorted(by: { $0.key < $1.key }) {
      guard let found = tensor.memory.first(where: \.isNaN) else { continue }
      let row = tensor.shape.first == count ? rowNumber(found.index / max(1, tensor.count / max(1, count))) : nil
      return .input(value: found.value, feature: "\"\(name)\"", rowNumber: row)
    }
    return nil
  }

  /// The number of a row of the batch in the data it came from, if known.
  fileprivate func rowNumber(_ row: Int) -> Int? { row < rowNumbers.count ? rowNumbers[row] : nil }
}

extension Dataset {
  /// The first input or else target that is NaN or infinite, as rows are measured.
  func nonFiniteElement() throws(TrainingError) -> NonFiniteLoss.Cause? {
    for start in stride(from: 0, to: count, by: 256) {
      let rows = try trainingBatch(at: Array(start..<min(start + 256, count))[...])
      if let cause = rows.nonFiniteElement(featureNames: featureNames) { return cause }
    }
    return nil
  }

  /// A batch of the first row.
  func firstRow() throws(TrainingError) -> Batch { try trainingBatch(at: [0]) }

  private func trainingBatch(at positions: ArraySlice<Int>) throws(TrainingError) -> Batch {
    do { return try batch(at: positions) } catch { throw .evaluation(error, step: nil, rowNumbers: []) }
  }
}

extension Memory {
  /// Whether no element is NaN or infinite, looked up in the bits of the exponents: without branches, so that going
  /// through all weights after each epoch costs next to nothing.
  var isFinite: Bool {
    switch dtype {
    case .float32: allBits { (bits: UInt32) in bits & 0x7F80_0000 != 0x7F80_0000 }
    case .float64: allBits { (bits: UInt64) in bits & 0x7FF0_0000_0000_0000 != 0x7FF0_0000_0000_0000 }
    case .bool, .uint8, .int32, .int64: true
    }
  }

  private func allBits<Bits: FixedWidthInteger>(_ holds: (Bits) -> Bool) -> Bool {
    withBytes { bytes in
      var isSo = true
      for index in 0..<count {
        let hit = holds(bytes.load(fromByteOffset: index * MemoryLayout<Bits>.stride, as: Bits.self))
        isSo = isSo && hit
      }
      return isSo
    }
  }

  /// The first element that is NaN or infinite.
  fileprivate var firstNonFinite: (index: Int, value: Float)? { first { !$0.isFinite } }

  fileprivate func first(where isBad: (Double) -> Bool) -> (index: Int, value: Float)? {
    guard dtype.isFloat else { return nil }
    return (0..<count).first { isBad(self[$0].real) }.map { ($0, Float(self[$0].real)) }
  }
}
