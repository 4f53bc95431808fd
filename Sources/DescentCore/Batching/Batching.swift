/// A function of single examples as a function of batches: every argument gets a new leading axis (or one at
/// `inAxis`), and so does the result. What the function captures is shared by all examples.
///
/// The function is traced once for one example; the graph is then rewritten so that every operation works on the
/// whole batch, which is why there is no loop. It composes with the derivatives: per-example gradients are
/// `vmap { x, y in gradient(at: weights) { loss($0, x, y) } }(inputs, targets)`.
public func vmap(
  _ function: @escaping (Tensor) -> Tensor, inAxis: Int = 0, outAxis: Int = 0
) -> (Tensor) -> Tensor {
  { x in vmap(over: [x], inAxes: [inAxis]) { [function($0[0])] }[0].movingAxis(0, to: outAxis) }
}

/// `vmap` of a function of two tensors.
public func vmap(_ function: @escaping (Tensor, Tensor) -> Tensor) -> (Tensor, Tensor) -> Tensor {
  { x, y in vmap(over: [x, y], inAxes: [0, 0]) { [function($0[0], $0[1])] }[0] }
}

/// `vmap` of a function of three tensors.
public func vmap(_ function: @escaping (Tensor, Tensor, Tensor) -> Tensor) -> (Tensor, Tensor, Tensor) -> Tensor {
  { x, y, z in vmap(over: [x, y, z], inAxes: [0, 0, 0]) { [function($0[0], $0[1], $0[2])] }[0] }
}

/// `vmap` of a function of any number of tensors with any number of results. An axis of nil shares that argument
/// among all examples; every result has the batch in front.
public func vmap(over arguments: [Tensor], inAxes: [Int?], _ function: ([Tensor]) -> [Tensor]) -> [Tensor] {
  guard arguments.count == inAxes.count else {
    fatalError("vmap: \(inAxes.count) axes for \(arguments.count) arguments")
  }
  var batched: [Tensor] = []
  var examples: [Tensor] = []
  var placeholders: [Tensor] = []
  for (argument, axis) in zip(arguments, inAxes) {
    guard let axis else {
      examples.append(argument)
      continue
    }
    let moved = argument.movingAxis(axis, to: 0)
    let example = Tensor.example(of: moved)
    batched.append(moved)
    placeholders.append(example)
    examples.append(example)
  }
  guard let size = batched.first?.shape[0] else { fatalError("vmap: no argument has a batch axis") }
  for argument in batched where argument.shape[0] != size {
    fatalError("vmap: batches of \(size) and \(argument.shape[0]) examples; they must be equal")
  }
  return Batch(placeholders: placeholders, values: batched, size: size).rewriting(function(examples))
}

extension Tensor {
  /// A stand-in for one example of a batch. It belongs to whatever derivative its batch belongs to.
  static func example(of batch: Tensor) -> Tensor { Tensor(node: Node(exampleOf: batch.node)) }
}

/// Placeholders for one example of a batch, and the batches they stand for.
struct Batch {
  let placeholders: [Tensor]
  let values: [Tensor]
  let size: Int

  /// Rewrites the graph from `outputs` down to the placeholders with the batch in front of every dependent node.
  func rewriting(_ outputs: [Tensor]) -> [Tensor] {
    let graph = Traversal(from: outputs.map { $0.node })
    var result = [Tensor?](repeating: nil, count: graph.nodes.count)
    for (placeholder, value) in zip(placeholders, values) {
      if let position = graph.position(of: placeholder.node) { result[position] = value }
    }
    for position in graph.nodes.indices where result[position] == nil {
      let operands = graph.operands[position]
      let node = graph.nodes[position]
      let isBatched = operands.contains { result[$0] != nil }
      guard isBatched || hasRuleOfAnExample(node, operands.map { Tensor(node: graph.nodes[$0]) }) else { continue }
      let arguments = operands.map { operand in
        result[operand].map(BatchedOperand.batched) ?? .shared(Tensor(node: graph.nodes[operand]))
      }
      result[position] = node.primitive.batched(arguments, in: self)
    }
    return zip(outputs, outputs.map { graph.position(of: $0.node)! }).map { output, position in
      result[position] ?? BatchedOperand.shared(output).materialized(size)
    }
  }

  /// Whether a node's derivative, if not its value, is stated by what belongs to one example.
  private func hasRuleOfAnExample(_ node: Node, _ operands: [Tensor]) -> Bool {
    guard case .custom(let rule) = node.primitive, !operands.isEmpty else { return false }
    let output = Tensor(node: node)
    let cotangents = rule.cotangents(Array(operands.dropFirst()), output, Tensor.zeros(like: output))
    let graph = Traversal(from: cotangents.map { $0.node })
    return placeholders.contains { graph.position(of: $0.node) != nil }
  }
}
