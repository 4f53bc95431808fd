#if !hasFeature(Embedded)
  private import Synchronization
#endif

/// Memory that holds the elements of one tensor, dense and row-major.
///
/// This is the core's only file that touches raw memory. A buffer reached through a `Tensor` never changes;
/// a compiled step owns the buffers it updates in place and hands out copies.
public final class Memory: @unchecked Sendable {
  /// The type of the elements.
  public let dtype: DType
  /// The number of elements.
  public let count: Int
  package let bytes: UnsafeMutableRawPointer
  #if !hasFeature(Embedded)
    /// 0 after a write, until somebody asks.
    private let currentEdition = Atomic<UInt64>(0)
  #endif

  /// Memory for `count` elements whose values are not yet defined.
  public init(_ dtype: DType, count: Int) {
    self.dtype = dtype
    self.count = count
    bytes = .allocate(byteCount: max(count * dtype.byteSize, 1), alignment: 64)
  }

  deinit { bytes.deallocate() }

  /// Memory that holds `values` in their own type.
  public convenience init<S: TensorScalar>(_ values: [S]) {
    self.init(S.dtype, count: values.count)
    let elements = bytes.bindMemory(to: S.Stored.self, capacity: count)
    for index in 0..<count { elements[index] = values[index].stored }
  }

  /// The elements' size in bytes.
  public var byteCount: Int { count * dtype.byteSize }

  /// The elements as Swift values, converted if `S` is not the buffer's own type.
  public func array<S: TensorScalar>(of type: S.Type = S.self) -> [S] {
    guard S.dtype == dtype else { return (0..<count).map { S(self[$0]) } }
    let elements = bytes.assumingMemoryBound(to: S.Stored.self)
    return (0..<count).map { S(stored: elements[$0]) }
  }

  /// The same elements in memory of their own.
  public func copy() -> Memory {
    let result = Memory(dtype, count: count)
    result.bytes.copyMemory(from: bytes, byteCount: byteCount)
    return result
  }

  package func copy(from source: Memory) {
    precondition(source.dtype == dtype && source.count == count, "copying between buffers of different kinds")
    bytes.copyMemory(from: source.bytes, byteCount: byteCount)
    noteChange()
  }

  /// Reads or writes one element, converting as `ScalarValue.converted(to:)` says.
  public subscript(index: Int) -> ScalarValue {
    get {
      precondition(index >= 0 && index < count, "memory index out of range")
      switch dtype {
      case .float32: return .real(Double(load(Float.self, index)))
      case .float64: return .real(load(Double.self, index))
      case .int32: return .integer(Int64(load(Int32.self, index)))
      case .int64: return .integer(load(Int64.self, index))
      case .uint8, .bool: return .integer(Int64(load(UInt8.self, index)))
      }
    }
    set {
      precondition(index >= 0 && index < count, "memory index out of range")
      let value = newValue.converted(to: dtype)
      switch dtype {
      case .float32: store(Float(value.real), index)
      case .float64: store(value.real, index)
      case .int32: store(Int32(truncatingIfNeeded: value.integer), index)
      case .int64: store(value.integer, index)
      case .uint8, .bool: store(UInt8(truncatingIfNeeded: value.integer), index)
      }
      noteChange()
    }
  }

  /// The raw bits of the elements, least significant byte first on every supported machine.
  public func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
    body(UnsafeRawBufferPointer(start: bytes, count: byteCount))
  }

  /// The raw bits of the elements, to be written by who owns the memory.
  public func withMutableBytes<R>(_ body: (UnsafeMutableRawBufferPointer) -> R) -> R {
    defer { noteChange() }
    return body(UnsafeMutableRawBufferPointer(start: bytes, count: byteCount))
  }

  #if hasFeature(Embedded)
    package func noteChange() {}
  #else
    /// Says that elements were written, by who does that through `bytes`: after the last of them is.
    package func noteChange() { currentEdition.store(0, ordering: .relaxed) }

    /// A number that tells what the memory holds now from whatever this or any other memory held before or will hold.
    package var edition: UInt64 {
      let known = currentEdition.load(ordering: .relaxed)
      if known != 0 { return known }
      let new = lastEdition.wrappingAdd(1, ordering: .relaxed).newValue
      let (isNew, old) = currentEdition.compareExchange(expected: 0, desired: new, ordering: .relaxed)
      return isNew ? new : old
    }
  #endif

  private func load<T: BitwiseCopyable>(_ type: T.Type, _ index: Int) -> T {
    bytes.load(fromByteOffset: index * MemoryLayout<T>.stride, as: type)
  }

  private func store<T: BitwiseCopyable>(_ value: T, _ index: Int) {
    bytes.storeBytes(of: value, toByteOffset: index * MemoryLayout<T>.stride, as: T.self)
  }
}

#if !hasFeature(Embedded)
  private let lastEdition = Atomic<UInt64>(0)
#endif
