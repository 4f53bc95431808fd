extension Metric {
  /// The mean of (y - t)² over all elements.
  public static let meanSquaredError = Metric("meanSquaredError") { _ in MeanAccumulator(squaredErrors) }

  /// The square root of the mean of (y - t)², in the unit of the targets.
  public static let rootMeanSquaredError = Metric("rootMeanSquaredError") { _ in
    MeanAccumulator(finish: { $0.squareRoot() }, squaredErrors)
  }
}

@Sendable private func squaredErrors(_ batch: MetricBatch) -> (sum: Double, count: Int) {
  (batch.pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }, batch.predictions.count)
}
