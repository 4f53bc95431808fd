// What a page calls. Compiled only for WebAssembly; `Browser/descent.mjs` is the other side of every line.

#if arch(wasm32)
  import DescentCPU
  import DescentCore

  /// A network, with the memory in which a page reads its last results.
  private final class Session {
    let network: PlaygroundNetwork
    private var results = Memory([Float]())

    init(_ network: PlaygroundNetwork) { self.network = network }

    /// Keeps numbers until the next call, and says where they are.
    func keep(_ numbers: [Float]) -> UnsafeMutableRawPointer? {
      results = Memory(numbers)
      return results.withMutableBytes { $0.baseAddress }
    }
  }

  /// Why the last settings were refused, in UTF-8 that ends in 0. WebAssembly has one thread.
  nonisolated(unsafe) private var message = Memory([UInt8(0)])

  private func session(_ handle: UnsafeMutableRawPointer) -> Session {
    Unmanaged<Session>.fromOpaque(handle).takeUnretainedValue()
  }

  /// Makes a network from settings as `PlaygroundSettings(numbers:)` reads them; 0 if they are refused.
  @_expose(wasm, "descent_create") @_cdecl("descent_create")
  func createNetwork(_ numbers: UnsafePointer<Double>, _ count: Int32) -> UnsafeMutableRawPointer? {
    do {
      let settings = try PlaygroundSettings(numbers: Array(UnsafeBufferPointer(start: numbers, count: Int(count))))
      return Unmanaged.passRetained(Session(try PlaygroundNetwork(settings))).toOpaque()
    } catch {
      message = Memory(Array(error.description.utf8) + [0])
      return nil
    }
  }

  /// Where the sentence lies that says why the last settings were refused.
  @_expose(wasm, "descent_message") @_cdecl("descent_message")
  func refusal() -> UnsafeMutableRawPointer? { message.withMutableBytes { $0.baseAddress } }

  @_expose(wasm, "descent_free") @_cdecl("descent_free")
  func freeNetwork(_ handle: UnsafeMutableRawPointer) { Unmanaged<Session>.fromOpaque(handle).release() }

  /// Makes steps; where their losses lie, one float each.
  @_expose(wasm, "descent_train") @_cdecl("descent_train")
  func train(_ handle: UnsafeMutableRawPointer, _ steps: Int32) -> UnsafeMutableRawPointer? {
    let session = session(handle)
    return session.keep(session.network.train(steps: Int(steps)))
  }

  /// Where the outputs lie for points given as x, y, x, y, …: one float each.
  @_expose(wasm, "descent_predict") @_cdecl("descent_predict")
  func predict(
    _ handle: UnsafeMutableRawPointer, _ coordinates: UnsafePointer<Float>, _ count: Int32
  ) -> UnsafeMutableRawPointer? {
    let session = session(handle)
    let values = Array(UnsafeBufferPointer(start: coordinates, count: 2 * Int(count)))
    return session.keep(session.network.predict(Tensor(values, shape: [Int(count), 2])))
  }

  /// Where the points lie, those trained on or those kept aside, as x, y, x, y, …
  @_expose(wasm, "descent_points") @_cdecl("descent_points")
  func points(_ handle: UnsafeMutableRawPointer, _ isTest: Int32) -> UnsafeMutableRawPointer? {
    let session = session(handle)
    return session.keep((isTest != 0 ? session.network.test : session.network.training).points.array())
  }

  /// Where the classes of the points lie, 1 or −1.
  @_expose(wasm, "descent_labels") @_cdecl("descent_labels")
  func labels(_ handle: UnsafeMutableRawPointer, _ isTest: Int32) -> UnsafeMutableRawPointer? {
    let session = session(handle)
    return session.keep((isTest != 0 ? session.network.test : session.network.training).labels.array())
  }

  @_expose(wasm, "descent_point_count") @_cdecl("descent_point_count")
  func pointCount(_ handle: UnsafeMutableRawPointer, _ isTest: Int32) -> Int32 {
    let network = session(handle).network
    return Int32((isTest != 0 ? network.test : network.training).points.shape[0])
  }

  /// The loss over the points trained on, or those kept aside.
  @_expose(wasm, "descent_loss") @_cdecl("descent_loss")
  func loss(_ handle: UnsafeMutableRawPointer, _ isTest: Int32) -> Float {
    let network = session(handle).network
    return isTest != 0 ? network.testLoss : network.trainingLoss
  }
#endif
