import DescentCore

extension Metric.Reading {
  /// What the outputs of a model are, seen from the operations that make them: probabilities after a sigmoid or a
  /// softmax, else logits. Logarithms of probabilities are logits of the same probabilities.
  init(ofOutputs outputs: Tensor) {
    let last = outputs.node.beforeMovement
    switch (last.primitive, last.operands.first?.beforeMovement) {
    case (.unary(.sigmoid), _): self = .probabilities
    case (.binary(let function), let powers?)
    where powers.primitive == .unary(.exp)
      && (function == .divide || function == .multiply && last.operands[1].beforeMovement.primitive == .binary(.divide)):
      // A softmax divides powers by their own sum, or multiplies them by its reciprocal.
      let divisor = Traversal(from: [last.operands[1]], isLeaf: { $0 === powers })
      self = divisor.position(of: powers) == nil ? .logits : .probabilities
    default: self = .logits
    }
  }
}

extension Node {
  /// The node whose elements this one only arranges or converts.
  fileprivate var beforeMovement: Node {
    var node = self
    while let operand = node.operands.first {
      switch node.primitive {
      case .reshape, .transpose, .broadcast, .convert, .identity: node = operand
      default: return node
      }
    }
    return node
  }
}
