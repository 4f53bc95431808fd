public import DescentCore
import Synchronization

/// Whether a model is being trained or used: dropout and batch normalisation differ.
public enum Phase: Sendable, Hashable { case training, inference }

/// What surrounds a model while it is called: the phase, where random keys come from, and the tensors that stand in
/// for its parameters and buffers while a function of them is being traced.
///
/// It travels with the task, so nothing global changes and models on other threads are not affected.
package final class ModuleContext: Sendable {
  @TaskLocal package static var current = ModuleContext(phase: .inference)

  package let phase: Phase
  private let state: Mutex<State>

  private struct State {
    var key: RandomKey?
    var standIns: [ObjectIdentifier: Tensor]
  }

  package init(phase: Phase, key: RandomKey? = nil, standIns: [ObjectIdentifier: Tensor] = [:]) {
    self.phase = phase
    state = Mutex(State(key: key, standIns: standIns))
  }

  /// A fresh key; consecutive calls give independent ones. Traps where no key was given.
  package func nextKey() -> RandomKey {
    let key = state.withLock { state -> RandomKey? in
      guard let (kept, given) = state.key?.split() else { return nil }
      state.key = kept
      return given
    }
    guard let key else {
      fatalError("This layer needs random numbers in training; call the model within withPhase(.training, key: …).")
    }
    return key
  }

  /// The key that remains after all that were handed out.
  package var remainingKey: RandomKey? { state.withLock { $0.key } }

  package func standIn(for storage: TensorStorage) -> Tensor? {
    state.withLock { $0.standIns[ObjectIdentifier(storage)] }
  }

  /// Replaces a stand-in; false where the storage has none, so that the storage itself is to change.
  package func setStandIn(_ value: Tensor, for storage: TensorStorage) -> Bool {
    state.withLock { $0.standIns.updateValue(value, forKey: ObjectIdentifier(storage)) != nil }
  }
}

/// Calls `body` with models in the given phase. Training needs a key if a layer draws random numbers (dropout).
public func withPhase<R>(_ phase: Phase, key: RandomKey? = nil, _ body: () throws -> R) rethrows -> R {
  let context = ModuleContext(phase: phase, key: key)
  return try ModuleContext.$current.withValue(context, operation: body)
}
