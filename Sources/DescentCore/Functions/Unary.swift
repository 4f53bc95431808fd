#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import DescentKernels
#endif

/// A function of one number, applied to every element.
///
/// The raw values are the kernels' operation numbers.
public enum Unary: UInt8, Sendable, Hashable, CaseIterable {
  case negate = 1
  case abs, sign, floor, ceil, round, exp, log, log1p, expm1, sqrt, rsqrt, sin, cos, tanh, sigmoid, erf, not

  package var name: String {
    switch self {
    case .negate: "negate"
    case .abs: "abs"
    case .sign: "sign"
    case .floor: "floor"
    case .ceil: "ceil"
    case .round: "round"
    case .exp: "exp"
    case .log: "log"
    case .log1p: "log1p"
    case .expm1: "expm1"
    case .sqrt: "sqrt"
    case .rsqrt: "rsqrt"
    case .sin: "sin"
    case .cos: "cos"
    case .tanh: "tanh"
    case .sigmoid: "sigmoid"
    case .erf: "erf"
    case .not: "not"
    }
  }

  /// Whether integers are in the function's domain; where they are not, they become float32 first.
  package var acceptsIntegers: Bool {
    switch self {
    case .negate, .abs, .sign, .floor, .ceil, .round, .not: true
    default: false
    }
  }

  /// ∂y/∂x as a tensor, from x and y; nil where the function is flat.
  func partial(_ x: Tensor, _ y: Tensor) -> Tensor? {
    switch self {
    case .negate: Tensor.full(y.shape, -1, dtype: y.dtype)
    case .abs: x.sign()
    case .sign, .floor, .ceil, .round, .not: nil
    case .exp: y
    case .log: 1 / x
    case .log1p: 1 / (1 + x)
    case .expm1: y + 1
    case .sqrt: 0.5 / y
    case .rsqrt: -0.5 * (y * y * y)
    case .sin: x.cos()
    case .cos: -x.sin()
    case .tanh: 1 - y * y
    case .sigmoid: y * (1 - y)
    case .erf: 1.128_379_167_095_512_6 * (-(x * x)).exp()  // 2/√π · exp(−x²)
    }
  }
}

// MARK: - The definition

/// The function in double precision: the platform's own where there is one, so that the kernels are checked against
/// something they do not share; the kernels' in the browser, which has no C library.
func reference(_ function: Unary, _ x: Double) -> Double {
  switch function {
  case .negate: return -x
  case .abs: return x.magnitude
  case .sign: return x > 0 ? 1 : x < 0 ? -1 : x
  case .floor: return x.rounded(.down)
  case .ceil: return x.rounded(.up)
  case .round: return x.rounded(.toNearestOrEven)
  case .sqrt: return x.squareRoot()
  case .rsqrt: return 1 / x.squareRoot()
  case .not: return x == 0 ? 1 : 0
  #if canImport(Glibc) || canImport(Darwin) || canImport(Musl)
    case .exp: return exp(x)
    case .log: return log(x)
    case .log1p: return log1p(x)
    case .expm1: return expm1(x)
    case .sin: return sin(x)
    case .cos: return cos(x)
    case .tanh: return tanh(x)
    case .sigmoid: return 1 / (1 + exp(-x))
    case .erf: return erf(x)
  #else
    case .exp: return dk_exp(x)
    case .log: return dk_log(x)
    case .log1p: return dk_log1p(x)
    case .expm1: return dk_expm1(x)
    case .sin: return dk_sin(x)
    case .cos: return dk_cos(x)
    case .tanh: return dk_tanh(x)
    case .sigmoid: return 1 / (1 + dk_exp(-x))
    case .erf: return dk_erf(x)
  #endif
  }
}

/// The function on integers, which wrap.
func reference(_ function: Unary, _ x: Int64) -> Int64 {
  switch function {
  case .negate: 0 &- x
  case .abs: x < 0 ? 0 &- x : x
  case .sign: x.signum()
  case .not: x == 0 ? 1 : 0
  default: x
  }
}

// MARK: - As methods and as functions

