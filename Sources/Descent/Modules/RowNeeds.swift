import DescentCore

package typealias RowReport = @Sendable (_ layer: String) -> Void

/// Calls `body` in the phase of training and lists the layers whose batch has too few rows for them, such as
/// `1 (BatchNorm)`. Outside of this they stop the program.
func layersWithTooFewRows(in model: any Module, _ body: () -> Void) -> [String] {
  let recorder = RowRecorder()
  // Stand-ins, so that running statistics change there instead of in the model.
  let standIns = ParameterTree(model).entries.map { (ObjectIdentifier($0.storage), $0.storage.stored) }
  let context = ModuleContext(
    phase: .training, key: RandomKey(0), standIns: Dictionary(uniqueKeysWithValues: standIns), path: [],
    observer: { _ in }, rowReport: { recorder.record($0) })
  ModuleContext.$current.withValue(context, operation: body)
  return recorder.layers
}

private final class RowRecorder: Sendable {
  private let recorded = Guarded<[String]>([])

  var layers: [String] { recorded.withLock { $0 } }

  func record(_ layer: String) { recorded.withLock { $0.append(layer) } }
}
