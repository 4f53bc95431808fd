/// Nodes in an order in which every operand comes before its uses, found without recursion.
///
/// Operands are read once per node, and before anything else: another thread that computes the node's value sets the
/// value first and then lets the operands go, so a node found without operands is seen to have its value.
package struct Traversal {
  package private(set) var nodes: [Node] = []
  package private(set) var operands: [[Int]] = []
  private var positions: [ObjectIdentifier: Int] = [:]

  /// Walks from `outputs` down to leaves, and not below nodes for which `isLeaf` holds.
  package init(from outputs: [Node], isLeaf: (Node) -> Bool = { _ in false }) {
    enum Visit {
      case enter(Node)
      case leave(Node, [Node])
    }
    var entered: Set<ObjectIdentifier> = []
    var stack = outputs.reversed().map { Visit.enter($0) }
    while let visit = stack.popLast() {
      switch visit {
      case .enter(let node):
        guard entered.insert(ObjectIdentifier(node)).inserted else { continue }
        let known = node.operands
        let operands = isLeaf(node) ? [] : known
        stack.append(.leave(node, operands))
        for operand in operands.reversed() where !entered.contains(ObjectIdentifier(operand)) {
          stack.append(.enter(operand))
        }
      case .leave(let node, let nodeOperands):
        positions[ObjectIdentifier(node)] = nodes.count
        nodes.append(node)
        operands.append(nodeOperands.map { positions[ObjectIdentifier($0)]! })
      }
    }
  }

  package func position(of node: Node) -> Int? { positions[ObjectIdentifier(node)] }
}