extension Tensor {
  package func apply(_ function: Unary) -> Tensor {
    if isWeak, case .literal(let value, let dtype) = node.primitive, dtype.isFloat {
      if function.acceptsIntegers, case .integer(let whole) = value {
        return Tensor(.literal(.integer(reference(function, whole)), dtype), isWeak: true)
      }
      return Tensor(.literal(.real(reference(function, value.real)), dtype), isWeak: true)
    }
    // As in arithmetic with two operands, a truth value counts as the int32 0 or 1.
    if dtype == .bool && function == .negate { return cast(to: .int32).apply(.negate) }
    let operand = dtype.isFloat || function.acceptsIntegers ? self : cast(to: .float32)
    return Tensor(.unary(function), operand)
  }

  /// |x|, element by element. The derivative at 0 is 0.
  public func abs() -> Tensor { apply(.abs) }
  /// −1, 0 or 1, element by element; NaN stays NaN. Its derivative is 0.
  public func sign() -> Tensor { apply(.sign) }
  /// The largest integer not above x. Its derivative is 0.
  public func floor() -> Tensor { apply(.floor) }
  /// The smallest integer not below x. Its derivative is 0.
  public func ceil() -> Tensor { apply(.ceil) }
  /// The nearest integer, halves to even. Its derivative is 0.
  public func round() -> Tensor { apply(.round) }
  /// eˣ.
  public func exp() -> Tensor { apply(.exp) }
  /// The natural logarithm.
  public func log() -> Tensor { apply(.log) }
  /// log(1 + x), exact for small x.
  public func log1p() -> Tensor { apply(.log1p) }
  /// eˣ − 1, exact for small x.
  public func expm1() -> Tensor { apply(.expm1) }
  /// √x.
  public func sqrt() -> Tensor { apply(.sqrt) }
  /// 1/√x.
  public func rsqrt() -> Tensor { apply(.rsqrt) }
  /// The sine of x in radians.
  public func sin() -> Tensor { apply(.sin) }
  /// The cosine of x in radians.
  public func cos() -> Tensor { apply(.cos) }
  /// (eˣ − e⁻ˣ)/(eˣ + e⁻ˣ).
  public func tanh() -> Tensor { apply(.tanh) }
  /// σ(x) = 1/(1 + e⁻ˣ).
  public func sigmoid() -> Tensor { apply(.sigmoid) }
  /// The error function 2/√π ∫₀ˣ exp(−t²) dt.
  public func erf() -> Tensor { apply(.erf) }
  /// x².
  public func squared() -> Tensor { self * self }

  /// −x, element by element.
  public static prefix func - (x: Tensor) -> Tensor { x.apply(.negate) }

  /// Logical not of a boolean tensor.
  public static prefix func .! (x: Tensor) -> Tensor { x.asBool().apply(.not) }

  package func asBool() -> Tensor { dtype == .bool ? self : cast(to: .bool) }
}

prefix operator .!

public func abs(_ x: Tensor) -> Tensor { x.abs() }
public func sign(_ x: Tensor) -> Tensor { x.sign() }
public func floor(_ x: Tensor) -> Tensor { x.floor() }
public func ceil(_ x: Tensor) -> Tensor { x.ceil() }
public func round(_ x: Tensor) -> Tensor { x.round() }
public func exp(_ x: Tensor) -> Tensor { x.exp() }
public func log(_ x: Tensor) -> Tensor { x.log() }
public func log1p(_ x: Tensor) -> Tensor { x.log1p() }
public func expm1(_ x: Tensor) -> Tensor { x.expm1() }
public func sqrt(_ x: Tensor) -> Tensor { x.sqrt() }
public func rsqrt(_ x: Tensor) -> Tensor { x.rsqrt() }
public func sin(_ x: Tensor) -> Tensor { x.sin() }
public func cos(_ x: Tensor) -> Tensor { x.cos() }
public func tanh(_ x: Tensor) -> Tensor { x.tanh() }
public func sigmoid(_ x: Tensor) -> Tensor { x.sigmoid() }
public func erf(_ x: Tensor) -> Tensor { x.erf() }
