extension Metric {
  /// The share of rows whose most probable class is the target. Of several classes that are equally probable the first
  /// counts; of one output, class 1 from probability ½ on.
  public static let accuracy = Metric("accuracy", isOfClasses: true) { reading in
    MeanAccumulator { batch in
      let rows = batch.classes(reading)
      let hits = zip(rows.predicted, rows.targets).count { $0 == $1 }
      return (rows.hasNaN ? .nan : Double(hits), batch.rowCount)
    }
  }

  /// The share of rows whose target is among the `count` most probable classes: fewer than `count` are more probable.
  public static func topKAccuracy(_ count: Int) -> Metric {
    guard count > 0 else { fatalError("topKAccuracy: needs at least one class, not \(count)") }
    return Metric("top\(count)Accuracy", isOfClasses: true) { reading in
      MeanAccumulator { batch in
        let rows = batch.classes(reading)
        let hits = rows.targets.enumerated().count { row, target in
          let probabilities = rows.probabilities[(row * rows.classCount)..<((row + 1) * rows.classCount)]
          let own = probabilities[row * rows.classCount + target]
          return probabilities.count { $0 > own } < count
        }
        return (rows.hasNaN ? .nan : Double(hits), batch.rowCount)
      }
    }
  }
}
