import DescentCore
import DescentRules

/// A price on large weights, added to the loss that training minimises.
///
/// L2 adds λ Σ w², also called ridge or Tikhonov regularisation; L1 adds λ Σ |w|, which drives weights to exactly 0
/// (Tibshirani 1996); both together are the elastic net (Zou and Hastie 2005). Losses that are reported leave penalties
/// out, so that they compare with those of validation data.
public struct Penalty: Sendable {
  public let l1: Double
  public let l2: Double
  private let isChosen: @Sendable (_ path: String, _ shape: [Int]) -> Bool

  /// - Parameter isChosen: which parameters it applies to; by default those of rank 2 and more, which leaves out biases
  ///   and the scales of normalisations.
  public init(
    l1: Double = 0, l2: Double = 0,
    on isChosen: @escaping @Sendable (_ path: String, _ shape: [Int]) -> Bool = { _, shape in shape.count >= 2 }
  ) {
    guard l1 >= 0 && l2 >= 0 else { fatalError("Penalty: strengths must not be negative, found l1 \(l1) and l2 \(l2)") }
    self.l1 = l1
    self.l2 = l2
    self.isChosen = isChosen
  }

  /// λ Σ |w| over weights of rank 2 and more.
  public static func l1(_ strength: Double) -> Penalty { Penalty(l1: strength) }
  /// λ Σ w² over weights of rank 2 and more.
  public static func l2(_ strength: Double) -> Penalty { Penalty(l2: strength) }
  /// λ₁ Σ |w| + λ₂ Σ w² over weights of rank 2 and more.
  public static func elastic(l1: Double, l2: Double) -> Penalty { Penalty(l1: l1, l2: l2) }

  /// The penalty of parameters; nil if none is chosen.
  func value(of parameters: [(path: String, value: Tensor)]) -> Tensor? {
    let chosen = parameters.filter { isChosen($0.path, $0.value.shape) }.map(\.value)
    guard !chosen.isEmpty && l1 + l2 > 0 else { return nil }
    if l2 == 0 { return l1Penalty(chosen, strength: l1) }
    return l1 == 0 ? l2Penalty(chosen, strength: l2) : elasticPenalty(chosen, l1: l1, l2: l2)
  }
}
