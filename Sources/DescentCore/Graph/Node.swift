/// One operation in a graph: what it does, to which operands, and the shape of what comes out.
///
/// Nodes are created in order of use and never change what they mean. Only two things happen to a node afterwards:
/// its value is computed, and then its operands are let go.
package final class Node: @unchecked Sendable {
  package let primitive: Primitive
  package let shape: [Int]
  package let dtype: DType
  /// A number written in the source, which takes the element type of what it meets.
  package let isWeak: Bool
  /// The derivatives being taken that this node takes part in.
  package let scopes: [TraceScope]
  private let state: Guarded<State>

  private struct State: Sendable {
    var operands: [Node]
    var value: Memory?
  }

  package init(
    _ primitive: Primitive, _ operands: [Node], shape: [Int], dtype: DType, isWeak: Bool = false,
    scope: TraceScope? = nil
  ) {
    self.primitive = primitive
    self.shape = shape
    self.dtype = dtype
    self.isWeak = isWeak
    scopes = TraceScope.union(of: operands, adding: scope)
    state = Guarded(State(operands: operands, value: nil))
  }

  package init(value: Memory, shape: [Int]) {
    primitive = .constant
    self.shape = shape
    dtype = value.dtype
    isWeak = false
    scopes = []
    state = Guarded(State(operands: [], value: value))
  }

  /// A stand-in for one example of a batch. It belongs to the derivatives its batch belongs to.
  init(exampleOf batch: Node) {
    primitive = .input(-1)
    shape = Array(batch.shape.dropFirst())
    dtype = batch.dtype
    isWeak = false
    scopes = batch.dtype.isFloat ? batch.scopes.filter { $0.isActive } : []
    state = Guarded(State(operands: [], value: nil))
  }

  package var operands: [Node] { state.withLock { $0.operands } }
  package var value: Memory? { state.withLock { $0.value } }

  /// Keeps the computed value, and forgets how it came about unless a derivative being taken still needs to know.
  package func setValue(_ value: Memory) {
    let isTraced = scopes.contains { $0.isActive }
    let released = state.withLock { state -> [Node] in
      state.value = value
      guard !isTraced else { return [] }
      let operands = state.operands
      state.operands = []
      return operands
    }
    withExtendedLifetime(released) {}
  }

  // A long chain released naively recurses once a node and overflows the stack; this loop takes each node's operands
  // before the node itself goes.
  deinit {
    var pending = takeOperands()
    while var node = pending.popLast() {
      if isKnownUniquelyReferenced(&node) { pending += node.takeOperands() }
    }
  }

  private func takeOperands() -> [Node] {
    state.withLock { state -> [Node] in
      let operands = state.operands
      state.operands = []
      return operands
    }
  }
}

/// The span during which a derivative is being taken with respect to some variable.
///
/// While it is active, evaluated nodes that depend on the variable keep their operands, so that reading a value
/// inside a differentiated function never cuts the gradient.
package final class TraceScope: Sendable {
  private let active = Guarded(true)

  package init() {}

  package var isActive: Bool { active.withLock { $0 } }

  package func finish() { active.withLock { $0 = false } }

  fileprivate static func union(of operands: [Node], adding scope: TraceScope?) -> [TraceScope] {
    var result: [TraceScope] = []
    for operand in operands where !operand.scopes.isEmpty {
      if result.isEmpty && operand.scopes.allSatisfy({ $0.isActive }) {
        result = operand.scopes
      } else {
        for candidate in operand.scopes where candidate.isActive && !result.contains(where: { $0 === candidate }) {
          result.append(candidate)
        }
      }
    }
    if let scope { result.append(scope) }
    return result
  }
}
