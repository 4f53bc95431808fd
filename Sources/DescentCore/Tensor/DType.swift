/// The type of a tensor's elements, chosen at run time.
///
/// The order is that of promotion: when two types meet in an operation, the later one wins.
public enum DType: UInt8, Sendable, Hashable, CaseIterable {
  case bool, uint8, int32, int64, float32, float64

  /// Whether elements are real numbers, which is what can be differentiated.
  public var isFloat: Bool { self == .float32 || self == .float64 }

  /// Bytes one element takes in memory.
  public var byteSize: Int {
    switch self {
    case .bool, .uint8: 1
    case .int32, .float32: 4
    case .int64, .float64: 8
    }
  }

  /// The name in messages and files, such as `float32`.
  public var name: String {
    switch self {
    case .bool: "bool"
    case .uint8: "uint8"
    case .int32: "int32"
    case .int64: "int64"
    case .float32: "float32"
    case .float64: "float64"
    }
  }

  /// The type two operands are converted to before they are combined.
  public static func promoting(_ a: DType, _ b: DType) -> DType { a.rawValue >= b.rawValue ? a : b }
}

/// One element's value, before it is rounded to an element type.
///
/// Two reals are equal if their bits are: a program with −0 is not the one with 0, and NaN is found where it was put.
public enum ScalarValue: Sendable, Hashable {
  case real(Double)
  case integer(Int64)

  public static func == (a: ScalarValue, b: ScalarValue) -> Bool {
    switch (a, b) {
    case (.real(let x), .real(let y)): x.bitPattern == y.bitPattern
    case (.integer(let x), .integer(let y)): x == y
    case (.real, .integer), (.integer, .real): false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .real(let value): hasher.combine(value.bitPattern)
    case .integer(let value): hasher.combine(value)
    }
  }

  /// The value as a real number.
  public var real: Double {
    switch self {
    case .real(let value): value
    case .integer(let value): Double(value)
    }
  }

  /// The value as an integer: truncated toward zero, saturated, and 0 for NaN.
  public var integer: Int64 {
    switch self {
    case .integer(let value): value
    case .real(let value):
      if value.isNaN {
        0
      } else if value >= 0x1p63 {
        Int64.max
      } else if value < -0x1p63 {
        Int64.min
      } else {
        Int64(value)
      }
    }
  }

  /// The value after conversion to `dtype`: float to integer truncates and saturates, integer to a narrower
  /// integer wraps, anything to bool is "not zero".
  public func converted(to dtype: DType) -> ScalarValue {
    switch dtype {
    case .float64: .real(real)
    case .float32: .real(Double(Float(real)))
    case .bool: .integer(real != 0 ? 1 : 0)
    case .int64: .integer(integer)
    case .int32: .integer(narrowed(to: Int32.self))
    case .uint8: .integer(narrowed(to: UInt8.self))
    }
  }

  private func narrowed<I: FixedWidthInteger>(to type: I.Type) -> Int64 {
    switch self {
    case .integer(let value): Int64(I(truncatingIfNeeded: value))
    case .real: Int64(I(clamping: integer))
    }
  }
}

/// A Swift type whose values can be stored in a tensor and read back.
public protocol TensorScalar: Sendable {
  /// The type as it lies in memory.
  associatedtype Stored: BitwiseCopyable
  static var dtype: DType { get }
  var stored: Stored { get }
  var scalarValue: ScalarValue { get }
  init(stored: Stored)
  init(_ value: ScalarValue)
}

extension Float: TensorScalar {
  public static var dtype: DType { .float32 }
  public var stored: Float { self }
  public var scalarValue: ScalarValue { .real(Double(self)) }
  public init(stored: Float) { self = stored }
  public init(_ value: ScalarValue) { self = Float(value.real) }
}

extension Double: TensorScalar {
  public static var dtype: DType { .float64 }
  public var stored: Double { self }
  public var scalarValue: ScalarValue { .real(self) }
  public init(stored: Double) { self = stored }
  public init(_ value: ScalarValue) { self = value.real }
}

extension Int32: TensorScalar {
  public static var dtype: DType { .int32 }
  public var stored: Int32 { self }
  public var scalarValue: ScalarValue { .integer(Int64(self)) }
  public init(stored: Int32) { self = stored }
  public init(_ value: ScalarValue) { self = Int32(truncatingIfNeeded: value.integer) }
}

extension Int64: TensorScalar {
  public static var dtype: DType { .int64 }
  public var stored: Int64 { self }
  public var scalarValue: ScalarValue { .integer(self) }
  public init(stored: Int64) { self = stored }
  public init(_ value: ScalarValue) { self = value.integer }
}

extension Int: TensorScalar {
  public static var dtype: DType { .int64 }
  public var stored: Int64 { Int64(self) }
  public var scalarValue: ScalarValue { .integer(Int64(self)) }
  public init(stored: Int64) { self = Int(stored) }
  public init(_ value: ScalarValue) { self = Int(value.integer) }
}

extension UInt8: TensorScalar {
  public static var dtype: DType { .uint8 }
  public var stored: UInt8 { self }
  public var scalarValue: ScalarValue { .integer(Int64(self)) }
  public init(stored: UInt8) { self = stored }
  public init(_ value: ScalarValue) { self = UInt8(truncatingIfNeeded: value.integer) }
}

extension Bool: TensorScalar {
  public static var dtype: DType { .bool }
  public var stored: UInt8 { self ? 1 : 0 }
  public var scalarValue: ScalarValue { .integer(self ? 1 : 0) }
  public init(stored: UInt8) { self = stored != 0 }
  public init(_ value: ScalarValue) { self = value.real != 0 }
}
