public import DescentCore

/// What training minimises, as a value with a name: a function of predictions and targets that gives one number.
///
/// ```swift
/// try model.fit(data, loss: .huber(delta: 2))
/// ```
public struct Loss: Sendable {
  /// The values targets must have.
  package enum Targets: Sendable {
    case any
    case labels([Double])
    case range(ClosedRange<Double>)
  }

  public let name: String
  package let targets: Targets
  private let function: @Sendable (_ predictions: Tensor, _ targets: Tensor) -> Tensor
  private let weight: (@Sendable (_ targets: Tensor) -> Tensor)?

  /// A loss that is a mean over the rows.
  public init(_ name: String, _ function: @escaping @Sendable (_ predictions: Tensor, _ targets: Tensor) -> Tensor) {
    self.init(name, targets: .any, weight: nil, function)
  }

  /// A loss that is a weighted mean.
  ///
  /// - Parameter weight: the sum of the weights of a batch's targets, one float: what the batch's mean counts for in the
  ///   mean over several batches.
  public init(
    _ name: String, weight: @escaping @Sendable (_ targets: Tensor) -> Tensor,
    _ function: @escaping @Sendable (_ predictions: Tensor, _ targets: Tensor) -> Tensor
  ) {
    self.init(name, targets: .any, weight: weight, function)
  }

  private init(
    _ name: String, targets: Targets, weight: (@Sendable (_ targets: Tensor) -> Tensor)?,
    _ function: @escaping @Sendable (_ predictions: Tensor, _ targets: Tensor) -> Tensor
  ) {
    self.name = name
    self.targets = targets
    self.weight = weight
    self.function = function
  }

  /// What the mean of a batch counts for beside those of others, one float; nil where every row counts the same.
  package func weight(of targets: Tensor) -> Tensor? { weight?(targets) }

  public func callAsFunction(_ predictions: Tensor, _ targets: Tensor) -> Tensor { function(predictions, targets) }
}

extension Loss {
  /// The mean of (y − t)² over all elements.
  public static let meanSquaredError = Loss("meanSquaredError") { DescentRules.meanSquaredError($0, $1) }

  /// ½ Σ (y − t)² over the outputs, averaged over the examples.
  public static let halfSquaredError = Loss("halfSquaredError") { DescentRules.halfSquaredError($0, $1) }

  /// The mean of |y − t| over all elements.
  public static let meanAbsoluteError = Loss("meanAbsoluteError") { DescentRules.meanAbsoluteError($0, $1) }

  /// Squared for differences up to δ, linear beyond.
  public static func huber(delta: Double = 1) -> Loss {
    Loss("huber") { DescentRules.huber($0, $1, delta: delta) }
  }

  /// Cross-entropy of logits and labels 0 or 1, or probabilities.
  public static let binaryCrossEntropy = binaryCrossEntropy(positiveWeight: 1)

  /// Cross-entropy of logits and labels 0 or 1, or probabilities, with a weight for the label 1.
  public static func binaryCrossEntropy(positiveWeight: Double) -> Loss {
    Loss("binaryCrossEntropy", targets: .range(0...1), weight: nil) {
      DescentRules.binaryCrossEntropy(logits: $0, targets: $1, positiveWeight: positiveWeight)
    }
  }

  /// Cross-entropy of logits over the last axis and class numbers or probabilities.
  public static let softmaxCrossEntropy = softmaxCrossEntropy(labelSmoothing: 0)

  /// Cross-entropy of logits over the last axis, with smoothed labels or weighted classes.
  public static func softmaxCrossEntropy(labelSmoothing: Double = 0, classWeights: [Double]? = nil) -> Loss {
    guard let classWeights else {
      return Loss("softmaxCrossEntropy") {
        DescentRules.softmaxCrossEntropy(logits: $0, targets: $1, labelSmoothing: labelSmoothing)
      }
    }
    let weights = Tensor(classWeights, dtype: .float64)
    return Loss(
      "softmaxCrossEntropy",
      weight: { targets in
        // The mean over probabilities is one over rows.
        targets.dtype.isFloat ? Tensor(targets.shape[0], dtype: .float64) : weights.gather(targets).sum()
      }
    ) {
      DescentRules.softmaxCrossEntropy(
        logits: $0, targets: $1, labelSmoothing: labelSmoothing, classWeights: weights)
    }
  }

  /// max(0, 1 − t·y) of scores and labels ±1.
  public static let hinge = Loss("hinge", targets: .labels([-1, 1]), weight: nil) { DescentRules.hinge($0, $1) }
}
