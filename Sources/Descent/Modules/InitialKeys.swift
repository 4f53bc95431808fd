package import DescentCore
import Synchronization

/// Where layers that are made without a key take theirs from: key number n of a seed for the n-th layer.
private final class InitialKeys: Sendable {
  /// Outside `withSeed`, one sequence of keys for the whole process, from seed 0: a program that makes the same models
  /// in the same order gets the same weights at every run.
  @TaskLocal static var current = InitialKeys(seed: 0)

  private let seed: UInt64
  private let count = Atomic(0)

  init(seed: UInt64) { self.seed = seed }

  func next() -> RandomKey {
    RandomKey(seed).folding(in: count.wrappingAdd(1, ordering: .relaxed).oldValue)
  }
}

/// The key for the initial values of the next layer that is made without one.
package func nextInitialKey() -> RandomKey { InitialKeys.current.next() }

/// Makes layers whose initial values follow from `seed`: the same seed gives the same model.
///
/// ```swift
/// let model = withSeed(7) { Sequential { Dense(2, 4); Tanh(); Dense(4, 1) } }
/// ```
public func withSeed<R>(_ seed: UInt64, _ body: () throws -> R) rethrows -> R {
  try InitialKeys.$current.withValue(InitialKeys(seed: seed), operation: body)
}
