import DescentCore

/// The types of elements in PyTorch's files that a tensor can hold.
enum PyTorchElement: String, CaseIterable {
  case float64, float32, float16, bfloat16, int64, int32, int16, int8, uint8, uint16, uint32, bool

  /// The class of a storage of such elements; nil for those that only come in storages without a type.
  var storageName: String? {
    switch self {
    case .float64: "DoubleStorage"
    case .float32: "FloatStorage"
    case .float16: "HalfStorage"
    case .bfloat16: "BFloat16Storage"
    case .int64: "LongStorage"
    case .int32: "IntStorage"
    case .int16: "ShortStorage"
    case .int8: "CharStorage"
    case .uint8: "ByteStorage"
    case .bool: "BoolStorage"
    case .uint16, .uint32: nil
    }
  }

  var byteSize: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32, .uint32: 4
    case .float16, .bfloat16, .int16, .uint16: 2
    case .int8, .uint8, .bool: 1
    }
  }

  /// The type of the tensor they become: their own, or the narrowest that holds all their values.
  var tensorType: DType {
    switch self {
    case .float64: .float64
    case .float32, .float16, .bfloat16: .float32
    case .int64, .uint32: .int64
    case .int32, .int16, .int8, .uint16: .int32
    case .uint8: .uint8
    case .bool: .bool
    }
  }
}
