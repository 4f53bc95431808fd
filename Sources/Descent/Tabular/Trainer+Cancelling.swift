extension Trainer {
  /// Trains to the end, or until after an epoch it is asked to stop.
  ///
  /// - Returns: whether it was asked to before the end.
  func run(isCancelled: () -> Bool, progress: (Progress) -> Void) throws(TrainingError) -> Bool {
    var wasCancelled = false
    while !isFinished {
      guard let report = try advance() else { continue }
      progress(report)
      if report.isEpochEnd, !isFinished, isCancelled() {
        stop()
        wasCancelled = true
      }
    }
    return wasCancelled
  }
}
