import DescentCPU
package import DescentCore

/// A function of a model and some tensors, compiled for each shape of these, in the phase of inference.
///
/// It reads the memory in which the model is trained, so it sees every change and copies no weights. Buffers that the
/// function assigns change in place at every run, as they do where the model is called without being compiled.
package final class CompiledFunction<Model: Module> {
  package typealias Body = (Model, [Tensor]) -> [Tensor]

  private let model: Model
  private var weights: LiveWeights
  private let engine: Engine
  private let precision: Precision
  private let body: Body
  private var plans = RecentlyUsed<Plan>(capacity: mostPlans)

  package init(
    _ model: Model, precision: Precision = .float32, engine: Engine = .cpu, _ body: @escaping Body
  ) {
    self.model = model
    self.engine = engine
    self.precision = precision
    self.body = body
    weights = LiveWeights(ParameterTree(model).entries)
  }

  /// The program for arguments of some shapes, and the memory it reads: first the arguments, then the model.
  package final class Plan {
    let argumentTypes: [TensorType]
    let resultTypes: [TensorType]
    let executable: Executable
    var inputs: [Memory]
    /// The memory of the buffers that a run changes, which it writes after the results.
    let changedBuffers: [Memory]
    private var weights: LiveWeights

    init(
      _ arguments: [TensorType], _ results: [Tensor], _ executable: Executable, inputs: [Memory],
      changedBuffers: [Memory], weights: LiveWeights
    ) {
      argumentTypes = arguments
      resultTypes = results.map { TensorType($0.shape, $0.dtype) }
      self.executable = executable
      self.inputs = inputs
      self.changedBuffers = changedBuffers
      self.weights = weights
    }

    /// New memory for the results.
    func makeResults() -> [Memory] { resultTypes.map { Memory($0.dtype, count: $0.shape.elementCount) } }

    /// Traps where the model was converted to another element type, whose weights the plan does not see.
    func requireWeights(for user: String) {
      guard let path = weights.detachedPaths().first else { return }
      fatalError("\(user): \(path) was converted to another element type; bind the model again")
    }

    func fits(_ arguments: [Tensor]) -> Bool {
      arguments.count == argumentTypes.count
        && zip(arguments, argumentTypes).allSatisfy { $0.shape == $1.shape && $0.dtype == $1.dtype }
    }
  }

  package func callAsFunction(_ arguments: [Tensor]) throws(EvaluationError) -> [Tensor] {
    let plan = plan(for: arguments)
    for index in arguments.indices { plan.inputs[index] = arguments[index].memory }
    let results = plan.makeResults()
    try plan.executable.run(plan.inputs, into: results + plan.changedBuffers)
    return zip(results, plan.resultTypes).map { Tensor($0, shape: $1.shape) }
  }

  private func plan(for arguments: [Tensor]) -> Plan {
    if !weights.detachedPaths().isEmpty {
      weights = LiveWeights(weights.entries)
      plans.removeAll()
    }
    if let plan = plans.use(where: { $0.fits(arguments) }) { return plan }
    let plan = makePlan(for: arguments.map { TensorType($0.shape, $0.dtype) })
    plans.append(plan)
    return plan
  }

  /// A plan of its own, with new memory for the arguments.
  package func makePlan(for types: [TensorType]) -> Plan {
    let weights = LiveWeights(weights.entries)
    let entries = weights.entries
    let placeholders = types.enumerated().map { Tensor.input($0, shape: $1.shape, dtype: $1.dtype) }
    let standIns = entries.enumerated().map { index, entry in
      Tensor.input(types.count + index, shape: entry.storage.shape, dtype: entry.storage.dtype)
    }
    let context = ModuleContext(
      phase: .inference,
      standIns: Dictionary(uniqueKeysWithValues: zip(entries.map { ObjectIdentifier($0.storage) }, standIns)))
    let results = ModuleContext.$current.withValue(context) { body(model, placeholders) }
    let values = entries.map { context.standIn(for: $0.storage)! }
    let changed = entries.indices.filter { values[$0].node !== standIns[$0].node }
    let (program, captured) = Program.tracing(
      inputs: placeholders + standIns, outputs: results + changed.map { values[$0] },
      updates: results.map { _ in nil } + changed.map { types.count + $0 })
    let arguments = types.map { Memory($0.dtype, count: $0.shape.elementCount) }
    let inputs = arguments + weights.memory + captured
    return Plan(
      types, results, engine.compile(program, precision: precision), inputs: inputs,
      changedBuffers: changed.map { weights.memory[$0] }, weights: weights)
  }
}
