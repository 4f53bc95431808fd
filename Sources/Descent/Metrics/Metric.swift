import DescentCPU
public import DescentCore

/// A measure of how good predictions are: a name, and a function of predictions and targets.
///
/// ```swift
/// print(try model.evaluate(test, .rSquared, .meanAbsoluteError))
/// let error = Metric.meanAbsoluteError([2.5, 0], [3, -0.5])    // 0.5
/// ```
///
/// Shapes: predictions [rows, outputs] or [rows], targets the same; for classes predictions [rows, classes], or [rows]
/// or [rows, 1] with the logit of class 1, and targets [rows] with class numbers, or [rows, classes] with a 1 at the
/// class; of one output -1 is class 0 too. Further axes in front count as rows. All is computed in double precision.
///
/// Predictions count as logits. Measured of a model, they count as probabilities if it ends in a sigmoid or a softmax;
/// `reading(_:)` says it where that is not seen.
///
/// A metric of no rows is NaN, and so is any of predictions that are NaN.
public struct Metric: Sendable {
  /// What the predictions of classes are.
  public enum Reading: Sendable, Hashable {
    /// As the last linear layer of a model gives them.
    case logits
    case probabilities
  }

  public let name: String
  /// Whether targets must be classes.
  let isOfClasses: Bool
  /// Nil leaves it to the outputs.
  private let reading: Reading?
  private let makeAccumulator: @Sendable (Reading) -> any MetricAccumulator

  init(
    _ name: String, reading: Reading? = nil, isOfClasses: Bool = false,
    accumulating makeAccumulator: @escaping @Sendable (Reading) -> any MetricAccumulator
  ) {
    self.name = name
    self.isOfClasses = isOfClasses
    self.reading = reading
    self.makeAccumulator = makeAccumulator
  }

  /// A metric of your own, computed from all predictions and targets at once, row by row.
  public init(_ name: String, _ measure: @escaping @Sendable (_ predictions: [Double], _ targets: [Double]) -> Double) {
    self.init(name) { _ in Collected(measure: measure) }
  }

  /// The same metric for predictions that are probabilities instead of logits, or the other way round. Metrics of
  /// numbers are not concerned.
  public func reading(_ reading: Reading) -> Metric {
    Metric(name, reading: reading, isOfClasses: isOfClasses, accumulating: makeAccumulator)
  }

  /// - Parameter outputs: what the predictions are, unless the metric was told.
  func accumulator(of outputs: Reading) -> any MetricAccumulator { makeAccumulator(reading ?? outputs) }

  /// The metric as a number or a matrix.
  public func value(_ predictions: Tensor, _ targets: Tensor) -> MetricValue {
    evaluate(predictions, targets)
    return value(MetricBatch(predictions, targets))
  }

  public func callAsFunction(_ predictions: Tensor, _ targets: Tensor) -> Double {
    number(value(predictions, targets))
  }

  /// The metric of one number for each row.
  public func callAsFunction(_ predictions: [Double], _ targets: [Double]) -> Double {
    number(value(MetricBatch(predictions, width: 1, targets)))
  }

  /// The metric of several outputs for each row and one class number each.
  public func callAsFunction(_ predictions: [[Double]], _ targets: [Int]) -> Double {
    let width = predictions.first?.count ?? 1
    return number(value(MetricBatch(predictions.flatMap { $0 }, width: width, targets.map(Double.init))))
  }

  fileprivate func value(_ batch: MetricBatch, outputs: Reading = .logits) -> MetricValue {
    var accumulator = accumulator(of: outputs)
    accumulator.add(batch)
    return accumulator.value
  }

  private func number(_ value: MetricValue) -> Double {
    guard let number = value.number else { fatalError("\(name): it is a matrix; ask for value(_:_:)") }
    return number
  }
}

extension [Metric] {
  /// The numbers by name, for the history of training; matrices are left out.
  func values(of predictions: Tensor, on dataset: Dataset, outputs: Metric.Reading) -> [String: Double] {
    let targets = dataset.targets
    evaluate(predictions, targets)
    func rows(_ tensor: Tensor, _ range: Range<Int>) -> Tensor {
      if range.count == tensor.shape.first ?? 1 { return tensor }
      return tensor.slice(axis: 0, from: range.lowerBound, count: range.count)
    }
    let (count, width) = (predictions.shape.first ?? 1, predictions.shape.dropFirst().reduce(1, *))
    let values = values(rows: count, width: width, outputs: outputs) {
      MetricBatch(rows(predictions, $0), rows(targets, $0), encoding: dataset.targetEncoding)
    }
    return zip(self, values).reduce(into: [:]) { $0[$1.0.name] = $1.1.number }
  }

  /// The values of all, of a million numbers at a time, as metrics make copies of what they look at.
  func values(
    rows count: Int, width: Int, outputs: Metric.Reading, of batch: (Range<Int>) -> MetricBatch
  ) -> [MetricValue] {
    var accumulators = map { $0.accumulator(of: outputs) }
    let size = Swift.max(1, (1 << 20) / Swift.max(width, 1))
    for start in stride(from: 0, to: count, by: size) {
      let batch = batch(start..<Swift.min(start + size, count))
      for index in accumulators.indices { accumulators[index].add(batch) }
    }
    return accumulators.map(\.value)
  }
}

/// What a metric comes to.
public enum MetricValue: Sendable, Hashable, CustomStringConvertible {
  case number(Double)
  case confusion(ConfusionMatrix)

  public var number: Double? {
    if case .number(let number) = self { number } else { nil }
  }

  public var description: String {
    switch self {
    case .number(let number): shortText(number)
    case .confusion(let matrix): matrix.description
    }
  }
}

/// A metric on its way through the batches of a dataset.
protocol MetricAccumulator: Sendable {
  mutating func add(_ batch: MetricBatch)
  var value: MetricValue { get }
}

/// Everything there was, for metrics that need it at once.
private struct Collected: MetricAccumulator {
  let measure: @Sendable ([Double], [Double]) -> Double
  private var predictions: [Double] = []
  private var targets: [Double] = []

  init(measure: @escaping @Sendable ([Double], [Double]) -> Double) { self.measure = measure }

  mutating func add(_ batch: MetricBatch) {
    predictions += batch.predictions
    targets += batch.targets
  }

  var value: MetricValue { .number(predictions.isEmpty ? .nan : measure(predictions, targets)) }
}

/// A sum over terms, for metrics that are means.
struct MeanAccumulator: MetricAccumulator {
  private let terms: @Sendable (MetricBatch) -> (sum: Double, count: Int)
  private let finish: @Sendable (Double) -> Double
  private var sum = 0.0
  private var count = 0

  /// - Parameter finish: what becomes of the mean.
  init(
    finish: @escaping @Sendable (Double) -> Double = { $0 },
    _ terms: @escaping @Sendable (MetricBatch) -> (sum: Double, count: Int)
  ) {
    self.terms = terms
    self.finish = finish
  }

  mutating func add(_ batch: MetricBatch) {
    let batch = terms(batch)
    sum += batch.sum
    count += batch.count
  }

  var value: MetricValue { .number(count == 0 ? .nan : finish(sum / Double(count))) }
}
