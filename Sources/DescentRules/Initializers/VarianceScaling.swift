import DescentCore

extension Initializer {
  /// The number a variance is divided by.
  public enum Fan: Sendable, Hashable { case fanIn, fanOut, average }
  public enum Distribution: Sendable, Hashable { case uniform, normal }

  /// Mean 0 and variance scale / fan, so that the size of signals (fan-in) or of gradients (fan-out) does not grow or
  /// shrink from layer to layer. Uniform numbers lie on ± √(3 · variance).
  public static func scaled(_ scale: Double, by fan: Fan, _ distribution: Distribution) -> Initializer {
    scaled("scaled", scale, by: fan, distribution)
  }

  /// Uniform on ± √(6 / (fanIn + fanOut)) (Glorot & Bengio 2010).
  public static let glorotUniform = scaled("glorotUniform", 1, by: .average, .uniform)
  /// Normal with variance 2 / (fanIn + fanOut) (Glorot & Bengio 2010).
  public static let glorotNormal = scaled("glorotNormal", 1, by: .average, .normal)
  /// Uniform on ± √(6 / fanIn), for layers before ReLU (He et al. 2015).
  public static let heUniform = scaled("heUniform", 2, by: .fanIn, .uniform)
  /// Normal with variance 2 / fanIn, for layers before ReLU (He et al. 2015).
  public static let heNormal = scaled("heNormal", 2, by: .fanIn, .normal)
  /// Uniform on ± √(3 / fanIn) (LeCun et al. 1998).
  public static let leCunUniform = scaled("leCunUniform", 1, by: .fanIn, .uniform)
  /// Normal with variance 1 / fanIn (LeCun et al. 1998).
  public static let leCunNormal = scaled("leCunNormal", 1, by: .fanIn, .normal)
  /// Uniform on ± 1 / √fanIn, "the standard initialization" Glorot & Bengio (2010) start from and PyTorch's linear
  /// layers have.
  public static let standard = scaled("standard", 1.0 / 3, by: .fanIn, .uniform)

  private static func scaled(
    _ name: String, _ scale: Double, by fan: Fan, _ distribution: Distribution
  ) -> Initializer {
    Initializer(name) { shape, fanIn, fanOut, key, dtype in
      let divisor =
        switch fan {
        case .fanIn: Double(fanIn)
        case .fanOut: Double(fanOut)
        case .average: Double(fanIn + fanOut) / 2
        }
      require(divisor > 0, "\(name): the fan-in and the fan-out must be positive")
      let variance = scale / divisor
      switch distribution {
      case .uniform:
        let limit = (3 * variance).squareRoot()
        return key.uniform(shape, from: -limit, to: limit, dtype: dtype)
      case .normal: return key.normal(shape, standardDeviation: variance.squareRoot(), dtype: dtype)
      }
    }
  }
}
