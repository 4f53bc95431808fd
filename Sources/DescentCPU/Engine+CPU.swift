public import DescentCore

extension Engine {
  /// Compiled plans of fused kernels on the processor.
  public static let cpu = Engine.interpreter
}
