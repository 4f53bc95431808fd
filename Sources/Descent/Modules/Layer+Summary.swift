import DescentCore

extension Layer {
  /// The layers of the model, the shapes between them and the number of parameters, for examples of shape `input`
  /// (without the batch). Nothing is computed.
  ///
  /// A layer is listed if a container calls it: `Sequential`, `Residual`, or a layer of your own that calls its parts
  /// as `part(x, as: "name")`.
  ///
  /// ```swift
  /// print(model.summary(input: [4]))
  /// ```
  public func summary(input: [Int], dtype: DType = .float32) -> ModuleSummary {
    // What grows with the batch shows by tracing two batch sizes.
    let two = trace(Tensor.input(-1, shape: [2] + input, dtype: dtype))
    let three = trace(Tensor.input(-1, shape: [3] + input, dtype: dtype))
    let rows = zip(two, three).map { small, large in
      ModuleSummary.Row(
        path: small.path, type: "\(type(of: small.layer))", output: shapeText(small.output.shape, large.output.shape),
        parameterCount: small.layer.parameterCount)
    }
    let tree = ParameterTree(self)
    func count(_ entries: [ParameterTree.Entry]) -> Int { entries.reduce(0) { $0 + $1.storage.shape.elementCount } }
    return ModuleSummary(
      rows: rows, trainableCount: count(tree.trainable), frozenCount: count(tree.parameters) - count(tree.trainable),
      bufferCount: count(tree.buffers),
      byteCount: tree.entries.reduce(0) { $0 + $1.storage.shape.elementCount * $1.storage.dtype.byteSize })
  }

  /// The calls of the innermost layers; the whole layer itself if it calls none through a container.
  private func trace(_ x: Tensor) -> [LayerCall] {
    let (output, calls) = withPhase(.inference) { observingLayers { self(x) } }
    let leaves = calls.filter { call in !calls.contains { $0.path.hasPrefix(call.path + ".") } }
    return leaves.isEmpty ? [LayerCall(path: "", layer: self, output: output)] : leaves
  }
}

/// The shape in words, from the shapes for batches of two and of three examples.
private func shapeText(_ two: [Int], _ three: [Int]) -> String {
  guard two.count == three.count else { return "depends on the batch" }
  let extents = zip(two, three).map { small, large in
    if small == large { return "\(small)" }
    let perExample = large - small
    guard small == 2 * perExample else { return "?" }
    return perExample == 1 ? "batch" : "\(perExample) · batch"
  }
  return "[" + extents.joined(separator: ", ") + "]"
}
