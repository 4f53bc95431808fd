extension Trainer {
  /// Trains to the end, or until after a step it is asked to stop. What the steps of the epoch until then came to is
  /// measured too, and may be the best.
  ///
  /// - Returns: whether it was asked to before the end.
  func run(isCancelled: () -> Bool, progress: (Progress) -> Void) throws(TrainingError) -> Bool {
    while !isFinished {
      if let report = try advance() { progress(report) }
      guard !isFinished, isCancelled() else { continue }
      do {
        if let report = try endEpoch() { progress(report) }
      } catch {
        // What goes astray in an epoch must not cost the best weights of those before.
        guard history.bestEpoch > 0, options.earlyStopping?.restoringBest == true else { throw error }
      }
      stop()
      return true
    }
    return false
  }
}
