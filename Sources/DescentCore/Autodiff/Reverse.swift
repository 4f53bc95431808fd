/// Reverse mode: pulls cotangents of the outputs back to the variables.
///
/// The graph is walked once from the outputs down to the variables; only nodes on a path between the two take part.
/// The result is a graph again, so it can be differentiated in turn. A variable no output depends on gets nil.
package func pullback(of outputs: [Tensor], cotangents: [Tensor?], to variables: [Tensor]) -> [Tensor?] {
  let leaves = Set(variables.map { ObjectIdentifier($0.node) })
  let graph = Traversal(from: outputs.map { $0.node }) { leaves.contains(ObjectIdentifier($0)) }
  let depends = dependence(of: graph, on: variables)
  var cotangent = [Tensor?](repeating: nil, count: graph.nodes.count)
  for (output, seed) in zip(outputs, cotangents) {
    guard let seed, let position = graph.position(of: output.node) else { continue }
    add(seed, to: &cotangent[position])
  }
  for position in graph.nodes.indices.reversed() where depends[position] {
    let operands = graph.operands[position]
    guard !operands.isEmpty, let incoming = cotangent[position] else { continue }
    let node = graph.nodes[position]
    let x = operands.map { Tensor(node: graph.nodes[$0]) }
    let contributions = node.primitive.pullBack(incoming, x, Tensor(node: node)) { depends[operands[$0]] }
    for (operand, contribution) in contributions where depends[operands[operand]] {
      add(contribution, to: &cotangent[operands[operand]])
    }
    cotangent[position] = nil
  }
  return variables.map { variable in graph.position(of: variable.node).flatMap { cotangent[$0] } }
}

/// Which nodes a change of the variables can reach through differentiable numbers.
func dependence(of graph: Traversal, on variables: [Tensor]) -> [Bool] {
  var depends = [Bool](repeating: false, count: graph.nodes.count)
  for variable in variables {
    if let position = graph.position(of: variable.node) { depends[position] = true }
  }
  for position in graph.nodes.indices where !depends[position] && graph.nodes[position].dtype.isFloat {
    depends[position] = graph.operands[position].contains { depends[$0] }
  }
  return depends
}

private func add(_ term: Tensor, to sum: inout Tensor?) {
  sum = sum.map { $0 + term } ?? term
}

extension Primitive {
  /// The cotangents of the operands for which `isNeeded` holds, with their positions.
  fileprivate func pullBack(
    _ c: Tensor, _ x: [Tensor], _ y: Tensor, isNeeded: (Int) -> Bool
  ) -> [(Int, Tensor)] {
    switch derivative {
    case .constant: return []
    case .elementwise(let partials):
      var result: [(Int, Tensor)] = []
      for (operand, partial) in partials(x, y).enumerated() where isNeeded(operand) {
        if let partial { result.append((operand, c * partial)) }
      }
      return result
    case .linear(let operands, let transpose):
      let positions = operands.isEmpty ? Array(x.indices) : operands
      return Array(zip(positions, transpose(c, x)))
    case .bilinear(let left, let right):
      var result: [(Int, Tensor)] = []
      if isNeeded(0) { result.append((0, left(c, x))) }
      if isNeeded(1) { result.append((1, right(c, x))) }
      return result
    case .reduction(let axes, let partial):
      let kept = x[0].shape.indices.filter { !axes.contains($0) }
      return [(0, partial(x[0], y) * Tensor(.broadcast(shape: x[0].shape, axes: kept), c))]
    case .custom(let rule):
      let inputs = Array(x.dropFirst())
      let cotangents = rule.cotangents(inputs, y, c)
      return cotangents.enumerated().map { ($0.offset + 1, $0.element) }
    }
  }
}
