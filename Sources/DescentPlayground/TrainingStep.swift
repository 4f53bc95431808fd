import DescentCore
import DescentRules

/// Forward, backward and update as one compiled program that changes the parameters where they lie.
struct TrainingStep {
  private let executable: Executable
  /// The batch's inputs and labels come first.
  private var inputs: [Memory]
  private let outputs: [Memory]

  /// The loss of the batch before the step, without the penalty.
  var loss: Float { Float(outputs[0][0].real) }

  mutating func run(_ batch: Batch) throws(EvaluationError) {
    inputs[0] = batch.inputs
    inputs[1] = batch.labels
    try executable.run(inputs, into: outputs)
  }

  init(_ pass: ForwardPass, parameters: [Memory], rule: UpdateRule, engine: Engine) throws(EvaluationError) {
    let settings = pass.settings
    let shapes = pass.parameterShapes
    var arguments = Arguments()
    let batch = arguments.add([settings.batchSize, settings.features.count])
    let labels = arguments.add([settings.batchSize, 1])
    let old = zip(shapes, parameters).map { arguments.add($0, $1) }
    let initial = try shapes.map { shape throws(EvaluationError) in
      try engine.compute(rule.initialState(.zeros(shape)))
    }
    let state = zip(shapes, initial).map { shape, memories in memories.map { arguments.add(shape, $0) } }
    let number = arguments.add([], Memory([Int32(1)]))  // a float32 would stop at 2²⁴

    let loss = pass.loss(batch, labels, old)
    let objective = pass.penalty(old).map { loss + $0 } ?? loss
    let pulled = pullback(of: [objective], cotangents: [Tensor.ones(like: objective)], to: old)
    let gradients = zip(pulled, old).map { $0 ?? Tensor.zeros(like: $1) }
    let new = rule.update(old, gradients, state, number.cast(to: .float32))

    var results = [loss]
    var updates: [Int?] = [nil]
    func update(_ argument: Tensor, to value: Tensor) {
      results.append(value)
      updates.append(arguments.position(of: argument))
    }
    for index in old.indices {
      update(old[index], to: new.parameters[index])
      for (slot, value) in zip(state[index], new.state[index]) { update(slot, to: value) }
    }
    update(number, to: number + 1)

    let (program, captured) = Program.tracing(inputs: arguments.tensors, outputs: results, updates: updates)
    executable = engine.compile(program)
    inputs = arguments.memories + captured
    outputs = updates.map { $0.map { arguments.memories[$0] } ?? Memory(.float32, count: 1) }
  }
}

/// An optimizer as the two functions a step needs of it, because Embedded Swift has no `any Optimizer`.
struct UpdateRule {
  let initialState: (_ parameter: Tensor) -> [Tensor]
  let update:
    (_ parameters: [Tensor], _ gradients: [Tensor], _ state: [[Tensor]], _ step: Tensor) -> (
      parameters: [Tensor], state: [[Tensor]]
    )

  init<Rule: Optimizer>(_ rule: Rule) {
    initialState = { rule.initialState(for: $0) }
    update = { applyUpdates(rule, parameters: $0, gradients: $1, state: $2, step: $3) }
  }
}

/// The placeholders of a program and the memory each is bound to.
struct Arguments {
  private(set) var tensors: [Tensor] = []
  private(set) var memories: [Memory] = []

  mutating func add(_ shape: [Int], _ memory: Memory? = nil, dtype: DType = .float32) -> Tensor {
    let memory = memory ?? Memory(dtype, count: shape.elementCount)
    let tensor = Tensor.input(tensors.count, shape: shape, dtype: memory.dtype)
    tensors.append(tensor)
    memories.append(memory)
    return tensor
  }

  func position(of argument: Tensor) -> Int { tensors.firstIndex { $0.node === argument.node }! }
}
