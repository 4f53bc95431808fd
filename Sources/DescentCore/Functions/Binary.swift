#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import DescentKernels
#endif

/// A function of two numbers, applied to the elements at the same place.
///
/// The raw values are the kernels' operation numbers.
public enum Binary: UInt8, Sendable, Hashable, CaseIterable {
  case add = 19
  case subtract, multiply, divide, power, minimum, maximum
  case equal, notEqual, less, lessEqual, greater, greaterEqual

  package var name: String {
    switch self {
    case .add: "add"
    case .subtract: "subtract"
    case .multiply: "multiply"
    case .divide: "divide"
    case .power: "pow"
    case .minimum: "minimum"
    case .maximum: "maximum"
    case .equal: "equal"
    case .notEqual: "notEqual"
    case .less: "less"
    case .lessEqual: "lessEqual"
    case .greater: "greater"
    case .greaterEqual: "greaterEqual"
    }
  }

  /// Whether the result is a boolean.
  package var isComparison: Bool { rawValue >= Binary.equal.rawValue }

  /// ∂y/∂a and ∂y/∂b as tensors; nil where the function is flat. Where minimum or maximum tie, each side gets half.
  func partials(_ a: Tensor, _ b: Tensor, _ y: Tensor) -> [Tensor?] {
    switch self {
    case .add:
      let one = Tensor.full(y.shape, 1, dtype: y.dtype)
      return [one, one]
    case .subtract:
      return [Tensor.full(y.shape, 1, dtype: y.dtype), Tensor.full(y.shape, -1, dtype: y.dtype)]
    case .multiply: return [b, a]
    case .divide: return [1 / b, -y / b]
    case .power:
      // b·aᵇ⁻¹ is 0 for b = 0 even at a = 0; log a only counts where a is positive, so that 0ᵇ has a finite slope.
      let isFlat = (b .== 0).select(a .== 0, false)
      let slope = isFlat.select(0, b * a.pow(isFlat.select(1, b - 1)))
      let isPositive = a .> 0
      return [slope, isPositive.select(y * isPositive.select(a, 1).log(), 0)]
    case .minimum: return [Self.share(a .< b, a .== b, of: y), Self.share(b .< a, a .== b, of: y)]
    case .maximum: return [Self.share(a .> b, a .== b, of: y), Self.share(b .> a, a .== b, of: y)]
    case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual: return [nil, nil]
    }
  }

  private static func share(_ wins: Tensor, _ ties: Tensor, of y: Tensor) -> Tensor {
    wins.cast(to: y.dtype) + 0.5 * ties.cast(to: y.dtype)
  }
}

// MARK: - The definition

/// The function in double precision; comparisons give 0 or 1.
func reference(_ function: Binary, _ a: Double, _ b: Double) -> Double {
  switch function {
  case .add: return a + b
  case .subtract: return a - b
  case .multiply: return a * b
  case .divide: return a / b
  case .power:
    #if canImport(Glibc) || canImport(Darwin) || canImport(Musl)
      return pow(a, b)
    #else
      return dk_pow(a, b)
    #endif
  case .minimum: return a.isNaN || b.isNaN ? .nan : a < b ? a : b
  case .maximum: return a.isNaN || b.isNaN ? .nan : a > b ? a : b
  case .equal: return a == b ? 1 : 0
  case .notEqual: return a != b ? 1 : 0
  case .less: return a < b ? 1 : 0
  case .lessEqual: return a <= b ? 1 : 0
  case .greater: return a > b ? 1 : 0
  case .greaterEqual: return a >= b ? 1 : 0
  }
}

/// The function on integers: arithmetic wraps, x / 0 is 0, and a negative exponent truncates the real result.
func reference(_ function: Binary, _ a: Int64, _ b: Int64) -> Int64 {
  switch function {
  case .add: a &+ b
  case .subtract: a &- b
  case .multiply: a &* b
  case .divide: b == 0 ? 0 : b == -1 ? 0 &- a : a / b
  case .power: integerPower(a, b)
  case .minimum: min(a, b)
  case .maximum: max(a, b)
  case .equal: a == b ? 1 : 0
  case .notEqual: a != b ? 1 : 0
  case .less: a < b ? 1 : 0
  case .lessEqual: a <= b ? 1 : 0
  case .greater: a > b ? 1 : 0
  case .greaterEqual: a >= b ? 1 : 0
  }
}

