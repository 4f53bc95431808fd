extension Metric {
  /// The area under the receiver operating characteristic: the chance that a row of class 1 has a higher score than a
  /// row of class 0, where equal scores count half. (Fawcett 2006)
  ///
  /// With more than two classes, the mean over the classes that have rows of one class against the rest. NaN if all
  /// rows are of one class.
  public static let rocAUC = Metric("rocAUC", isOfClasses: true) { ScoreCollection(reading: $0) }
}

private struct ScoreCollection: MetricAccumulator {
  private let reading: Metric.Reading
  private var classCount = 2
  private var targets: [Int] = []
  /// [rows] for two classes, else [rows, classes]
  private var scores: [Double] = []

  init(reading: Metric.Reading) { self.reading = reading }

  mutating func add(_ batch: MetricBatch) {
    guard batch.rowCount > 0 else { return }
    let rows = batch.classes(reading)
    classCount = rows.classCount
    targets += rows.targets
    scores += classCount == 2 ? rows.scores : rows.probabilities
  }

  var value: MetricValue {
    let known = Set(targets)
    guard known.count > 1, !scores.contains(where: { $0.isNaN }) else { return .number(.nan) }
    if classCount == 2 { return .number(area(scores, targets.map { $0 == 1 })) }
    let areas = known.sorted().map { position in
      area(targets.indices.map { scores[$0 * classCount + position] }, targets.map { $0 == position })
    }
    return .number(areas.reduce(0, +) / Double(areas.count))
  }
}

/// The share of pairs of a positive and a negative row in which the positive one has the higher score. There must be
/// rows of both kinds.
private func area(_ scores: [Double], _ isPositive: [Bool]) -> Double {
  let order = scores.indices.sorted { scores[$0] < scores[$1] }
  var negativesBelow = 0
  var twiceTheWins = 0
  var start = 0
  while start < order.count {
    var end = start
    var (positives, negatives) = (0, 0)
    while end < order.count && scores[order[end]] == scores[order[start]] {
      if isPositive[order[end]] { positives += 1 } else { negatives += 1 }
      end += 1
    }
    twiceTheWins += positives * (2 * negativesBelow + negatives)
    negativesBelow += negatives
    start = end
  }
  let positives = order.count - negativesBelow
  return Double(twiceTheWins) / (2 * Double(positives) * Double(negativesBelow))
}
