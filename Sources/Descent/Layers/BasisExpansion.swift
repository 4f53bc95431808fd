public import DescentCore

/// Functions of the features as new features, for models that are linear in their parameters but not in x.
///
/// Shapes: x [..., n] → y [..., n per function, n(n − 1)/2 for products], in the order given.
///
/// ```swift
/// BasisExpansion([.identity, .square, .product])   // x₁, x₂ → x₁, x₂, x₁², x₂², x₁x₂
/// ```
public struct BasisExpansion: ConfigurableLayer {
  public enum Function: String, Codable, Sendable, CaseIterable {
    case identity, square, cube, sin, cos, exp, sqrt, abs
    /// The natural logarithm, for positive features.
    case log
    /// xᵢ · xⱼ for i < j.
    case product
  }

  public let configuration: Configuration

  public init(_ functions: [Function]) {
    self = trapping("BasisExpansion") { () throws(ConfigurationError) in
      try BasisExpansion(configuration: Configuration(functions: functions))
    }
  }

  /// The number of features that come out for `features` that go in.
  public func outputs(for features: Int) -> Int {
    configuration.functions.reduce(0) { $0 + ($1 == .product ? features * (features - 1) / 2 : features) }
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    guard x.rank >= 1 else { fatalError("BasisExpansion: expects [..., features], not a tensor of rank 0") }
    return .concatenate(configuration.functions.map { $0.apply(to: x) }, axis: -1)
  }

  public struct Configuration: Codable, Sendable { public let functions: [Function] }

  public init(configuration: Configuration) throws(ConfigurationError) {
    guard !configuration.functions.isEmpty else { throw ConfigurationError("expected at least one function") }
    self.configuration = configuration
  }
}

extension BasisExpansion.Function {
  func apply(to x: Tensor) -> Tensor {
    switch self {
    case .identity: x
    case .square: x.squared()
    case .cube: x * x * x
    case .sin: x.sin()
    case .cos: x.cos()
    case .exp: x.exp()
    case .sqrt: x.sqrt()
    case .abs: x.abs()
    case .log: x.log()
    case .product: products(x)
    }
  }

  private func products(_ x: Tensor) -> Tensor {
    let n = x.shape[x.rank - 1]
    let pairs = (0..<n).flatMap { i in ((i + 1)..<max(n, i + 1)).map { j in (Int32(i), Int32(j)) } }
    return x.gather(Tensor(pairs.map(\.0)), axis: -1) * x.gather(Tensor(pairs.map(\.1)), axis: -1)
  }
}
