/// How values of several classes become one.
public enum ClassAverage: Sendable, Hashable {
  /// The value of one class.
  case of(Int)
  /// The mean over the classes that occur among targets or predictions.
  case macro
  /// All classes counted together. With one class for each row, this is the accuracy.
  case micro

  var suffix: String {
    switch self {
    case .of(let position): "Of\(position)"
    case .macro: "Macro"
    case .micro: "Micro"
    }
  }
}

extension ConfusionMatrix {
  /// Of the rows taken for a class, the share that belong to it; 0 where none was.
  public var precisions: [Double] { zip(hits, predictionCounts).map(share) }

  /// Of the rows of a class, the share that were taken for it; 0 where there are none.
  public var recalls: [Double] { zip(hits, targetCounts).map(share) }

  /// 2 · precision · recall / (precision + recall), 0 where both are 0.
  public var f1Scores: [Double] {
    hits.indices.map { share(2 * hits[$0], targetCounts[$0] + predictionCounts[$0]) }
  }

  public func precision(_ average: ClassAverage) -> Double { combined(precisions, average) }
  public func recall(_ average: ClassAverage) -> Double { combined(recalls, average) }
  public func f1(_ average: ClassAverage) -> Double { combined(f1Scores, average) }

  /// The mean recall of the classes that have rows: what accuracy would be if all had equally many.
  public var balancedAccuracy: Double {
    let (counts, recalls) = (targetCounts, recalls)
    let known = counts.indices.filter { counts[$0] > 0 }
    return known.isEmpty ? .nan : known.reduce(0) { $0 + recalls[$1] } / Double(known.count)
  }

  /// The correlation of targets and predictions, from -1 to 1; 0 where one of the two is always the same class.
  /// (Gorodkin 2004)
  public var matthewsCorrelation: Double {
    guard total > 0 else { return .nan }
    let count = Double(total)
    let (targets, predictions) = (targetCounts.map(Double.init), predictionCounts.map(Double.init))
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    let covariance = Double(hits.reduce(0, +)) * count - dot(targets, predictions)
    let variances = (count * count - dot(targets, targets)) * (count * count - dot(predictions, predictions))
    return variances == 0 ? 0 : covariance / variances.squareRoot()
  }

  private func share(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }

  private func combined(_ values: [Double], _ average: ClassAverage) -> Double {
    guard total > 0 else { return .nan }
    switch average {
    case .micro: return accuracy
    case .macro:
      let (targets, predictions) = (targetCounts, predictionCounts)
      let known = values.indices.filter { targets[$0] + predictions[$0] > 0 }
      return known.reduce(0) { $0 + values[$1] } / Double(known.count)
    case .of(let position):
      guard values.indices.contains(position) else {
        fatalError("ConfusionMatrix: class \(position) is not one of the \(values.count) from 0 on")
      }
      return values[position]
    }
  }

  /// Class 1 where there are two, else the mean over classes.
  fileprivate var usualAverage: ClassAverage { classCount == 2 ? .of(1) : .macro }
}

extension Metric {
  /// Of the rows taken for class 1, the share that belong to it; with more than two classes, the mean over them.
  public static let precision = ofMatrix("precision") { $0.precision($0.usualAverage) }
  public static func precision(_ average: ClassAverage) -> Metric {
    ofMatrix("precision\(average.suffix)") { $0.precision(average) }
  }

  /// Of the rows of class 1, the share that were taken for it; with more than two classes, the mean over them.
  public static let recall = ofMatrix("recall") { $0.recall($0.usualAverage) }
  public static func recall(_ average: ClassAverage) -> Metric {
    ofMatrix("recall\(average.suffix)") { $0.recall(average) }
  }

  /// 2 · precision · recall / (precision + recall) of class 1; with more than two classes, the mean over them.
  public static let f1 = ofMatrix("f1") { $0.f1($0.usualAverage) }
  public static func f1(_ average: ClassAverage) -> Metric { ofMatrix("f1\(average.suffix)") { $0.f1(average) } }

  /// The mean recall of the classes that have rows.
  public static let balancedAccuracy = ofMatrix("balancedAccuracy") { $0.balancedAccuracy }

  /// The correlation of targets and predictions as classes.
  public static let matthewsCorrelation = ofMatrix("matthewsCorrelation") { $0.matthewsCorrelation }

  private static func ofMatrix(_ name: String, _ measure: @escaping @Sendable (ConfusionMatrix) -> Double) -> Metric {
    Metric(name, isOfClasses: true) { reading in ConfusionAccumulator(reading: reading) { .number(measure($0)) } }
  }
}
