import Descent

/// Every kind of place a parameter can be in.
struct Places: Layer {
  @Parameter var weight: Tensor = [1, 2]
  @OptionalParameter var present: Tensor?
  @OptionalParameter var absent: Tensor?
  @Buffer var average: Tensor = [0]
  let pair = [Factor(3), Factor(4)]
  let grid = [[Factor(5)], [Factor(6), Factor(7)]]
  let named: [String: any Layer] = ["zeta": Factor(8), "alpha": Factor(9)]
  let maybe: Factor? = Factor(10)
  let never: Factor? = nil
  let choice = Choice.scaled(Factor(11))
  let mixed: [any Layer] = [Factor(12), Identity()]
  let object = Derived()
  let label = "a text"
  let sizes = [1, 2, 3]
  let key = RandomKey(1)

  init() { present = [1, 2, 3] }

  func callAsFunction(_ x: Tensor) -> Tensor { x * weight.sum() }
}

struct Factor: Layer {
  @Parameter var factor: Tensor

  init(_ factor: Float) { self.factor = Tensor(factor) }
  func callAsFunction(_ x: Tensor) -> Tensor { x * factor }
}

enum Choice: Module {
  case scaled(Factor)
}

class Base: Module, @unchecked Sendable {
  let first = Factor(13)
}

final class Derived: Base, @unchecked Sendable {
  let second = Factor(14)
}

/// One matrix in both directions.
struct TiedAutoencoder: Layer {
  @Parameter var encoder: Tensor
  @Parameter var decoder: Tensor

  init() {
    _encoder = Parameter(wrappedValue: [[1, 2], [3, 4], [5, 6]])
    _decoder = Parameter(tiedTo: _encoder)
  }

  func callAsFunction(_ x: Tensor) -> Tensor { x.matmul(encoder).matmul(decoder.T) }
}
