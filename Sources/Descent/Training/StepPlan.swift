import DescentCore
import DescentRules

/// One training step compiled for batches of one shape, bound to the memory it updates.
final class StepPlan {
  private let layout: BatchLayout
  private let executable: Executable
  private var inputs: [Memory]
  private let outputs: [Memory]

  var loss: ScalarValue { outputs[0][0] }
  var learningRate: ScalarValue { outputs[1][0] }

  func fits(_ batch: Batch) -> Bool { layout.fits(batch) }

  func run(_ batch: Batch) throws(EvaluationError) {
    layout.bind(batch, to: &inputs)
    try executable.run(inputs, into: outputs)
  }

  init<Model: Module>(
    _ model: Model, batch: Batch, memory: StepMemory, rules: StepRules, parts: Int, precision: Precision,
    engine: Engine, weight: (Batch) -> Tensor?, loss: (Model, Batch) -> Tensor
  ) throws(TrainingError) {
    layout = BatchLayout(batch)
    var trace = StepTrace()
    let batchInputs = layout.placeholders { trace.placeholder($0, $1, bound: nil) }
    let parameters = zip(memory.trainable, memory.trainableMemory).map { entry, bound in
      trace.placeholder(entry.storage.shape, entry.storage.dtype, bound: bound)
    }
    let others = zip(memory.others, memory.otherMemory).map { entry, bound in
      trace.placeholder(entry.storage.shape, entry.storage.dtype, bound: bound)
    }
    let slots = memory.slots.map { slots in
      slots.map { trace.placeholder($0.shape, $0.memory.dtype, bound: $0.memory) }
    }
    let stepNumber = trace.placeholder([], .float64, bound: memory.stepNumber)
    let scale = trace.placeholder([], .float32, bound: memory.learningRateScale)
    let key = trace.placeholder([2], .int32, bound: memory.key)

    let entries = memory.trainable + memory.others
    let context = ModuleContext(
      phase: .training, key: RandomKey(data: key),
      standIns: Dictionary(uniqueKeysWithValues: zip(entries.map { ObjectIdentifier($0.storage) }, parameters + others))
    )
    var value: Tensor?
    var gradients: [Tensor] = []
    let shares = batchInputs.split(into: parts)
    let whole = shares.count > 1 ? weight(batchInputs) : nil
    for (index, share) in shares.enumerated() {
      let mean = ModuleContext.$current.withValue(context) { loss(model, share.batch) }
      guard mean.rank == 0 && mean.dtype.isFloat else {
        fatalError(
          "CompiledStep: the loss must be one float, not \(mean.dtype.name)\(text(mean.shape)); take the mean")
      }
      var part = mean
      if let whole, let counted = weight(share.batch) {
        part = mean * (counted / whole).cast(to: mean.dtype)
      } else if shares.count > 1 {
        part = mean * share.rows
      }
      let named = zip(memory.trainable, parameters).map { ($0.path, $1) }
      let pulled = try Self.gradients(
        of: index == 0 ? rules.objective(part, parameters: named) : part, parameters, memory.trainable)
      value = value.map { $0 + part } ?? part
      gradients = index == 0 ? pulled : zip(gradients, pulled).map { $0 + $1 }
      // A part is done with before the next begins, and within it the last layers before the first, so that what is
      // between is in memory no longer than it must be.
      if shares.count > 1 || context.recomputes { trace.stage([value!] + gradients.reversed()) }
    }
    let update = rules.update(parameters, gradients: gradients, slots: slots, step: stepNumber, scale: scale)

    trace.output(value!, Memory(value!.dtype, count: 1))
    trace.output(update.learningRate, Memory(update.learningRate.dtype, count: 1))
    for (old, new) in zip(parameters, update.parameters) { trace.update(old, new) }
    for (old, new) in zip(slots.joined(), update.slots.joined()) { trace.update(old, new) }
    for (entry, old) in zip(memory.others, others) {
      trace.update(old, context.standIn(for: entry.storage)!)
    }
    trace.update(key, context.remainingKey!.data)
    (executable, inputs, outputs) = trace.compile(on: engine, precision: precision)
  }

  private static func gradients(
    of objective: Tensor, _ parameters: [Tensor], _ entries: [ParameterTree.Entry]
  ) throws(TrainingError) -> [Tensor] {
    let pulled = pullback(of: [objective], cotangents: [Tensor.ones(like: objective)], to: parameters)
    let unreached = zip(entries, pulled).filter { $1 == nil }.map { $0.0.path }
    guard unreached.isEmpty else { throw .unreachedParameters(unreached) }
    return pulled.map { $0! }
  }
}

