package import DescentCore

/// How the elements of one operand are drawn. Reals are multiples of 1/64 and so exact in float32 too.
package enum Sample: Sendable {
  /// Uniform between two bounds.
  case reals(Double, Double)
  /// Either sign, magnitude between two positive bounds.
  case nonzero(Double, Double)
  /// Multiples of 1/4 plus an offset: operands with different offsets never tie.
  case lattice(offset: Double)
  /// At least 0.15 away from every multiple of 1/2.
  case betweenHalves
  /// No two elements closer than 0.1.
  case distinct
  /// Whole numbers, so that ties and zeros are frequent.
  case whole(Int, Int)
  /// Infinities, NaN, zeros, the very large and the very small among ordinary numbers.
  case specials
  /// Whole numbers of a fixed element type, whatever type is being tested.
  case integers(Int, Int, DType)
  case bools
  /// A random key.
  case key

  /// The element type of operands that do not follow the type being tested.
  package var fixedType: DType? {
    switch self {
    case .integers(_, _, let dtype): dtype
    case .bools: .bool
    case .key: .int32
    default: nil
    }
  }

  package func draw(_ shape: [Int], using source: inout RandomSource) -> HostArray {
    let count = shape.reduce(1, *)
    switch self {
    case .distinct:
      let order = (0..<count).shuffled(using: &source)
      return HostArray(
        shape, order.map { Double($0 - count / 2) * 0.25 + Double(Int.random(in: 0...8, using: &source)) / 64 })
    default: return HostArray(shape, (0..<count).map { _ in element(using: &source) })
    }
  }

  private func element(using source: inout RandomSource) -> Double {
    switch self {
    case .reals(let low, let high): return Self.multiple(low, high, &source)
    case .nonzero(let low, let high):
      return Self.multiple(low, high, &source) * (Bool.random(using: &source) ? 1 : -1)
    case .lattice(let offset): return Double(Int.random(in: -8...8, using: &source)) / 4 + offset
    case .betweenHalves:
      let half = Double(Int.random(in: -6...6, using: &source)) / 2
      return half + Double(Int.random(in: 10...22, using: &source)) / 64
    case .distinct: return 0
    case .whole(let low, let high), .integers(let low, let high, _):
      return Double(Int.random(in: low...high, using: &source))
    case .specials:
      let values = [
        .nan, .infinity, -.infinity, 0, -0.0, 1, -1, 0.5, -0.5, 1e-3, 2.5, -2.5, 700, -700, 1e30, -1e30, 1e-30,
      ]
      return values.randomElement(using: &source)!
    case .bools: return Bool.random(using: &source) ? 1 : 0
    case .key: return Double(Int32.random(in: .min ... .max, using: &source))
    }
  }

  private static func multiple(_ low: Double, _ high: Double, _ source: inout RandomSource) -> Double {
    Double(Int.random(in: Int((low * 64).rounded(.up))...Int((high * 64).rounded(.down)), using: &source)) / 64
  }

  /// Drawn numbers brought into an integer type: four times as large, so that they differ; zero only where it was.
  package func integers(_ array: HostArray, _ dtype: DType) -> HostArray {
    guard fixedType == nil else { return array }
    return array.mapped { value in
      let whole = (4 * value).rounded(value.magnitude < 0.25 ? .awayFromZero : .toNearestOrAwayFromZero)
      switch dtype {
      case .bool: return value > 0 ? 1 : 0
      case .uint8: return whole.magnitude
      default: return whole
      }
    }
  }
}
