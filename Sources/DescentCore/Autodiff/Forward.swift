/// Forward mode: pushes tangents of the variables through to the outputs.
///
/// An output that depends on no variable with a tangent gets nil.
package func pushforward(of outputs: [Tensor], tangents: [Tensor?], from variables: [Tensor]) -> [Tensor?] {
  let leaves = Set(variables.map { ObjectIdentifier($0.node) })
  let graph = Traversal(from: outputs.map { $0.node }) { leaves.contains(ObjectIdentifier($0)) }
  let depends = dependence(of: graph, on: variables)
  var tangent = [Tensor?](repeating: nil, count: graph.nodes.count)
  for (variable, seed) in zip(variables, tangents) {
    if let position = graph.position(of: variable.node) { tangent[position] = seed }
  }
  for position in graph.nodes.indices where depends[position] && !graph.operands[position].isEmpty {
    let operands = graph.operands[position]
    let incoming = operands.map { tangent[$0] }
    guard incoming.contains(where: { $0 != nil }) else { continue }
    let node = graph.nodes[position]
    let x = operands.map { Tensor(node: graph.nodes[$0]) }
    tangent[position] = node.primitive.pushForward(incoming, x, Tensor(node: node))
  }
  return outputs.map { output in graph.position(of: output.node).flatMap { tangent[$0] } }
}

extension Primitive {
  fileprivate func pushForward(_ tangents: [Tensor?], _ x: [Tensor], _ y: Tensor) -> Tensor? {
    switch derivative {
    case .constant: return nil
    case .elementwise(let partials):
      var result: Tensor?
      for (tangent, partial) in zip(tangents, partials(x, y)) {
        guard let tangent, let partial else { continue }
        let term = partial * tangent
        result = result.map { $0 + term } ?? term
      }
      return result
    case .linear(let operands, _):
      var arguments = x
      for operand in operands.isEmpty ? Array(x.indices) : operands {
        arguments[operand] = tangents[operand] ?? Tensor.zeros(like: x[operand])
      }
      return Tensor(self, arguments)
    case .bilinear:
      let left = tangents[0].map { Tensor(self, $0, x[1]) }
      let right = tangents[1].map { Tensor(self, x[0], $0) }
      guard let left, let right else { return left ?? right }
      return left + right
    case .reduction(let axes, let partial):
      return tangents[0].map { (partial(x[0], y) * $0).sum(axes: axes) }
    case .custom(let rule): return rule.tangent(Array(tangents.dropFirst()), Array(x.dropFirst()), y)
    }
  }
}
