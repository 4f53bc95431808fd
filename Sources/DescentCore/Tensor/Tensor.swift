/// An array of numbers of any rank: an immutable value.
///
/// Operations build a graph and compute nothing; reading elements evaluates what they depend on. Elements are
/// float32 unless something else is asked for.
///
/// ```swift
/// let x: Tensor = [[1, 2], [3, 4]]
/// let y = (x * x).sum(axis: 1)        // [5, 25]
/// ```
public struct Tensor: Sendable {
  package let node: Node

  package init(node: Node) { self.node = node }

  /// A tensor over existing memory.
  public init(_ buffer: Memory, shape: [Int]) {
    guard shape.allSatisfy({ $0 >= 0 }) && buffer.count == shape.elementCount else {
      fatalError("Tensor: memory of \(buffer.count) elements does not fill shape \(text(shape))")
    }
    node = Node(value: buffer, shape: shape)
  }

  package init(_ primitive: Primitive, _ operands: Tensor..., isWeak: Bool = false) {
    self.init(primitive, operands, isWeak: isWeak)
  }

  package init(_ primitive: Primitive, _ operands: [Tensor], isWeak: Bool = false, scope: TraceScope? = nil) {
    let types = operands.map { TensorType($0.shape, $0.dtype) }
    let type = trapping { () throws(ShapeError) in try primitive.resultType(types) }
    node = Node(
      primitive, operands.map { $0.node }, shape: type.shape, dtype: type.dtype, isWeak: isWeak, scope: scope)
  }

  /// A value that is bound when the program it belongs to runs.
  package static func input(_ index: Int, shape: [Int], dtype: DType) -> Tensor {
    Tensor(node: Node(.input(index), [], shape: shape, dtype: dtype))
  }

  /// The extent of every axis; empty for a single number.
  public var shape: [Int] { node.shape }
  /// The type of the elements.
  public var dtype: DType { node.dtype }
  /// The number of axes.
  public var rank: Int { node.shape.count }
  /// The number of elements.
  public var count: Int { node.shape.elementCount }
  package var isWeak: Bool { node.isWeak }

  /// The element type both tensors are converted to when they meet: the later of bool, uint8, int32, int64, float32,
  /// float64. A number written in the source takes the other's type, unless it is real and the other is not.
  package func commonDType(with other: Tensor) -> DType {
    if isWeak == other.isWeak { return .promoting(dtype, other.dtype) }
    let (weak, strong) = isWeak ? (self, other.dtype) : (other, dtype)
    if case .literal(.integer, _) = weak.node.primitive {
      return strong == .bool && weak.dtype != .bool ? .int32 : strong
    }
    return weak.dtype.isFloat && !strong.isFloat ? .float32 : strong
  }

  /// The same numbers in another element type: float to integer truncates toward zero and saturates, integer to a
  /// narrower integer wraps, anything to bool is "not zero". The derivative passes between float types only.
  public func cast(to dtype: DType) -> Tensor {
    guard dtype != self.dtype || isWeak else { return self }
    if case .literal(let value, _) = node.primitive {
      if isWeak { requireFit(of: value, in: dtype) }
      return Tensor(.literal(value.converted(to: dtype), dtype))
    }
    return dtype == self.dtype ? Tensor(.identity, self) : Tensor(.convert(dtype), self)
  }

  /// A whole number in the source that the other operand's integers cannot hold would wrap to another number.
  private func requireFit(of value: ScalarValue, in dtype: DType) {
    guard case .integer(let whole) = value, !dtype.isFloat, dtype != .bool else { return }
    guard value.converted(to: dtype) == value else {
      fatalError("The number \(whole) does not fit \(dtype.name); cast the tensor it meets to a wider type.")
    }
  }

  /// The same value, through which no derivative flows.
  public func stopGradient() -> Tensor { Tensor(.stopGradient, self) }
}

/// The same value, through which no derivative flows.
public func stopGradient(_ x: Tensor) -> Tensor { x.stopGradient() }
