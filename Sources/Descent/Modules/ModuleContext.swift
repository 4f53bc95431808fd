public import DescentCore

/// Whether a model is being trained or used: dropout and batch normalisation differ.
public enum Phase: Sendable, Hashable { case training, inference }

/// What surrounds a model while it is called: the phase, where random keys come from, the tensors that stand in for
/// its parameters and buffers while a function of them is being traced, and who watches the layers.
///
/// It travels with the task, so nothing global changes and models on other threads are not affected. A context inside
/// another sees the outer one's stand-ins, keys and observer wherever it has none of its own.
package final class ModuleContext: Sendable {
  @TaskLocal package static var current = ModuleContext(phase: .inference)

  package let phase: Phase
  /// The names of the containers around the layer being called.
  package let path: [String]
  let observer: LayerObserver?
  private let rowReport: RowReport?
  private let outer: ModuleContext?
  private let state: Guarded<State>

  private struct State {
    var key: RandomKey?
    var standIns: [ObjectIdentifier: Tensor]
    var recomputes = false
  }

  package init(
    phase: Phase, key: RandomKey? = nil, standIns: [ObjectIdentifier: Tensor] = [:], inside outer: ModuleContext? = nil,
    path: [String]? = nil, observer: LayerObserver? = nil, rowReport: RowReport? = nil
  ) {
    self.phase = phase
    self.outer = outer
    self.path = path ?? outer?.path ?? []
    self.observer = observer ?? outer?.observer
    self.rowReport = rowReport ?? outer?.rowReport
    state = Guarded(State(key: key, standIns: standIns))
  }

  /// A fresh key; consecutive calls give independent ones. Traps where no key was given.
  package func nextKey() -> RandomKey {
    let key = state.withLock { state -> RandomKey? in
      guard let (kept, given) = state.key?.split() else { return nil }
      state.key = kept
      return given
    }
    if let key { return key }
    guard let outer else {
      fatalError("This layer needs random numbers in training; call the model within withPhase(.training, key: …).")
    }
    return outer.nextKey()
  }

  /// Takes note of a layer that needs more rows than its batch has; false where nobody asked for such notes, so that
  /// the layer has to stop the program itself.
  func reportTooFewRows(_ layer: any Layer) -> Bool {
    guard let rowReport else { return false }
    let kind = "\(type(of: layer))"
    rowReport(path.isEmpty ? kind : "\(path.joined(separator: ".")) (\(kind))")
    return true
  }

  /// Takes note of a layer that computes again for the gradient what it made, in this context and those around it.
  func noteRecomputation() {
    state.withLock { $0.recomputes = true }
    outer?.noteRecomputation()
  }

  /// Whether such a layer was called.
  var recomputes: Bool { state.withLock { $0.recomputes } }

  /// The key that remains after all that were handed out.
  package var remainingKey: RandomKey? { state.withLock { $0.key } ?? outer?.remainingKey }

  package func standIn(for storage: TensorStorage) -> Tensor? {
    state.withLock { $0.standIns[ObjectIdentifier(storage)] } ?? outer?.standIn(for: storage)
  }

  /// Replaces a stand-in; false where the storage has none, so that the storage itself is to change.
  package func setStandIn(_ value: Tensor, for storage: TensorStorage) -> Bool {
    let identity = ObjectIdentifier(storage)
    let isSet = state.withLock { state in
      guard let old = state.standIns[identity] else { return false }
      state.standIns[identity] = value.cast(to: old.dtype)
      return true
    }
    return isSet || outer?.setStandIn(value, for: storage) ?? false
  }
}

/// Calls `body` with models in the given phase. Training needs a key if a layer draws random numbers (dropout).
///
/// ```swift
/// let loss = withPhase(.training, key: RandomKey(1)) { meanSquaredError(model(x), y) }
/// ```
public func withPhase<R>(_ phase: Phase, key: RandomKey? = nil, _ body: () throws -> R) rethrows -> R {
  let context = ModuleContext(phase: phase, key: key, inside: .current)
  return try ModuleContext.$current.withValue(context, operation: body)
}
