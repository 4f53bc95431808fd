extension Metric {
  /// How far confidence is from accuracy: Σ n_b / n · |accuracy_b - mean confidence_b| over 15 equal bins of the
  /// confidence, which is the largest class probability. (Guo et al. 2017)
  public static let expectedCalibrationError = Metric("expectedCalibrationError", isOfClasses: true) {
    ConfidenceBins(reading: $0)
  }
}

private struct ConfidenceBins: MetricAccumulator {
  private struct Bin {
    var confidence = 0.0
    var hits = 0
  }

  private let reading: Metric.Reading
  private var bins = [Bin](repeating: Bin(), count: 15)
  private var rowCount = 0
  private var hasNaN = false

  init(reading: Metric.Reading) { self.reading = reading }

  mutating func add(_ batch: MetricBatch) {
    guard batch.rowCount > 0 else { return }
    let rows = batch.classes(reading)
    hasNaN = hasNaN || rows.hasNaN
    guard !hasNaN else { return }
    rowCount += batch.rowCount
    for (row, target) in rows.targets.enumerated() {
      let confidence = rows.probabilities[(row * rows.classCount)..<((row + 1) * rows.classCount)].max()!
      let bin = Int(min(max(confidence * Double(bins.count), 0), Double(bins.count - 1)))
      bins[bin].confidence += confidence
      bins[bin].hits += rows.predicted[row] == target ? 1 : 0
    }
  }

  var value: MetricValue {
    guard rowCount > 0 && !hasNaN else { return .number(.nan) }
    // n_b cancels: the sums over the rows of a bin are compared.
    return .number(bins.reduce(0) { $0 + abs(Double($1.hits) - $1.confidence) } / Double(rowCount))
  }
}
