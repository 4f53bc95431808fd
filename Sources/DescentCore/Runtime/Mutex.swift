// The one seam between the native build and the browser's: Embedded Swift on WebAssembly has no `Mutex`,
// and needs none, because it runs on one thread.
#if hasFeature(Embedded)
  package struct Mutex<Value>: ~Copyable, @unchecked Sendable {
    private final class Storage {
      var value: Value
      init(_ value: Value) { self.value = value }
    }
    private let storage: Storage

    package init(_ value: consuming sending Value) { storage = Storage(value) }

    package borrowing func withLock<R>(_ body: (inout Value) -> R) -> R { body(&storage.value) }
  }
#else
  package import Synchronization

  package typealias Mutex = Synchronization.Mutex
#endif
