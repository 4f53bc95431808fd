public import DescentCore

/// An activation function by its name, with its usual constants, for specifications that are data.
///
/// ```swift
/// Activation(rawValue: "relu")?(x)
/// ```
public enum Activation: String, Sendable, Hashable, CaseIterable {
  case identity, step, sigmoid, tanh, relu, leakyReLU, elu, selu, gelu, geluTanh, silu, mish, softplus, softsign

  public func callAsFunction(_ x: Tensor) -> Tensor {
    switch self {
    case .identity: x
    case .step: x.step()
    case .sigmoid: x.sigmoid()
    case .tanh: x.tanh()
    case .relu: x.relu()
    case .leakyReLU: x.leakyReLU()
    case .elu: x.elu()
    case .selu: x.selu()
    case .gelu: x.gelu()
    case .geluTanh: x.gelu(approximate: true)
    case .silu: x.silu()
    case .mish: x.mish()
    case .softplus: x.softplus()
    case .softsign: x.softsign()
    }
  }
}
