extension Metric {
  /// The mean square of the error of the probabilities: (p - t)² of class 1 where there is one output, else the sum
  /// over the classes of (pₖ - tₖ)², which for two classes is twice as much. (Brier 1950)
  public static let brier = Metric("brier", isOfClasses: true) { reading in
    MeanAccumulator { batch in
      let rows = batch.classes(reading)
      var sum = 0.0
      for (row, target) in rows.targets.enumerated() {
        for position in 0..<rows.classCount {
          let error = rows.probabilities[row * rows.classCount + position] - (position == target ? 1 : 0)
          sum += error * error
        }
      }
      return (rows.hasOneOutput ? sum / 2 : sum, batch.rowCount)
    }
  }
}
