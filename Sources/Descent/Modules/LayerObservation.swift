public import DescentCore

/// One call of a layer inside a container: where it is, what it is, and what it gave.
package struct LayerCall: Sendable {
  /// The path of the layer from the outermost container, such as `2.body.0`.
  package let path: String
  package let layer: any Layer
  package let output: Tensor
}

package typealias LayerObserver = @Sendable (LayerCall) -> Void

extension Layer {
  /// Calls the layer as the child called `name` of the layer this stands in, so that summaries and the search for the
  /// first NaN can tell where they are. `Sequential` and `Residual` call their layers this way.
  ///
  /// ```swift
  /// func callAsFunction(_ x: Tensor) -> Tensor { output(hidden(x, as: "hidden"), as: "output") }
  /// ```
  public func callAsFunction(_ x: Tensor, as name: String) -> Tensor {
    let context = ModuleContext.current
    guard let observer = context.observer else { return self(x) }
    let path = context.path + [name]
    let inner = ModuleContext(phase: context.phase, inside: context, path: path)
    let output = ModuleContext.$current.withValue(inner) { self(x) }
    observer(LayerCall(path: path.joined(separator: "."), layer: self, output: output))
    return output
  }
}

/// Calls `body` and lists every call of a layer inside a container in the order in which they finished: a container
/// comes after its layers.
package func observingLayers<R>(_ body: () throws -> R) rethrows -> (result: R, calls: [LayerCall]) {
  let recorder = LayerRecorder()
  let current = ModuleContext.current
  let context = ModuleContext(phase: current.phase, inside: current, path: []) { recorder.record($0) }
  let result = try ModuleContext.$current.withValue(context, operation: body)
  return (result, recorder.calls)
}

private final class LayerRecorder: Sendable {
  private let recorded = Guarded<[LayerCall]>([])

  var calls: [LayerCall] { recorded.withLock { $0 } }

  func record(_ call: LayerCall) { recorded.withLock { $0.append(call) } }
}
