public import DescentCore

/// The element types of the safetensors format, in the order of their rank in a file: the last come first.
public enum SafeTensorsType: String, Sendable, Hashable, CaseIterable {
  case bool = "BOOL"
  case float4 = "F4"
  case float6e2m3 = "F6_E2M3"
  case float6e3m2 = "F6_E3M2"
  case uint8 = "U8"
  case int8 = "I8"
  case float8e5m2 = "F8_E5M2"
  case float8e4m3 = "F8_E4M3"
  case float8e8m0 = "F8_E8M0"
  case float8e4m3fnuz = "F8_E4M3FNUZ"
  case float8e5m2fnuz = "F8_E5M2FNUZ"
  case int16 = "I16"
  case uint16 = "U16"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int32 = "I32"
  case uint32 = "U32"
  case float32 = "F32"
  case complex64 = "C64"
  case float64 = "F64"
  case int64 = "I64"
  case uint64 = "U64"

  /// The bits one element takes.
  public var bitSize: Int {
    switch self {
    case .float4: 4
    case .float6e2m3, .float6e3m2: 6
    case .bool, .uint8, .int8, .float8e5m2, .float8e4m3, .float8e8m0, .float8e4m3fnuz, .float8e5m2fnuz: 8
    case .int16, .uint16, .float16, .bfloat16: 16
    case .int32, .uint32, .float32: 32
    case .complex64, .float64, .int64, .uint64: 64
    }
  }

  /// The type of a tensor read from such elements: the same, or the narrowest that holds all their values; for uint64,
  /// which none holds, int64. Nil for those that a tensor cannot hold.
  public var tensorType: DType? { numberFormat?.tensorType }

  /// How the elements lie in a file; nil for those that a tensor cannot hold.
  var numberFormat: NumberFormat? {
    switch self {
    case .bool: NumberFormat(kind: .bool, byteSize: 1)
    case .int8, .int16, .int32, .int64: NumberFormat(kind: .int, byteSize: bitSize / 8)
    case .uint8, .uint16, .uint32, .uint64: NumberFormat(kind: .uint, byteSize: bitSize / 8)
    case .float16, .float32, .float64: NumberFormat(kind: .float, byteSize: bitSize / 8)
    case .bfloat16: NumberFormat(kind: .bfloat, byteSize: bitSize / 8)
    default: nil
    }
  }

  /// The type in which tensors of `dtype` are written.
  public init(_ dtype: DType) {
    switch dtype {
    case .bool: self = .bool
    case .uint8: self = .uint8
    case .int32: self = .int32
    case .int64: self = .int64
    case .float32: self = .float32
    case .float64: self = .float64
    }
  }

  /// The place in `allCases`, by which tensors are ordered in a file.
  var rank: Int { Self.allCases.firstIndex(of: self)! }
}
