public import DescentCore
import DescentRules

// Every layer here applies one function to its input and has no parameters. To add one, write it here and put it into
// the list at the end, which is how model files find it.

/// y = x.
public struct Identity: PlainLayer {
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor { x }
}

/// 1 where x > 0, else 0: Rosenblatt's perceptron. Its derivative is 0.
public struct Step: PlainLayer {
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor { x.step() }
}

/// y = 1 / (1 + e⁻ˣ).
public struct Sigmoid: PlainLayer {
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor { x.sigmoid() }
}

/// y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ).
public struct Tanh: PlainLayer {
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor { x.tanh() }
}

/// y = max(0, x).
public struct ReLU: PlainLayer {
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor { x.relu() }
}

/// y = x where x > 0, else slope · x.
public struct LeakyReLU: ConfigurableLayer {
  public struct Configuration: Codable, Sendable { public var slope: Double }
  public let configuration: Configuration

  public init(slope: Double = 0.01) { configuration = Configuration(slope: slope) }
  public init(configuration: Configuration) { self.configuration = configuration }
  public func callAsFunction(_ x: Tensor) -> Tensor { x.leakyReLU(slope: configuration.slope) }
}

/// y = x where x > 0, else α(eˣ − 1) (Clevert et al. 2015).
public struct ELU: ConfigurableLayer {
  public struct Configuration: Codable, Sendable { public var alpha: Double }
  public let configuration: Configuration

  public init(alpha: Double = 1) { configuration = Configuration(alpha: alpha) }
  public init(configuration: Configuration) { self.configuration = configuration }
  public func callAsFunction(_ x: Tensor) -> Tensor { x.elu(alpha: configuration.alpha) }
}

/// A scaled ELU that keeps mean 0 and variance 1 (Klambauer et al. 2017).
public struct SELU: PlainLayer {
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor { x.selu() }
}

/// y = x · Φ(x) with the normal distribution function Φ, or its approximation by tanh (Hendrycks & Gimpel 2016).
public struct GELU: ConfigurableLayer {
  public enum Form: String, Codable, Sendable { case exact, tanh }
  public struct Configuration: Codable, Sendable { public var form: Form }
  public let configuration: Configuration

  public init(_ form: Form = .exact) { configuration = Configuration(form: form) }
  public init(configuration: Configuration) { self.configuration = configuration }
  public func callAsFunction(_ x: Tensor) -> Tensor { x.gelu(approximate: configuration.form == .tanh) }
}

/// y = x · σ(x), also called swish (Ramachandran et al. 2017).
public struct SiLU: PlainLayer {
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor { x.silu() }
}

/// y = x · tanh(log(1 + eˣ)) (Misra 2019).
public struct Mish: PlainLayer {
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor { x.mish() }
}

/// y = log(1 + eˣ).
public struct Softplus: PlainLayer {
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor { x.softplus() }
}

/// y = x / (1 + |x|).
public struct Softsign: PlainLayer {
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor { x.softsign() }
}

/// yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ) along an axis.
public struct Softmax: ConfigurableLayer {
  public struct Configuration: Codable, Sendable { public var axis: Int }
  public let configuration: Configuration

  public init(axis: Int = -1) { configuration = Configuration(axis: axis) }
  public init(configuration: Configuration) { self.configuration = configuration }
  public func callAsFunction(_ x: Tensor) -> Tensor { x.softmax(axis: configuration.axis) }
}

/// yᵢ = xᵢ − log Σⱼ exp(xⱼ) along an axis.
public struct LogSoftmax: ConfigurableLayer {
  public struct Configuration: Codable, Sendable { public var axis: Int }
  public let configuration: Configuration

  public init(axis: Int = -1) { configuration = Configuration(axis: axis) }
  public init(configuration: Configuration) { self.configuration = configuration }
  public func callAsFunction(_ x: Tensor) -> Tensor { x.logSoftmax(axis: configuration.axis) }
}

let activationLayers: [any ConfigurableLayer.Type] = [
  Identity.self, Step.self, Sigmoid.self, Tanh.self, ReLU.self, LeakyReLU.self, ELU.self, SELU.self, GELU.self,
  SiLU.self, Mish.self, Softplus.self, Softsign.self, Softmax.self, LogSoftmax.self,
]
