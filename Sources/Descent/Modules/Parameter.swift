public import DescentCore

/// A tensor of a layer that training changes.
///
/// The wrapper has identity: copies of the layer share it, so the optimizer, the trainer and the user all see one
/// model. Making one layer's parameter from another's ties their weights.
///
/// A compiled step changes parameters in place. Read them between its steps, not from another thread while one runs: such
/// a reading may hold elements from before and after it.
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
  ///
  /// ```swift
  /// _weight = Parameter(tiedTo: embedding.$weight)
  /// ```
  public init(tiedTo other: Parameter) { storage = other.storage }

  public var wrappedValue: Tensor {
    get { storage.value }
    nonmutating set { storage.value = newValue }
  }

  /// The parameter itself, for tying.
  public var projectedValue: Parameter { self }

  /// Whether training leaves the parameter as it is.
  public var isFrozen: Bool {
    get { storage.isFrozen }
    nonmutating set { storage.isFrozen = newValue }
  }
}

/// A parameter that a layer may do without, such as a bias.
@propertyWrapper
public struct OptionalParameter: Sendable {
  private let place: Place

  private final class Place: Sendable {
    let storage: Guarded<TensorStorage?>
    init(_ storage: TensorStorage?) { self.storage = Guarded(storage) }
  }

  package var storage: TensorStorage? { place.storage.withLock { $0 } }

  public init(wrappedValue: Tensor?) { place = Place(wrappedValue.map { TensorStorage($0) }) }

  public var wrappedValue: Tensor? {
    get { storage?.value }
    nonmutating set {
      if let storage, let newValue {
        storage.value = newValue
      } else {
        place.storage.withLock { $0 = newValue.map { TensorStorage($0) } }
      }
    }
  }
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
