extension Tensor {
  // A Swift literal such as `[0.5, 1.5]` is an array of Double only because Swift must call it something, so Double
  // becomes float32 like every other real number here unless float64 is asked for.

  /// A tensor holding `values`, of rank 1 or of the given shape. Float and Double become float32, Int becomes int64,
  /// other types stay what they are; `dtype` overrides.
  public init<S: TensorScalar>(_ values: [S], shape: [Int]? = nil, dtype: DType? = nil) {
    let shape = shape ?? [values.count]
    guard shape.elementCount == values.count && shape.allSatisfy({ $0 >= 0 }) else {
      fatalError("Tensor: \(values.count) values do not fill shape \(text(shape))")
    }
    let dtype = dtype ?? Tensor.defaultType(S.self)
    guard dtype != S.dtype else {
      self.init(Memory(values), shape: shape)
      return
    }
    let memory = Memory(dtype, count: values.count)
    for (index, value) in values.enumerated() { memory[index] = value.scalarValue }
    self.init(memory, shape: shape)
  }

  /// A matrix from its rows.
  public init<S: TensorScalar>(_ rows: [[S]], dtype: DType? = nil) {
    let width = rows.first?.count ?? 0
    for (index, row) in rows.enumerated() where row.count != width {
      fatalError("Tensor: row \(index) has \(row.count) values, row 0 has \(width); they must be equal")
    }
    self.init(rows.flatMap { $0 }, shape: [rows.count, width], dtype: dtype)
  }

  /// A tensor of rank 0.
  public init<S: TensorScalar>(_ value: S, dtype: DType? = nil) {
    let dtype = dtype ?? Tensor.defaultType(S.self)
    self.init(.literal(value.scalarValue.converted(to: dtype), dtype))
  }

  private static func defaultType<S: TensorScalar>(_ type: S.Type) -> DType {
    S.dtype == .float64 ? .float32 : S.dtype
  }

  /// A number that takes the element type of what it meets; alone it is float32, or int64 or bool if it is integral.
  package init<S: TensorScalar>(weak value: S) {
    self.init(.literal(value.scalarValue, Tensor.defaultType(S.self)), isWeak: true)
  }

  /// Every element equal to `value`.
  public static func full<S: TensorScalar>(_ shape: [Int], _ value: S, dtype: DType? = nil) -> Tensor {
    let dtype = dtype ?? defaultType(S.self)
    return Tensor(.literal(value.scalarValue.converted(to: dtype), dtype)).broadcast(to: shape)
  }

  /// Every element 0.
  public static func zeros(_ shape: [Int], dtype: DType = .float32) -> Tensor { full(shape, 0, dtype: dtype) }
  /// Every element 1.
  public static func ones(_ shape: [Int], dtype: DType = .float32) -> Tensor { full(shape, 1, dtype: dtype) }

  /// Zeros of the same shape and element type.
  public static func zeros(like other: Tensor) -> Tensor { zeros(other.shape, dtype: other.dtype) }
  /// Ones of the same shape and element type.
  public static func ones(like other: Tensor) -> Tensor { ones(other.shape, dtype: other.dtype) }

  /// 0 ..< stop. Integers unless a float type is asked for.
  public static func arange(_ stop: Int, dtype: DType = .int32) -> Tensor { arange(0, stop, dtype: dtype) }

  /// start, start + step, … below `stop` (above it for a negative step). Integers unless a float type is asked for.
  public static func arange(_ start: Int, _ stop: Int, step: Int = 1, dtype: DType = .int32) -> Tensor {
    guard step != 0 else { fatalError("arange: the step must not be 0") }
    let count = Swift.max(0, (stop - start + step - step.signum()) / step)
    return (index(count, dtype: .int64) * step + start).cast(to: dtype)
  }

  /// `count` numbers at equal distances from `start` to `stop`, both included.
  public static func linspace(_ start: Double, _ stop: Double, count: Int, dtype: DType = .float32) -> Tensor {
    guard count >= 0 else { fatalError("linspace: the count must not be negative") }
    let step = count > 1 ? (stop - start) / Double(count - 1) : 0
    return (index(count, dtype: .float64) * step + start).cast(to: dtype)
  }

  /// The identity matrix, or ones on diagonal `diagonal` of a matrix of any shape.
  public static func eye(_ rows: Int, _ columns: Int? = nil, diagonal: Int = 0, dtype: DType = .float32) -> Tensor {
    let shape = [rows, columns ?? rows]
    let row = Tensor(.iota(shape: shape, axis: 0, .int32))
    let column = Tensor(.iota(shape: shape, axis: 1, .int32))
    return (column .== row + diagonal).cast(to: dtype)
  }

  /// 0 ..< count.
  package static func index(_ count: Int, dtype: DType = .int32) -> Tensor {
    Tensor(.iota(shape: [count], axis: 0, dtype))
  }
}

extension Tensor: ExpressibleByFloatLiteral {
  /// A number that takes the element type of what it meets; alone it is float32.
  public init(floatLiteral value: Double) { self.init(weak: value) }
}

extension Tensor: ExpressibleByIntegerLiteral {
  /// An integer literal is a float32 number, as in mathematics, unless it meets an integer tensor.
  public init(integerLiteral value: Int) {
    self.init(.literal(.integer(Int64(value)), .float32), isWeak: true)
  }
}

extension Tensor: ExpressibleByBooleanLiteral {
  /// A boolean tensor of rank 0.
  public init(booleanLiteral value: Bool) { self.init(value) }
}

extension Tensor: ExpressibleByArrayLiteral {
  /// Stacks the elements, so that nested literals make tensors of higher rank.
  public init(arrayLiteral elements: Tensor...) {
    self = Tensor.literal(elements) ?? (elements.isEmpty ? .zeros([0]) : .stack(elements))
  }

  /// Numbers written out become memory at once, not a graph of one node each.
  private static func literal(_ elements: [Tensor]) -> Tensor? {
    guard let first = elements.first else { return nil }
    var values: [ScalarValue] = []
    var dtype = first.dtype
    for element in elements {
      guard element.shape == first.shape else { return nil }
      dtype = .promoting(dtype, element.dtype)
      switch element.node.primitive {
      case .literal(let value, _): values.append(value)
      case .constant:
        guard let buffer = element.node.value else { return nil }
        for index in 0..<buffer.count { values.append(buffer[index]) }
      default: return nil
      }
    }
    let buffer = Memory(dtype, count: values.count)
    for (index, value) in values.enumerated() { buffer[index] = value }
    return Tensor(buffer, shape: [elements.count] + first.shape)
  }
}