/// The inputs and outputs of a program being traced, with the memory each is bound to.
private struct StepTrace {
  private var inputs: [Tensor] = []
  private var inputMemory: [Memory] = []
  private var outputs: [Tensor] = []
  private var outputMemory: [Memory] = []
  private var updates: [Int?] = []
  private var stages: [Tensor] = []
  private var positions: [ObjectIdentifier: Int] = [:]

  /// A value that is bound at run time: to `bound`, or to what the batch brings.
  mutating func placeholder(_ shape: [Int], _ dtype: DType, bound: Memory?) -> Tensor {
    let tensor = Tensor.input(inputs.count, shape: shape, dtype: dtype)
    positions[ObjectIdentifier(tensor.node)] = inputs.count
    inputs.append(tensor)
    inputMemory.append(bound ?? Memory(dtype, count: shape.elementCount))
    return tensor
  }

  /// Has values computed before what is not part of them or of earlier stages.
  mutating func stage(_ values: [Tensor]) { stages += values }

  mutating func output(_ value: Tensor, _ memory: Memory) {
    outputs.append(value)
    outputMemory.append(memory)
    updates.append(nil)
  }

  /// Lets a new value take over the memory of an old one, unless it is the old one.
  mutating func update(_ old: Tensor, _ new: Tensor) {
    guard old.node !== new.node else { return }
    let position = positions[ObjectIdentifier(old.node)]!
    outputs.append(new.cast(to: old.dtype))
    outputMemory.append(inputMemory[position])
    updates.append(position)
  }

  func compile(
    on engine: Engine, precision: Precision
  ) -> (Executable, inputs: [Memory], outputs: [Memory]) {
    let (program, captured) = Program.tracing(
      inputs: inputs, first: stages, outputs: outputs, updates: updates)
    return (engine.compile(program, precision: precision), inputMemory + captured, outputMemory)
  }
}

extension Batch {
  /// The batch in parts of about as many rows, each with its share of them.
  fileprivate func split(into parts: Int) -> [(batch: Batch, rows: Double)] {
    let rows = count, parts = min(parts, rows)
    guard parts > 1 else { return [(self, 1)] }
    return (0..<parts).map { part in
      let range = (part * rows / parts)..<((part + 1) * rows / parts)
      func cut(_ tensor: Tensor) -> Tensor { tensor.shape.first == rows ? tensor[range] : tensor }
      let batch = Batch(inputs: inputs[range], targets: cut(targets), others: others.mapValues(cut))
      return (batch, Double(range.count) / Double(rows))
    }
  }
}

/// The shapes and element types of a batch, for which a plan holds.
private struct BatchLayout {
  private let inputs: TensorType
  private let targets: TensorType
  private let others: [(name: String, type: TensorType)]

  init(_ batch: Batch) {
    inputs = TensorType(batch.inputs.shape, batch.inputs.dtype)
    targets = TensorType(batch.targets.shape, batch.targets.dtype)
    others = batch.others.sorted { $0.key < $1.key }.map { ($0.key, TensorType($0.value.shape, $0.value.dtype)) }
  }

  func fits(_ batch: Batch) -> Bool {
    matches(batch.inputs, inputs) && matches(batch.targets, targets) && batch.others.count == others.count
      && others.allSatisfy { other in batch.others[other.name].map { matches($0, other.type) } ?? false }
  }

  func placeholders(_ make: ([Int], DType) -> Tensor) -> Batch {
    Batch(
      inputs: make(inputs.shape, inputs.dtype), targets: make(targets.shape, targets.dtype),
      others: Dictionary(uniqueKeysWithValues: others.map { ($0.name, make($0.type.shape, $0.type.dtype)) }))
  }

  /// Puts the elements of a batch where the placeholders were made: first of all inputs, in the same order.
  func bind(_ batch: Batch, to inputs: inout [Memory]) {
    inputs[0] = batch.inputs.memory
    inputs[1] = batch.targets.memory
    for (index, other) in others.enumerated() { inputs[2 + index] = batch[other.name].memory }
  }

  private func matches(_ tensor: Tensor, _ type: TensorType) -> Bool {
    tensor.dtype == type.dtype && tensor.shape == type.shape
  }
}