private func integerPower(_ base: Int64, _ exponent: Int64) -> Int64 {
  guard exponent >= 0 else { return base == 1 ? 1 : base == -1 ? (exponent % 2 == 0 ? 1 : -1) : 0 }
  var result: Int64 = 1
  var factor = base
  var remaining = exponent
  while remaining > 0 {
    if remaining & 1 == 1 { result = result &* factor }
    factor = factor &* factor
    remaining >>= 1
  }
  return result
}

// MARK: - Operators

infix operator .== : ComparisonPrecedence
infix operator .!= : ComparisonPrecedence
infix operator .< : ComparisonPrecedence
infix operator .<= : ComparisonPrecedence
infix operator .> : ComparisonPrecedence
infix operator .>= : ComparisonPrecedence
infix operator .&& : LogicalConjunctionPrecedence
infix operator .|| : LogicalDisjunctionPrecedence

extension Tensor {
  /// Brings both operands to one element type and one shape, then combines them.
  package static func combine(_ function: Binary, _ a: Tensor, _ b: Tensor) -> Tensor {
    var dtype = a.commonDType(with: b)
    if function == .divide && !dtype.isFloat { dtype = .float32 }
    if dtype == .bool && !function.isComparison && function != .minimum && function != .maximum { dtype = .int32 }
    let shape = trapping { () throws(ShapeError) in try broadcastShape(function.name, a.shape, b.shape) }
    let weak = a.isWeak && b.isWeak && !function.isComparison
    if weak, case .literal(let x, _) = a.node.primitive, case .literal(let y, _) = b.node.primitive {
      // Numbers in the source keep their full precision until they meet a tensor, and whole ones stay whole.
      if case .integer(let x) = x, case .integer(let y) = y, function != .divide {
        return Tensor(.literal(.integer(reference(function, x, y)), dtype), isWeak: true)
      }
      return Tensor(.literal(.real(reference(function, x.real, y.real)), dtype), isWeak: true)
    }
    let left = a.cast(to: dtype).broadcast(to: shape)
    let right = b.cast(to: dtype).broadcast(to: shape)
    return Tensor(.binary(function), left, right, isWeak: weak)
  }

  // Operands broadcast: aligned at the last axis, extents of 1 and missing ones repeat. Element types are promoted.

  /// The sum, element by element.
  public static func + (a: Tensor, b: Tensor) -> Tensor { combine(.add, a, b) }
  /// The difference, element by element.
  public static func - (a: Tensor, b: Tensor) -> Tensor { combine(.subtract, a, b) }
  /// The product, element by element; `matmul` is the matrix product.
  public static func * (a: Tensor, b: Tensor) -> Tensor { combine(.multiply, a, b) }
  /// True division: integers become float32 first.
  public static func / (a: Tensor, b: Tensor) -> Tensor { combine(.divide, a, b) }
  /// Whether elements are equal, as booleans; NaN equals nothing.
  public static func .== (a: Tensor, b: Tensor) -> Tensor { combine(.equal, a, b) }
  /// Whether elements differ.
  public static func .!= (a: Tensor, b: Tensor) -> Tensor { combine(.notEqual, a, b) }
  /// Whether elements of the first are smaller.
  public static func .< (a: Tensor, b: Tensor) -> Tensor { combine(.less, a, b) }
  /// Whether elements of the first are smaller or equal.
  public static func .<= (a: Tensor, b: Tensor) -> Tensor { combine(.lessEqual, a, b) }
  /// Whether elements of the first are larger.
  public static func .> (a: Tensor, b: Tensor) -> Tensor { combine(.greater, a, b) }
  /// Whether elements of the first are larger or equal.
  public static func .>= (a: Tensor, b: Tensor) -> Tensor { combine(.greaterEqual, a, b) }
  /// Whether both elements are not 0.
  public static func .&& (a: Tensor, b: Tensor) -> Tensor { combine(.minimum, a.asBool(), b.asBool()) }
  /// Whether either element is not 0.
  public static func .|| (a: Tensor, b: Tensor) -> Tensor { combine(.maximum, a.asBool(), b.asBool()) }

