public import DescentCore
public import DescentRules

extension Optimizer {
  /// The same optimizer with another learning rate or weight decay for the parameters whose paths fit a pattern.
  ///
  /// In the pattern `*` stands for any characters. Where several adjustments fit a parameter, their factors are multiplied,
  /// and of their amounts of weight decay the last counts. Gradients are clipped and states kept as without; `freeze` is
  /// for parameters that shall not change at all.
  ///
  /// ```swift
  /// let optimizer = AdamW(learningRate: 3e-4, weightDecay: 0.1)
  ///   .adjusting("encoder.*", learningRateFactor: 0.1)   // trained before: go on with care
  ///   .adjusting("*.bias", weightDecay: 0)
  /// ```
  ///
  /// A pattern that fits no parameter stops training with `TrainingError.unmatchedPattern`.
  ///
  /// - Parameters:
  ///   - pattern: paths as `model.parameters` has them; a tied parameter fits by any of its paths.
  ///   - factor: what the schedule's learning rate is multiplied by.
  ///   - amount: the weight decay in place of the optimizer's, in its form, whatever the shapes of the parameters; nil
  ///     leaves it as it is.
  public func adjusting(
    _ pattern: String, learningRateFactor factor: Double = 1, weightDecay amount: Double? = nil
  ) -> AdjustedOptimizer<Self> {
    AdjustedOptimizer(self, [ParameterAdjustment(pattern, learningRateFactor: factor, weightDecay: amount)])
  }
}

/// An optimizer that treats some parameters otherwise; `Optimizer.adjusting` makes it.
public struct AdjustedOptimizer<Base: Optimizer>: Optimizer {
  public let base: Base
  public let adjustments: [ParameterAdjustment]

  fileprivate init(_ base: Base, _ adjustments: [ParameterAdjustment]) {
    self.base = base
    self.adjustments = base.adjustments + adjustments
  }

  /// One more adjustment, which comes after those there are.
  public func adjusting(
    _ pattern: String, learningRateFactor factor: Double = 1, weightDecay amount: Double? = nil
  ) -> AdjustedOptimizer {
    let next = ParameterAdjustment(pattern, learningRateFactor: factor, weightDecay: amount)
    return AdjustedOptimizer(base, adjustments + [next])
  }

  public var learningRate: Schedule { base.learningRate }
  public var clipping: GradientClipping { base.clipping }
  public var weightDecay: WeightDecay { base.weightDecay }
  public var stateNames: [String] { base.stateNames }

  public func initialState(for parameter: Tensor) -> [Tensor] { base.initialState(for: parameter) }

  public func update(
    _ parameter: Tensor, gradient: Tensor, state: [Tensor], learningRate: Tensor, step: Tensor,
    weightDecay: WeightDecay
  ) -> (parameter: Tensor, state: [Tensor]) {
    base.update(
      parameter, gradient: gradient, state: state, learningRate: learningRate, step: step, weightDecay: weightDecay)
  }
}

/// An optimizer around another, which checkpoints know by that one's name and numbers.
protocol OptimizerWrapper {
  var wrapped: any Optimizer { get }
}

extension AdjustedOptimizer: OptimizerWrapper {
  var wrapped: any Optimizer { base }
}

extension Optimizer {
  /// The optimizer itself, without what is adjusted.
  var unadjusted: any Optimizer { (self as? any OptimizerWrapper)?.wrapped ?? self }

  /// How each of some parameters is treated.
  ///
  /// - Throws: `TrainingError.unmatchedPattern` if a pattern fits none of the model's parameters, frozen ones included.
  func rules(for trainable: [ParameterTree.Entry], of tree: ParameterTree) throws(TrainingError) -> [ParameterRule] {
    let parameters = tree.parameters
    for adjustment in adjustments where !parameters.contains(where: adjustment.fits) {
      throw .unmatchedPattern(adjustment.pattern, paths: parameters.map(\.path))
    }
    return trainable.map { entry in
      adjustments.filter { $0.fits(entry) }.reduce(rule(for: entry.storage.shape)) { rule, adjustment in
        ParameterRule(
          learningRateFactor: rule.learningRateFactor * adjustment.learningRateFactor,
          weightDecay: adjustment.weightDecay.map { WeightDecay($0, weightDecay.form, on: .all) } ?? rule.weightDecay)
      }
    }
  }
}

extension ParameterAdjustment: CustomStringConvertible {
  public var description: String {
    "\(pattern): learning rate × \(learningRateFactor)" + (weightDecay.map { ", weight decay \($0)" } ?? "")
  }

  fileprivate func fits(_ entry: ParameterTree.Entry) -> Bool {
    entry.paths.contains { Self.fits(Array($0.utf8), Array(pattern.utf8)) }
  }

  /// Goes back to the last `*`, which then stands for a character more, wherever the rest does not fit.
  private static func fits(_ path: [UInt8], _ pattern: [UInt8]) -> Bool {
    var (place, next) = (0, 0)
    var star: (next: Int, place: Int)?
    while place < path.count {
      if next < pattern.count, pattern[next] == UInt8(ascii: "*") {
        star = (next + 1, place)
        next += 1
      } else if next < pattern.count, pattern[next] == path[place] {
        next += 1
        place += 1
      } else if let last = star {
        star = (last.next, last.place + 1)
        (next, place) = (last.next, last.place + 1)
      } else {
        return false
      }
    }
    return pattern[next...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
