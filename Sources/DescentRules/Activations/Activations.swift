public import DescentCore

// Functions of one number, applied to every element. All are compositions of the core's operations, so derivatives of
// any order follow; where a function has a corner, the derivative there is stated.

extension Tensor {
  /// x where x > 0, else 0. The derivative at 0 is 0; NaN stays NaN.
  public func relu() -> Tensor {
    #if hasFeature(Embedded)
      (self .<= 0).select(0, self)
    #else
      // The derivative asks the result: where the argument comes from a product, that need not be kept.
      withDerivative(at: [self]) {
        ($0[0] .<= 0).select(0, $0[0])
      } pullback: { _, y, c in
        [(y .<= 0).select(0, c)]
      }
    #endif
  }

  /// x where x > 0, else slope · x. The derivative at 0 is the slope.
  public func leakyReLU(slope: Double = 0.01) -> Tensor { (self .> 0).select(self, slope * self) }

  /// x where x > 0, else α(eˣ − 1) (Clevert et al. 2015). The derivative at 0 is α.
  public func elu(alpha: Double = 1) -> Tensor {
    let isPositive = self .> 0
    // Without positive elements in the exponential its derivative cannot overflow, and 0 · ∞ does not arise.
    return isPositive.select(self, alpha * isPositive.select(0, self).expm1())
  }

  /// s · x where x > 0, else s · α(eˣ − 1), with the s and α that keep mean 0 and variance 1 (Klambauer et al. 2017).
  public func selu() -> Tensor { 1.050_700_987_355_480_5 * elu(alpha: 1.673_263_242_354_377_2) }

  /// x · Φ(x), with the normal distribution function Φ (Hendrycks & Gimpel 2016); approximately
  /// ½x(1 + tanh(√(2/π)(x + 0.044715x³))).
  public func gelu(approximate: Bool = false) -> Tensor {
    guard approximate else { return self * normalCDF() }
    let inner = (2 / Double.pi).squareRoot() * (self + 0.044715 * (self * self * self))
    return 0.5 * self * (1 + inner.tanh())
  }

  /// x · σ(x), also called swish (Ramachandran et al. 2017).
  public func silu() -> Tensor { self * sigmoid() }

  /// x · tanh(log(1 + eˣ)) (Misra 2019).
  public func mish() -> Tensor { self * softplus().tanh() }

  /// log(1 + eˣ), computed as max(x, 0) + log(1 + e^−|x|) so that nothing overflows. Its derivative is σ(x).
  public func softplus() -> Tensor {
    // Differentiated as it is computed, its corners at 0 would show in the second derivative.
    withDerivative(at: [dtype.isFloat ? self : cast(to: .float32)]) { x in
      maximum(x[0], 0) + (-x[0].abs()).exp().log1p()
    } pullback: { x, _, cotangent in
      [cotangent * x[0].sigmoid()]
    }
  }

  /// x / (1 + |x|).
  public func softsign() -> Tensor { self / (1 + abs()) }

  /// 1 where x > 0, else 0, also at 0 (the perceptron's threshold, Rosenblatt 1958). The derivative is 0 everywhere.
  public func step() -> Tensor { (self .> 0).cast(to: dtype) }
}

public func relu(_ x: Tensor) -> Tensor { x.relu() }
public func leakyReLU(_ x: Tensor, slope: Double = 0.01) -> Tensor { x.leakyReLU(slope: slope) }
public func elu(_ x: Tensor, alpha: Double = 1) -> Tensor { x.elu(alpha: alpha) }
public func selu(_ x: Tensor) -> Tensor { x.selu() }
public func gelu(_ x: Tensor, approximate: Bool = false) -> Tensor { x.gelu(approximate: approximate) }
public func silu(_ x: Tensor) -> Tensor { x.silu() }
public func mish(_ x: Tensor) -> Tensor { x.mish() }
public func softplus(_ x: Tensor) -> Tensor { x.softplus() }
public func softsign(_ x: Tensor) -> Tensor { x.softsign() }
