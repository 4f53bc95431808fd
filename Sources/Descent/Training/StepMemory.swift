import DescentCPU
import DescentCore
import DescentRules

/// The memory one training step reads and updates in place: parameters, buffers, what the optimizer remembers, the
/// random key.
final class StepMemory {
  struct Slot {
    let memory: Memory
    let shape: [Int]
  }

  let trainable: [ParameterTree.Entry]
  /// Frozen parameters and buffers, which a step reads; buffers may change.
  let others: [ParameterTree.Entry]
  let trainableMemory: [Memory]
  let otherMemory: [Memory]
  var weights: LiveWeights
  /// What the optimizer remembers, by parameter.
  let slots: [[Slot]]
  let key: Memory
  /// The number of the step as the program reads it, counted from 1; a float32 would stop at 2²⁴.
  let stepNumber = Memory(.float64, count: 1)
  let learningRateScale = Memory(.float32, count: 1)

  init(_ tree: ParameterTree, optimizer: any Optimizer, key: RandomKey) {
    trainable = tree.trainable
    others = tree.entries.filter { !$0.isTrainable }
    weights = LiveWeights(trainable + others)
    trainableMemory = Array(weights.memory.prefix(trainable.count))
    otherMemory = Array(weights.memory.dropFirst(trainable.count))
    slots = trainable.map { entry in
      optimizer.initialState(for: entry.storage.stored).map { Slot(memory: $0.memory.copy(), shape: $0.shape) }
    }
    self.key = key.data.memory.copy()
    stepNumber[0] = .real(0)
    learningRateScale[0] = .real(1)
  }

  /// All that a step changes, in a fixed order.
  var changing: [Memory] { trainableMemory + otherMemory + slots.joined().map(\.memory) + [key] }
}

/// A copy of all that training steps change, to go back to.
struct StepSnapshot {
  fileprivate(set) var stepCount: Int
  fileprivate let memory: [Memory]

  init(_ live: StepMemory, stepCount: Int) {
    self.stepCount = stepCount
    memory = live.changing.map { $0.copy() }
  }

  /// Takes a newer copy into the same memory.
  mutating func update(from live: StepMemory, stepCount: Int) {
    self.stepCount = stepCount
    for (saved, current) in zip(memory, live.changing) { saved.copy(from: current) }
  }

  func restore(to live: StepMemory) {
    for (saved, current) in zip(memory, live.changing) { current.copy(from: saved) }
  }
}
