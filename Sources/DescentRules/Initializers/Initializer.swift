public import DescentCore

/// How a parameter's first values are drawn.
///
/// A function of the shape, of how many numbers feed one output (fan-in) and one input feeds (fan-out), of a random key
/// and of the element type: the same key gives the same values. Of a dense weight [in, out] the fans are in and out, of
/// a convolution's the channels times the kernel's area.
///
/// ```swift
/// let weight = Initializer.heNormal([784, 256], fanIn: 784, fanOut: 256, key: RandomKey(1))
/// ```
public struct Initializer: Sendable {
  public typealias Function =
    @Sendable (
      _ shape: [Int], _ fanIn: Int, _ fanOut: Int, _ key: RandomKey, _ dtype: DType
    ) -> Tensor

  public let name: String
  private let function: Function

  public init(_ name: String, _ function: @escaping Function) {
    self.name = name
    self.function = function
  }

  public func callAsFunction(
    _ shape: [Int], fanIn: Int, fanOut: Int, key: RandomKey, dtype: DType = .float32
  ) -> Tensor {
    function(shape, fanIn, fanOut, key, dtype)
  }
}

extension Initializer {
  public static let zeros = Initializer("zeros") { shape, _, _, _, dtype in .zeros(shape, dtype: dtype) }

  /// Every element the same.
  public static func constant(_ value: Double) -> Initializer {
    Initializer("constant") { shape, _, _, _, dtype in .full(shape, value, dtype: dtype) }
  }

  /// Uniform on [low, high).
  public static func uniform(from low: Double, to high: Double) -> Initializer {
    Initializer("uniform") { shape, _, _, key, dtype in key.uniform(shape, from: low, to: high, dtype: dtype) }
  }

  public static func normal(mean: Double = 0, standardDeviation: Double) -> Initializer {
    Initializer("normal") { shape, _, _, key, dtype in
      key.normal(shape, mean: mean, standardDeviation: standardDeviation, dtype: dtype)
    }
  }

  /// Normal, cut at two standard deviations on both sides; the standard deviation is that before the cut.
  public static func truncatedNormal(mean: Double = 0, standardDeviation: Double) -> Initializer {
    Initializer("truncatedNormal") { shape, _, _, key, dtype in
      key.truncatedNormal(shape, mean: mean, standardDeviation: standardDeviation, dtype: dtype)
    }
  }
}
