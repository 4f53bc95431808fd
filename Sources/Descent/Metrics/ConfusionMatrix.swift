/// How often each class was taken for each: rows are the targets, columns the predictions.
public struct ConfusionMatrix: Sendable, Hashable {
  public let classNames: [String]
  /// [targets, predictions]
  public private(set) var counts: [[Int]]

  /// - Parameter classNames: what the classes are called; "0", "1", … if there are none.
  public init(predictions: [Int], targets: [Int], classCount: Int, classNames: [String] = []) {
    guard predictions.count == targets.count else {
      fatalError("ConfusionMatrix: \(predictions.count) predictions for \(targets.count) targets")
    }
    guard classNames.isEmpty || classNames.count == classCount else {
      fatalError("ConfusionMatrix: \(classNames.count) names for \(classCount) classes")
    }
    self.classNames = classNames.isEmpty ? (0..<classCount).map { "\($0)" } : classNames
    counts = Array(repeating: Array(repeating: 0, count: classCount), count: classCount)
    for (prediction, target) in zip(predictions, targets) {
      for (what, position) in [("prediction", prediction), ("target", target)] where !(0..<classCount ~= position) {
        fatalError("ConfusionMatrix: the \(what) \(position) is not one of the \(classCount) classes from 0 on")
      }
      counts[target][prediction] += 1
    }
  }

  private init(_ counts: [[Int]], classNames: [String]) {
    self.counts = counts
    self.classNames = classNames
  }

  /// The same counts under other names.
  func named(_ names: [String]) -> ConfusionMatrix {
    names.count == classCount ? ConfusionMatrix(counts, classNames: names) : self
  }

  mutating func add(_ other: ConfusionMatrix) {
    for target in counts.indices {
      for prediction in counts.indices { counts[target][prediction] += other.counts[target][prediction] }
    }
  }

  public var classCount: Int { counts.count }
  public var total: Int { counts.reduce(0) { $0 + $1.reduce(0, +) } }
  /// How many rows of each class there are.
  public var targetCounts: [Int] { counts.map { $0.reduce(0, +) } }
  /// How many rows were taken for each class.
  public var predictionCounts: [Int] { counts.indices.map { column in counts.reduce(0) { $0 + $1[column] } } }
  /// How many rows of each class were taken for what they are.
  public var hits: [Int] { counts.indices.map { counts[$0][$0] } }

  /// The share of rows that were taken for what they are; NaN of no rows.
  public var accuracy: Double { total == 0 ? .nan : Double(hits.reduce(0, +)) / Double(total) }
}

extension ConfusionMatrix: CustomStringConvertible {
  /// A table with the names of the targets on the left and those of the predictions on top.
  public var description: String {
    let corner = "target \\ prediction"
    let rows = [[corner] + classNames] + zip(classNames, counts).map { [$0] + $1.map { "\($0)" } }
    let widths = (0...classCount).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      zip(row, widths).enumerated().map { column, cell in
        let space = String(repeating: " ", count: cell.1 - cell.0.count)
        return column == 0 ? cell.0 + space : space + cell.0
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}

extension Metric {
  /// How often each class was taken for each. NaN instead of a matrix if a prediction is NaN or there are no rows.
  public static let confusion = Metric("confusion", isOfClasses: true) { reading in
    ConfusionAccumulator(reading: reading) { .confusion($0) }
  }
}

/// The counts of a confusion matrix, and what is made of them.
struct ConfusionAccumulator: MetricAccumulator {
  private let reading: Metric.Reading
  private let finish: @Sendable (ConfusionMatrix) -> MetricValue
  private var matrix: ConfusionMatrix?
  private var hasNaN = false

  init(reading: Metric.Reading, finish: @escaping @Sendable (ConfusionMatrix) -> MetricValue) {
    self.reading = reading
    self.finish = finish
  }

  mutating func add(_ batch: MetricBatch) {
    guard batch.rowCount > 0 else { return }
    let rows = batch.classes(reading)
    hasNaN = hasNaN || rows.hasNaN
    let counted = ConfusionMatrix(predictions: rows.predicted, targets: rows.targets, classCount: rows.classCount)
    if matrix == nil {
      matrix = counted
    } else {
      matrix?.add(counted)
    }
  }

  var value: MetricValue {
    guard let matrix, !hasNaN else { return .number(.nan) }
    return finish(matrix)
  }
}
