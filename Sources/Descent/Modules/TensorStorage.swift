import DescentCPU
package import DescentCore
import Synchronization

/// A place with identity that holds a tensor: what a parameter is to its layer, its optimizer and its user.
///
/// It holds either a value, or memory that a compiled step updates in place. Reading the latter copies, so a tensor
/// once read never changes.
package final class TensorStorage: Sendable {
  private let state: Guarded<State>
  private let changes = Atomic<Int>(0)

  private struct State {
    var content: Content
    var isFrozen = false
  }

  private enum Content {
    case value(Tensor)
    case live(Memory, shape: [Int])

    var shape: [Int] {
      switch self {
      case .value(let tensor): tensor.shape
      case .live(_, let shape): shape
      }
    }

    var dtype: DType {
      switch self {
      case .value(let tensor): tensor.dtype
      case .live(let memory, _): memory.dtype
      }
    }
  }

  /// The cast makes a number written in the source, which would take the type of what it meets, keep its own.
  package init(_ value: Tensor) { state = Guarded(State(content: .value(value.cast(to: value.dtype)))) }

  package var shape: [Int] { state.withLock { $0.content.shape } }
  package var dtype: DType { state.withLock { $0.content.dtype } }

  /// How often the tensor was set or converted. What compiled steps do to live memory does not count.
  package var changeCount: Int { changes.load(ordering: .relaxed) }

  /// Whether this is the memory the tensor lives in.
  package func lives(in memory: Memory) -> Bool {
    state.withLock { state in
      if case .live(let live, _) = state.content { live === memory } else { false }
    }
  }

  /// Whether training leaves the tensor as it is.
  package var isFrozen: Bool {
    get { state.withLock { $0.isFrozen } }
    set { state.withLock { $0.isFrozen = newValue } }
  }

  /// The value as models see it: the stand-in while a function of it is traced, else what is stored.
  package var value: Tensor {
    get { ModuleContext.current.standIn(for: self) ?? stored }
    set {
      guard newValue.shape == shape else {
        fatalError("A parameter of shape \(shape) cannot take a value of shape \(newValue.shape).")
      }
      if !ModuleContext.current.setStandIn(newValue, for: self) { stored = newValue }
    }
  }

  /// What is stored, whatever is being traced.
  package var stored: Tensor {
    get {
      state.withLock { state in
        switch state.content {
        case .value(let tensor): tensor
        case .live(let memory, let shape): Tensor(memory.copy(), shape: shape)
        }
      }
    }
    set {
      let memory = newValue.cast(to: dtype).memory
      changes.wrappingAdd(1, ordering: .relaxed)
      state.withLock { state in
        switch state.content {
        case .value: state.content = .value(Tensor(memory, shape: newValue.shape))
        case .live(let live, _): live.copy(from: memory)
        }
      }
    }
  }

  /// The memory itself, for a compiled step to read and update in place. From now on readers get copies.
  package func liveMemory() -> Memory {
    state.withLock { state in
      switch state.content {
      case .live(let memory, _): return memory
      case .value(let tensor):
        let memory = tensor.memory.copy()
        state.content = .live(memory, shape: tensor.shape)
        return memory
      }
    }
  }

  /// Converts the elements, which gives the tensor other memory than compiled steps hold; they notice.
  package func convert(to dtype: DType) {
    guard dtype != self.dtype else { return }
    let converted = stored.cast(to: dtype)
    state.withLock { $0.content = .value(converted) }
    changes.wrappingAdd(1, ordering: .relaxed)
  }
}
