public import DescentCore

/// How gradients are limited before the optimizer sees them (Pascanu et al. 2013).
public enum GradientClipping: Sendable, Hashable {
  case none
  /// Every element is kept within ± the limit.
  case value(Double)
  /// The gradient of each parameter is scaled down to this Euclidean norm if it is longer.
  case norm(Double)
  /// All gradients together, as one vector, are scaled down to this Euclidean norm if it is longer.
  case globalNorm(Double)

  /// The limited gradients. Norms are limited by the factor min(1, limit / (norm + 10⁻⁶)). Limits are above 0.
  public func apply(_ gradients: [Tensor]) -> [Tensor] {
    require(limit > 0, "GradientClipping: the limit \(limit) is not above 0")
    switch self {
    case .none: return gradients
    case .value(let limit):
      return gradients.map { $0.clamped(from: Tensor(weak: -limit), to: Tensor(weak: limit)) }
    case .norm(let limit): return gradients.map { $0 * factor(squaredNorm($0), limit) }
    case .globalNorm(let limit):
      guard let first = gradients.first else { return [] }
      let total = gradients.dropFirst().reduce(squaredNorm(first)) { $0 + squaredNorm($1) }
      let common = factor(total, limit)
      return gradients.map { $0 * common.cast(to: $0.dtype) }
    }
  }

  private var limit: Double {
    switch self {
    case .none: .infinity
    case .value(let limit), .norm(let limit), .globalNorm(let limit): limit
    }
  }

  private func squaredNorm(_ gradient: Tensor) -> Tensor { gradient.squared().sum() }

  private func factor(_ squaredNorm: Tensor, _ limit: Double) -> Tensor {
    minimum(limit / (squaredNorm.sqrt() + 1e-6), 1)
  }
}
