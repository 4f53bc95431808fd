extension Trainer {
  /// Trains to the end, or until after a step it is asked to stop.
  ///
  /// - Returns: whether it was asked to before the end.
  @discardableResult
  func run(until isEnough: () -> Bool, progress: (Progress) -> Void) throws(TrainingError) -> Bool {
    while !isFinished {
      if let report = try advance() { progress(report) }
      guard !isFinished, isEnough() else { continue }
      if let report = try stopWithinEpoch() { progress(report) }
      return true
    }
    return false
  }

  /// Stops, after measuring what the steps of the epoch so far came to, which may be the best. Where these have gone astray
  /// they do not cost the best weights of the epochs before.
  package func stopWithinEpoch() throws(TrainingError) -> Progress? {
    var report: Progress?
    do {
      report = try endEpoch()
    } catch {
      guard history.bestEpoch > 0, options.earlyStopping?.restoringBest == true else { throw error }
    }
    stop()
    return report
  }
}
