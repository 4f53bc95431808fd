import DescentCPU
import DescentCore
import DescentRules

/// What the outputs of a network mean, which follows from the target: how many there are, and what is minimised.
enum PredictionHead: Sendable, Hashable {
  /// The standardised target; the mean squared error.
  case number
  /// The logit of the second of two classes; binary cross-entropy.
  case twoClasses
  /// A logit for each class; softmax cross-entropy.
  case classes(Int)

  init(_ encoding: TargetEncoding) {
    switch encoding {
    case .regression: self = .number
    case .classification(let classes): self = classes.count == 2 ? .twoClasses : .classes(classes.count)
    }
  }

  var outputs: Int {
    switch self {
    case .number, .twoClasses: 1
    case .classes(let count): count
    }
  }

  func loss(labelSmoothing share: Double = 0) -> Loss {
    switch self {
    case .number: .meanSquaredError
    case .twoClasses:
      Loss("binaryCrossEntropy") { logits, labels in
        binaryCrossEntropy(logits: logits, targets: (1 - share) * labels + share / 2)
      }
    case .classes: .softmaxCrossEntropy(labelSmoothing: share)
    }
  }

  /// The targets as the loss takes them: float32 [rows, 1], or class positions, int32 [rows].
  func targets(_ encoded: EncodedTargets) -> Tensor {
    switch self {
    case .number, .twoClasses: Tensor(encoded.values, shape: [encoded.values.count, 1])
    case .classes: Tensor(encoded.classes.map { Int32($0) })
    }
  }

  /// The probability of each class, row by row, from logits [rows, outputs]; in double precision, where float32 would
  /// round a rare class to 0.
  func probabilities(_ logits: Tensor) -> [[Double]] {
    let logits = logits.cast(to: .float64)
    switch self {
    case .number: return []
    case .twoClasses:
      let positive = logits.sigmoid()
      let negative = (-logits).sigmoid()
      evaluate(positive, negative)
      return zip(negative.array(of: Double.self), positive.array(of: Double.self)).map { [$0, $1] }
    case .classes(let count):
      let values = logits.softmax().array(of: Double.self)
      return stride(from: 0, to: values.count, by: count).map { Array(values[$0..<($0 + count)]) }
    }
  }
}
