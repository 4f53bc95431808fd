/// A graph laid flat: every instruction's operands come before it. This is what engines compile.
public struct Program: Sendable, Hashable {
  /// One operation on values computed before it.
  public struct Instruction: Sendable, Hashable {
    public let primitive: Primitive
    /// Positions of earlier instructions.
    public let operands: [Int]
    public let shape: [Int]
    public let dtype: DType
  }

  /// What is computed, in order.
  public internal(set) var instructions: [Instruction]
  /// The instructions that stand for memory bound at each run, in the order it is bound.
  public internal(set) var inputs: [Int]
  /// The instructions whose values are the results.
  public internal(set) var outputs: [Int]
  /// For each output the input whose memory it takes over, if any: parameters updated in place. Such an input and
  /// output are bound to one buffer.
  public internal(set) var updates: [Int?]

  /// Lays out what `outputs` depend on, simplified. The program's inputs are `inputs`, placeholders all, followed by
  /// the memory of evaluated tensors it meets, which is returned as `captured`. What `first` depends on, parts of the
  /// same graph, is computed before all else, in this order: so memory can be given back early.
  package static func tracing(
    inputs: [Tensor] = [], first: [Tensor] = [], outputs: [Tensor], updates: [Int?] = []
  ) -> (program: Program, captured: [Memory]) {
    var captured: [Memory] = []
    var values: [ObjectIdentifier: Memory] = [:]
    let graph = Traversal(from: (inputs + first + outputs).map { $0.node }) { node in
      guard let value = node.value else { return false }
      values[ObjectIdentifier(node)] = value
      return true
    }
    var builder = ProgramBuilder()
    var positions = [Int](repeating: 0, count: graph.nodes.count)
    let declared = Set(inputs.map { ObjectIdentifier($0.node) })
    for input in inputs {
      positions[graph.position(of: input.node)!] = builder.addInput(shape: input.shape, dtype: input.dtype)
    }
    for (index, node) in graph.nodes.enumerated() where !declared.contains(ObjectIdentifier(node)) {
      if let value = values[ObjectIdentifier(node)] {
        captured.append(value)
        positions[index] = builder.addInput(shape: node.shape, dtype: node.dtype)
      } else if case .input = node.primitive {
        fatalError(
          "A tensor of shape \(text(node.shape)) has no value here: it stands for an argument of a function that is "
            + "being traced (by vmap or a compiled step), so its elements cannot be read inside that function.")
      } else {
        let operands = graph.operands[index].map { positions[$0] }
        positions[index] = builder.add(node.primitive, operands, shape: node.shape, dtype: node.dtype)
      }
    }
    builder.outputs = outputs.map { positions[graph.position(of: $0.node)!] }
    var program = builder.finish()
    program.updates = updates.isEmpty ? [Int?](repeating: nil, count: outputs.count) : updates
    return (program, captured)
  }
}

extension Program: CustomStringConvertible {
  /// One line an instruction: `%3 = add(%1, %2) float32[2, 3]`.
  public var description: String {
    var result = ""
    for (index, instruction) in instructions.enumerated() {
      var operands = ""
      for operand in instruction.operands { operands += (operands.isEmpty ? "" : ", ") + "%\(operand)" }
      result +=
        "%\(index) = \(instruction.primitive.name)(\(operands)) \(instruction.dtype.name)\(text(instruction.shape))\n"
    }
    return result + "return " + text(outputs) + "\n"
  }
}
