#if SANITIZE_THREAD
  private import Foundation
#elseif !hasFeature(Embedded)
  private import Synchronization
#endif

/// A value that one thread at a time may touch.
///
/// This is the one seam between the native build and the browser's: Embedded Swift on WebAssembly has no `Mutex`, and
/// needs none, because it runs on one thread. A build for the thread sanitizer, which does not see into `Mutex`, defines
/// `SANITIZE_THREAD` to have a lock that it knows.
package struct Guarded<Value: Sendable>: ~Copyable, Sendable {
  #if hasFeature(Embedded) || SANITIZE_THREAD
    private final class Storage: @unchecked Sendable {
      #if SANITIZE_THREAD
        let lock = NSLock()
      #endif
      var value: Value
      init(_ value: Value) { self.value = value }
    }
    private let storage: Storage

    package init(_ value: Value) { storage = Storage(value) }

    package func withLock<R>(_ body: (inout Value) -> R) -> R {
      #if SANITIZE_THREAD
        storage.lock.lock()
        defer { storage.lock.unlock() }
      #endif
      return body(&storage.value)
    }
  #else
    private let storage: Mutex<Value>

    package init(_ value: Value) { storage = Mutex(value) }

    package func withLock<R: Sendable>(_ body: (inout Value) -> R) -> R {
      storage.withLock { value in body(&value) }
    }
  #endif
}

/// Lets one thread at a time do something.
package struct Turn: ~Copyable, Sendable {
  private let lock = Guarded(0)

  package init() {}

  package func take(_ body: () -> Void) { lock.withLock { _ in body() } }
}
