/// A derivative stated by the user, as the cotangents it gives back.
public final class CustomRule: Sendable, Hashable {
  package typealias Cotangents = @Sendable (_ inputs: [Tensor], _ output: Tensor, _ cotangent: Tensor) -> [Tensor]

  private let rule: Cotangents

  package init(_ rule: @escaping Cotangents) { self.rule = rule }

  package func cotangents(_ inputs: [Tensor], _ output: Tensor, _ cotangent: Tensor) -> [Tensor] {
    let result = rule(inputs, output, cotangent)
    guard result.count == inputs.count else {
      fatalError("withDerivative: the rule gave \(result.count) cotangents for \(inputs.count) inputs")
    }
    for (index, (input, cotangent)) in zip(inputs, result).enumerated() where input.shape != cotangent.shape {
      fatalError(
        "withDerivative: the cotangent of input \(index) has shape \(text(cotangent.shape)), the input "
          + text(input.shape))
    }
    return zip(result, inputs).map { $0.cast(to: $1.dtype) }
  }

  /// The tangent of the output. A pullback is linear in the cotangent, so forward mode is the derivative of ⟨x̄(ȳ), ẋ⟩
  /// with respect to ȳ.
  func tangent(_ tangents: [Tensor?], _ inputs: [Tensor], _ output: Tensor) -> Tensor {
    let scope = TraceScope()
    defer { scope.finish() }
    let probe = Tensor(.identity, [Tensor.zeros(like: output)], scope: scope)
    let pulled = cotangents(inputs, output, probe)
    return pullback(of: pulled, cotangents: tangents, to: [probe])[0] ?? Tensor.zeros(like: output)
  }

  public static func == (a: CustomRule, b: CustomRule) -> Bool { a === b }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// Computes `function` of `inputs`, but with the derivative `pullback` states: from the inputs, the output and the
/// output's cotangent it gives one cotangent per input. Both modes and higher orders follow from it.
///
/// ```swift
/// // Straight through: rounds, but passes the gradient as if it did not.
/// let y = withDerivative(at: [x]) { $0[0].round() } pullback: { _, _, cotangent in [cotangent] }
/// ```
public func withDerivative(
  at inputs: [Tensor], of function: ([Tensor]) -> Tensor,
  pullback: @escaping @Sendable (_ inputs: [Tensor], _ output: Tensor, _ cotangent: Tensor) -> [Tensor]
) -> Tensor {
  let value = function(inputs)
  requireNoOtherVariable(in: value, inputs: inputs)
  return Tensor(.custom(CustomRule(pullback)), [value] + inputs)
}

/// A variable that the function captures would silently get no gradient: the rule speaks of the inputs only.
private func requireNoOtherVariable(in value: Tensor, inputs: [Tensor]) {
  guard !value.node.scopes.isEmpty else { return }
  let known = Set(inputs.map { ObjectIdentifier($0.node) })
  func isEnd(_ node: Node) -> Bool { known.contains(ObjectIdentifier(node)) || node.primitive == .stopGradient }
  let graph = Traversal(from: [value.node], isLeaf: isEnd)
  for (node, operands) in zip(graph.nodes, graph.operands) where !isEnd(node) {
    let inherited = operands.flatMap { graph.nodes[$0].scopes }
    let isVariable = node.scopes.contains { scope in scope.isActive && !inherited.contains { $0 === scope } }
    guard !isVariable else {
      fatalError(
        "withDerivative: the function uses a variable of shape \(text(node.shape)) that is not among its inputs, so it "
          + "would get no gradient; pass it in, or stop its gradient")
    }
  }
}