  public static func + <S: TensorScalar>(a: Tensor, b: S) -> Tensor { combine(.add, a, Tensor(weak: b)) }
  public static func + <S: TensorScalar>(a: S, b: Tensor) -> Tensor { combine(.add, Tensor(weak: a), b) }
  public static func - <S: TensorScalar>(a: Tensor, b: S) -> Tensor { combine(.subtract, a, Tensor(weak: b)) }
  public static func - <S: TensorScalar>(a: S, b: Tensor) -> Tensor { combine(.subtract, Tensor(weak: a), b) }
  public static func * <S: TensorScalar>(a: Tensor, b: S) -> Tensor { combine(.multiply, a, Tensor(weak: b)) }
  public static func * <S: TensorScalar>(a: S, b: Tensor) -> Tensor { combine(.multiply, Tensor(weak: a), b) }
  public static func / <S: TensorScalar>(a: Tensor, b: S) -> Tensor { combine(.divide, a, Tensor(weak: b)) }
  public static func / <S: TensorScalar>(a: S, b: Tensor) -> Tensor { combine(.divide, Tensor(weak: a), b) }
  public static func .== <S: TensorScalar>(a: Tensor, b: S) -> Tensor { combine(.equal, a, Tensor(weak: b)) }
  public static func .!= <S: TensorScalar>(a: Tensor, b: S) -> Tensor { combine(.notEqual, a, Tensor(weak: b)) }
  public static func .< <S: TensorScalar>(a: Tensor, b: S) -> Tensor { combine(.less, a, Tensor(weak: b)) }
  public static func .<= <S: TensorScalar>(a: Tensor, b: S) -> Tensor { combine(.lessEqual, a, Tensor(weak: b)) }
  public static func .> <S: TensorScalar>(a: Tensor, b: S) -> Tensor { combine(.greater, a, Tensor(weak: b)) }
  public static func .>= <S: TensorScalar>(a: Tensor, b: S) -> Tensor { combine(.greaterEqual, a, Tensor(weak: b)) }

  public static func += (a: inout Tensor, b: Tensor) { a = a + b }
  public static func -= (a: inout Tensor, b: Tensor) { a = a - b }
  public static func *= (a: inout Tensor, b: Tensor) { a = a * b }
  public static func /= (a: inout Tensor, b: Tensor) { a = a / b }

  /// aᵇ, element by element. 0⁰ is 1; ∂/∂b is taken as 0 where a ≤ 0.
  public func pow(_ exponent: Tensor) -> Tensor { .combine(.power, self, exponent) }
  /// aᵇ for one exponent.
  public func pow<S: TensorScalar>(_ exponent: S) -> Tensor { .combine(.power, self, Tensor(weak: exponent)) }

  /// Keeps every element within `lower ... upper`; the derivative is 1 inside and 0 outside.
  public func clamped(from lower: Tensor, to upper: Tensor) -> Tensor { minimum(maximum(self, lower), upper) }

  /// `self ? a : b`, element by element; the receiver is boolean or counts as true where it is not 0.
  public func select(_ a: Tensor, _ b: Tensor) -> Tensor {
    let dtype = a.commonDType(with: b)
    let common = trapping { () throws(ShapeError) in
      try broadcastShape("select", broadcastShape("select", shape, a.shape), b.shape)
    }
    let operands = [asBool(), a.cast(to: dtype), b.cast(to: dtype)].map { $0.broadcast(to: common) }
    return Tensor(.select, operands)
  }
}

/// The smaller element of each pair; NaN wins. Where they tie, each side gets half of the derivative.
public func minimum(_ a: Tensor, _ b: Tensor) -> Tensor { .combine(.minimum, a, b) }
/// The larger element of each pair; NaN wins. Where they tie, each side gets half of the derivative.
public func maximum(_ a: Tensor, _ b: Tensor) -> Tensor { .combine(.maximum, a, b) }
/// aᵇ, element by element.
public func pow(_ a: Tensor, _ b: Tensor) -> Tensor { .combine(.power, a, b) }
/// `condition ? a : b`, element by element.
public func select(_ condition: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor { condition.select(a, b) }
