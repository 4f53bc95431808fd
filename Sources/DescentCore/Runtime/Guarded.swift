#if !hasFeature(Embedded)
  private import Synchronization
#endif

/// A value that one thread at a time may touch.
///
/// This is the one seam between the native build and the browser's: Embedded Swift on WebAssembly has no `Mutex`, and
/// needs none, because it runs on one thread.
package struct Guarded<Value: Sendable>: ~Copyable, Sendable {
  #if hasFeature(Embedded)
    private final class Storage: @unchecked Sendable {
      var value: Value
      init(_ value: Value) { self.value = value }
    }
    private let storage: Storage

    package init(_ value: Value) { storage = Storage(value) }

    package func withLock<R>(_ body: (inout Value) -> R) -> R { body(&storage.value) }
  #else
    private let storage: Mutex<Value>

    package init(_ value: Value) { storage = Mutex(value) }

    package func withLock<R: Sendable>(_ body: (inout Value) -> R) -> R {
      storage.withLock { value in body(&value) }
    }
  #endif
}
