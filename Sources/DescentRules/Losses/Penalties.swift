public import DescentCore

// Prices on large weights, added to a loss.

/// λ Σ |w| over all elements of all parameters, which drives weights to exactly 0 (Tibshirani 1996).
public func l1Penalty(_ parameters: [Tensor], strength: Double) -> Tensor {
  strength * total(parameters) { $0.abs() }
}

/// λ Σ w² over all elements of all parameters; its gradient is 2λw (Hoerl & Kennard 1970).
public func l2Penalty(_ parameters: [Tensor], strength: Double) -> Tensor {
  strength * total(parameters) { $0.squared() }
}

/// λ₁ Σ |w| + λ₂ Σ w², the elastic net (Zou & Hastie 2005).
public func elasticPenalty(_ parameters: [Tensor], l1: Double, l2: Double) -> Tensor {
  l1Penalty(parameters, strength: l1) + l2Penalty(parameters, strength: l2)
}

private func total(_ parameters: [Tensor], _ price: (Tensor) -> Tensor) -> Tensor {
  parameters.reduce(0) { $0 + price($1).sum() }
}
