extension Metric {
  /// The coefficient of determination: 1 - Σ (y - t)² / Σ (t - mean t)², of several outputs the mean.
  ///
  /// 1 is perfect, 0 as good as always answering the mean of the targets, and it can be below. Where all targets are
  /// equal, it is 1 if every prediction is right and else 0, as in scikit-learn. Of fewer than two rows it is NaN.
  public static let rSquared = Metric("rSquared") { _ in SquareSums() }
}

/// For each output, sums that need no second look at the data (Welford 1962).
private struct SquareSums: MetricAccumulator {
  private struct Output {
    var mean = 0.0
    var deviations = 0.0
    var errors = 0.0
  }

  private var outputs: [Output] = []
  private var rowCount = 0

  mutating func add(_ batch: MetricBatch) {
    if outputs.isEmpty { outputs = Array(repeating: Output(), count: batch.width) }
    for (index, (prediction, target)) in batch.pairs.enumerated() {
      let position = index % batch.width
      if position == 0 { rowCount += 1 }
      let difference = target - outputs[position].mean
      outputs[position].mean += difference / Double(rowCount)
      outputs[position].deviations += difference * (target - outputs[position].mean)
      outputs[position].errors += (prediction - target) * (prediction - target)
    }
  }

  var value: MetricValue {
    guard rowCount > 1 else { return .number(.nan) }
    let scores = outputs.map { output in
      if output.errors.isNaN || output.deviations > 0 { return 1 - output.errors / output.deviations }
      return output.errors == 0 ? 1 : 0
    }
    return .number(scores.reduce(0, +) / Double(scores.count))
  }
}
