public import DescentCore

/// A function as a layer. A model file cannot hold it; see `ConfigurableLayer`.
///
/// ```swift
/// Lambda { x in x.squared() }
/// ```
public struct Lambda: Layer {
  private let function: @Sendable (Tensor) -> Tensor

  public init(_ function: @escaping @Sendable (Tensor) -> Tensor) { self.function = function }

  public func callAsFunction(_ x: Tensor) -> Tensor { function(x) }
}
