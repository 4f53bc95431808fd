extension Metric {
  /// The mean of -log p, where p is the probability given to the target: what cross-entropy minimises.
  ///
  /// Of logits it is exact however small p is; given as such, probabilities below 2⁻⁵² count as that.
  public static let logLoss = Metric("logLoss", isOfClasses: true) { reading in
    MeanAccumulator { batch in
      let rows = batch.classes(reading)
      return (rows.hasNaN ? .nan : -rows.logLikelihoods.reduce(0, +), batch.rowCount)
    }
  }
}
