import DescentCore

/// How weights are drawn towards 0 at every step.
///
/// Coupled decay adds λw to the gradient, which is the gradient of ½λ Σ w²; decoupled decay multiplies the weights by
/// 1 − ηλ outside the rule, so that adaptive step sizes do not change its strength (Loshchilov & Hutter 2019).
public struct WeightDecay: Sendable, Hashable {
  public enum Form: Sendable, Hashable { case coupled, decoupled }

  /// Which parameters decay.
  public enum Scope: Sendable, Hashable {
    /// Those of rank 2 and more: no biases, no scales of normalisations.
    case matrices
    case all
  }

  /// λ.
  public let amount: Double
  public let form: Form
  public let scope: Scope

  public init(_ amount: Double, _ form: Form, on scope: Scope = .matrices) {
    require(amount >= 0, "WeightDecay: the amount must not be negative")
    self.amount = amount
    self.form = form
    self.scope = scope
  }

  public static let none = WeightDecay(0, .coupled)
  /// λw is added to the gradient.
  public static func coupled(_ amount: Double, on scope: Scope = .matrices) -> WeightDecay {
    WeightDecay(amount, .coupled, on: scope)
  }
  /// The weights are multiplied by 1 − ηλ.
  public static func decoupled(_ amount: Double, on scope: Scope = .matrices) -> WeightDecay {
    WeightDecay(amount, .decoupled, on: scope)
  }

  /// Whether a parameter of this shape decays.
  public func applies(to shape: [Int]) -> Bool { amount > 0 && (scope == .all || shape.count >= 2) }

  /// The parameter and the gradient that the rule proper starts from.
  func applied(
    to parameter: Tensor, gradient: Tensor, learningRate: Tensor
  ) -> (parameter: Tensor, gradient: Tensor) {
    guard amount > 0 else { return (parameter, gradient) }
    switch form {
    case .coupled: return (parameter, gradient + amount * parameter)
    case .decoupled: return (parameter * (1 - amount * learningRate), gradient)
    }
  }
}
