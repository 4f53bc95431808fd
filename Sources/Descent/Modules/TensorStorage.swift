package import DescentCore
import DescentCPU
import Synchronization

/// A place with identity that holds a tensor: what a parameter is to its layer, its optimizer and its user.
///
/// It holds either a value, or memory that a compiled step updates in place. Reading the latter copies, so a tensor
/// once read never changes.
package final class TensorStorage: Sendable {
  private let state: Mutex<State>

  private enum State {
    case value(Tensor)
    case live(Memory, shape: [Int])
  }

  package init(_ value: Tensor) { state = Mutex(.value(value)) }

  package var shape: [Int] {
    state.withLock { state in
      switch state {
      case .value(let tensor): tensor.shape
      case .live(_, let shape): shape
      }
    }
  }

  package var dtype: DType {
    state.withLock { state in
      switch state {
      case .value(let tensor): tensor.dtype
      case .live(let memory, _): memory.dtype
      }
    }
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
        switch state {
        case .value(let tensor): tensor
        case .live(let memory, let shape): Tensor(memory.copy(), shape: shape)
        }
      }
    }
    set {
      let memory = newValue.cast(to: dtype).memory
      state.withLock { state in
        switch state {
        case .value: state = .value(Tensor(memory, shape: newValue.shape))
        case .live(let live, _): live.copy(from: memory)
        }
      }
    }
  }

  /// The memory itself, for a compiled step to read and update in place. From now on readers get copies.
  package func liveMemory() -> Memory {
    let current = stored.memory
    return state.withLock { state in
      if case .live(let memory, _) = state { return memory }
      guard case .value(let tensor) = state else { fatalError("a storage is a value or live") }
      let memory = current.copy()
      state = .live(memory, shape: tensor.shape)
      return memory
    }
  }
}
