public import DescentCore

/// A tensor of a layer that training changes.
///
/// The wrapper has identity: copies of the layer share it, so the optimizer, the trainer and the user all see one
/// model. Assigning one layer's parameter object to another ties their weights.
///
/// ```swift
/// struct Scale: Layer {
///   @Parameter var factor: Tensor = 1
///   func callAsFunction(_ x: Tensor) -> Tensor { x * factor }
/// }
/// ```
@propertyWrapper
public struct Parameter: Sendable {
  package let storage: TensorStorage

  public init(wrappedValue: Tensor) { storage = TensorStorage(wrappedValue) }

  /// Shares an existing parameter: tied weights.
  public init(tiedTo other: Parameter) { storage = other.storage }

  public var wrappedValue: Tensor {
    get { storage.value }
    nonmutating set { storage.value = newValue }
  }

  /// The parameter itself, for tying.
  public var projectedValue: Parameter { self }
}

/// A tensor of a layer that is saved with it but not trained, such as a running mean.
@propertyWrapper
public struct Buffer: Sendable {
  package let storage: TensorStorage

  public init(wrappedValue: Tensor) { storage = TensorStorage(wrappedValue) }

  public var wrappedValue: Tensor {
    get { storage.value }
    nonmutating set { storage.value = newValue }
  }
}
