public import DescentCore

/// All monomials of the features up to a degree, without the constant: x₁, x₂ → x₁, x₂, x₁², x₁x₂, x₂², … in the order
/// of scikit-learn. Without interactions only the powers of each feature: x₁, x₂, x₁², x₂², …
///
/// Shapes: x [..., n] → y [..., monomials], of which there are (n + degree)! / (n! · degree!) − 1, or n · degree without
/// interactions.
public struct PolynomialFeatures: ConfigurableLayer {
  public let configuration: Configuration

  public init(degree: Int, interactions: Bool = true) {
    self = trapping("PolynomialFeatures") { () throws(ConfigurationError) in
      try PolynomialFeatures(configuration: Configuration(degree: degree, interactions: interactions))
    }
  }

  /// The number of features that come out for `features` that go in.
  public func outputs(for features: Int) -> Int {
    guard configuration.interactions else { return features * configuration.degree }
    return (1...configuration.degree).reduce(1) { $0 * (features + $1) / $1 } - 1
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    guard x.rank >= 1 else { fatalError("PolynomialFeatures: expects [..., features], not a tensor of rank 0") }
    var parts = [x]
    // For each monomial of the degree below: the last feature it contains.
    var last = Array(0..<x.shape[x.rank - 1])
    for _ in 1..<configuration.degree {
      let steps = extensions(of: last, features: x.shape[x.rank - 1])
      let monomials = parts[parts.count - 1].gather(Tensor(steps.map { Int32($0.monomial) }), axis: -1)
      parts.append(monomials * x.gather(Tensor(steps.map { Int32($0.feature) }), axis: -1))
      last = steps.map(\.feature)
    }
    return .concatenate(parts, axis: -1)
  }

  /// Which monomial times which feature gives each monomial of the next degree; features in ascending order, so that
  /// none comes twice.
  private func extensions(of last: [Int], features: Int) -> [(monomial: Int, feature: Int)] {
    last.enumerated().flatMap { monomial, feature in
      (feature..<(configuration.interactions ? features : feature + 1)).map { (monomial, $0) }
    }
  }

  public struct Configuration: Codable, Sendable { public let degree: Int, interactions: Bool }

  public init(configuration: Configuration) throws(ConfigurationError) {
    guard (1...64).contains(configuration.degree) else {
      throw ConfigurationError("expected a degree from 1 to 64, found \(configuration.degree)")
    }
    self.configuration = configuration
  }
}
