extension Metric {
  /// The mean of |y - t| over all elements, in the unit of the targets.
  public static let meanAbsoluteError = Metric("meanAbsoluteError") { _ in
    MeanAccumulator { batch in (batch.pairs.reduce(0) { $0 + abs($1.0 - $1.1) }, batch.predictions.count) }
  }
}
