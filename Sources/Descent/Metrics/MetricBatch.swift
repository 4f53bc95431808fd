import DescentCPU
import DescentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Predictions and targets read from tensors once, however many metrics look at them.
final class MetricBatch {
  let predictions: [Double]  // [rows, width]
  let targets: [Double]  // [rows] or [rows, width]
  let width: Int
  let rowCount: Int
  private var classified: [Metric.Reading: ClassifiedRows] = [:]

  /// - Parameter encoding: how the targets were made from those to measure in; it is undone.
  convenience init(_ predictions: Tensor, _ targets: Tensor, encoding: TargetEncoding? = nil) {
    func decoded(_ tensor: Tensor) -> [Double] {
      let values = tensor.array(of: Double.self)
      return encoding.map { values.map($0.decoded) } ?? values
    }
    self.init(
      decoded(predictions), width: predictions.rank < 2 ? 1 : predictions.shape.last!, decoded(targets))
  }

  init(_ predictions: [Double], width: Int, _ targets: [Double]) {
    guard width > 0 || predictions.isEmpty, predictions.count % max(width, 1) == 0 else {
      fatalError("Metric: \(predictions.count) predictions do not make rows of \(width)")
    }
    self.predictions = predictions
    self.targets = targets
    self.width = width
    rowCount = predictions.count / max(width, 1)
    guard targets.count == rowCount || targets.count == predictions.count else {
      fatalError("Metric: \(targets.count) targets for predictions of \(rowCount) rows with \(width) outputs each")
    }
  }

  /// Predictions and targets element by element, for metrics of numbers.
  var pairs: Zip2Sequence<[Double], [Double]> {
    guard targets.count == predictions.count else {
      fatalError("Metric: predictions of \(rowCount) rows with \(width) outputs, but \(targets.count) targets")
    }
    return zip(predictions, targets)
  }

  /// The rows as probabilities and class numbers, for metrics of classes.
  func classes(_ reading: Metric.Reading) -> ClassifiedRows {
    if let known = classified[reading] { return known }
    let rows = ClassifiedRows(self, reading)
    classified[reading] = rows
    return rows
  }
}

/// Predictions of classes, whatever they were given as.
struct ClassifiedRows {
  /// The number of outputs, or 2 where there is one.
  let classCount: Int
  /// Whether there is one output, that of class 1.
  let hasOneOutput: Bool
  let targets: [Int]
  private(set) var probabilities: [Double] = []  // [rows, classCount]
  /// The class with the largest output, the first of several; of one output class 1 from probability ½ on.
  private(set) var predicted: [Int] = []
  /// The logarithm of the probability of the target.
  private(set) var logLikelihoods: [Double] = []
  /// What orders the rows from class 0 to class 1 where there are two: unlike probabilities, differences of logits do
  /// not become equal by rounding to 1.
  private(set) var scores: [Double] = []
  let hasNaN: Bool

  /// scikit-learn's bound for probabilities in double precision: the spacing of numbers at 1.
  private static let leastProbability = Double.ulpOfOne

  init(_ batch: MetricBatch, _ reading: Metric.Reading) {
    hasOneOutput = batch.width == 1
    classCount = Self.classCount(width: batch.width)
    targets = Self.targets(batch)
    hasNaN = batch.predictions.contains { $0.isNaN }
    for row in 0..<batch.rowCount {
      let outputs = batch.predictions[(row * batch.width)..<((row + 1) * batch.width)]
      switch (hasOneOutput, reading) {
      case (true, .logits): append(logit: outputs.first!, target: targets[row])
      case (true, .probabilities):
        append(probabilities: [1 - outputs.first!, outputs.first!], target: targets[row])
        predicted.append(outputs.first! >= 0.5 ? 1 : 0)
      case (false, .logits): append(logits: Array(outputs), target: targets[row])
      case (false, .probabilities):
        append(probabilities: Array(outputs), target: targets[row])
        predicted.append(positionOfLargest(outputs))
      }
    }
  }

  private mutating func append(logit: Double, target: Int) {
    let signed = target == 1 ? logit : -logit
    probabilities += [1 / (1 + exp(logit)), 1 / (1 + exp(-logit))]
    logLikelihoods.append(min(signed, 0) - log1p(exp(-abs(signed))))
    predicted.append(logit >= 0 ? 1 : 0)
    scores.append(logit)
  }

  private mutating func append(logits: [Double], target: Int) {
    let largest = logits.max()!
    let powers = logits.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    probabilities += powers.map { $0 / sum }
    logLikelihoods.append(logits[target] - largest - log(sum))
    predicted.append(positionOfLargest(logits))
    if logits.count == 2 { scores.append(logits[1] - logits[0]) }
  }

  private mutating func append(probabilities row: [Double], target: Int) {
    probabilities += row
    logLikelihoods.append(log(max(row[target], Self.leastProbability)))
    if row.count == 2 { scores.append(row[1]) }
  }

  private static func targets(_ batch: MetricBatch) -> [Int] {
    if batch.targets.count > batch.rowCount {
      return (0..<batch.rowCount).map { row in
        positionOfLargest(batch.targets[(row * batch.width)..<((row + 1) * batch.width)])
      }
    }
    return batch.targets.map { target in
      guard let position = position(ofTarget: target, width: batch.width) else {
        fatalError(
          "Metric: the target \(numberText(target)) is not one of the \(classCount(width: batch.width)) classes "
            + "from 0 on")
      }
      return position
    }
  }

  /// The number of classes that rows of `width` outputs tell apart.
  static func classCount(width: Int) -> Int { width == 1 ? 2 : width }

  /// The class that a target stands for; nil where it is none.
  static func position(ofTarget target: Double, width: Int) -> Int? {
    // The losses of signs, such as hinge, call class 0 so.
    if target == -1 && width == 1 { return 0 }
    guard let position = Int(exactly: target), 0..<classCount(width: width) ~= position else { return nil }
    return position
  }
}

/// The position of the largest value within the row, the first of several; 0 of none.
func positionOfLargest(_ row: some RandomAccessCollection<Double>) -> Int {
  var best = row.startIndex
  for index in row.indices where row[index] > row[best] { best = index }
  return row.distance(from: row.startIndex, to: best)
}
