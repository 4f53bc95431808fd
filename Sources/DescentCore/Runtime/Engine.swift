/// What turns programs into results.
///
/// An engine knows nothing of modules, gradients or data: it compiles a program once and runs it on buffers many
/// times. Passing `EngineConformance` is what makes it an engine.
public struct Engine: Sendable {
  /// What messages call the engine.
  public let name: String
  private let body: @Sendable (Program, Precision) -> Executable

  package init(name: String, compile body: @escaping @Sendable (Program, Precision) -> Executable) {
    self.name = name
    self.body = body
  }

  package func compile(_ program: Program, precision: Precision = .float32) -> Executable { body(program, precision) }
}

/// A compiled program.
public struct Executable: Sendable {
  package typealias Run = @Sendable (_ inputs: [Memory], _ outputs: [Memory]) throws(EvaluationError) -> Void
  private let body: Run
  private let results: [TensorType]

  package init(_ program: Program, run body: @escaping Run) {
    self.body = body
    results = program.outputs.map { TensorType(program.instructions[$0].shape, program.instructions[$0].dtype) }
  }

  /// Runs on the inputs' memory and writes the results into `outputs`. An output that takes over an input's memory is
  /// bound to the same buffer; otherwise inputs and outputs are distinct.
  package func run(_ inputs: [Memory], into outputs: [Memory]) throws(EvaluationError) {
    defer { for output in outputs { output.noteChange() } }
    try body(inputs, outputs)
  }

  /// Runs into new memory.
  package func run(_ inputs: [Memory]) throws(EvaluationError) -> [Memory] {
    let outputs = results.map { Memory($0.dtype, count: $0.shape.elementCount) }
    try run(inputs, into: outputs)
    return outputs
  }
}

/// Why a program stopped: data that no shape rule could foresee.
public struct EvaluationError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  /// - Parameter description: one clause that names the place and says what was expected and what was found.
  public init(_ description: String) { self.description = description }

  package static func indexOutOfRange(_ operation: String, index: Int, extent: Int) -> EvaluationError {
    EvaluationError(
      extent == 0
        ? "\(operation): index \(index) into an empty axis"
        : "\(operation): index \(index) is outside 0 ..< \(extent)")
  }
}

extension Engine {
  /// The elements of tensors, computed on this engine; the tensors themselves stay as they are.
  public func compute(_ tensors: [Tensor], precision: Precision = .float32) throws(EvaluationError) -> [Memory] {
    let (program, captured) = Program.tracing(outputs: tensors)
    return try compile(program, precision: precision).run(captured)
  }

  /// Computes tensors that have no elements yet, all in one program, and keeps the results in them.
  package func evaluate(_ tensors: [Tensor]) throws(EvaluationError) {
    var seen: Set<ObjectIdentifier> = []
    let pending = tensors.filter { $0.node.value == nil && seen.insert(ObjectIdentifier($0.node)).inserted }
    guard !pending.isEmpty else { return }
    for (tensor, memory) in zip(pending, try compute(pending)) { tensor.node.setValue(memory) }
  }
}
