import DescentCore

/// A network with all it needs to predict from a table: the rules that turn columns into numbers, and where it came
/// from.
///
/// ```swift
/// let fish = try Table(csv: "fish.csv")
/// let (model, report) = try TabularModel.train(fish, predicting: "Weight")
/// print(report.test)
/// try model.save(to: "fish.safetensors")
/// let weights = try model.predict(Table(csv: "new.csv")).numbers
/// ```
public struct TabularModel: Sendable {
  public let network: Sequential
  public let preprocessing: TablePreprocessing
  public let provenance: TabularProvenance

  /// The column it predicts.
  public var target: String { preprocessing.target }
  public var task: PredictionTask { preprocessing.targetEncoding.task }
  /// The names of the classes in the order of probabilities; empty for a regression.
  public var classes: [String] { preprocessing.targetEncoding.classes }

  var head: PredictionHead { PredictionHead(preprocessing.targetEncoding) }

  /// Predicts every row of a table that has the columns the model was trained on, in any order, with or without the
  /// target and others besides.
  public func predict(_ table: Table) throws(TabularError) -> TabularPredictions {
    try predict(table, rows: nil)
  }

  /// Scores the predictions for the rows that have a target.
  public func evaluate(_ table: Table) throws(TabularError) -> TabularEvaluation {
    let targets = try dataErrors { () throws(DataError) in try preprocessing.encodeTargets(table) }
    guard !targets.rows.isEmpty else { throw .data(.noTargets(source: table.source, column: target)) }
    let predictions = try predict(table, rows: targets.rows)
    return TabularEvaluation(
      scores: TabularScores(predictions, targets: targets, encoding: preprocessing.targetEncoding),
      rowCount: targets.rows.count, droppedCount: targets.droppedCount, report: predictions.report)
  }

  func predict(_ table: Table, rows: [Int]?) throws(TabularError) -> TabularPredictions {
    let features = try dataErrors { () throws(DataError) in try preprocessing.encode(table, rows: rows) }
    let outputs: Tensor
    do {
      outputs = try network.predict(Tensor(features.values, shape: [features.rowCount, features.names.count]))
    } catch {
      throw .evaluation(error)
    }
    let encoding = preprocessing.targetEncoding
    let numbers = outputs.array(of: Float.self).map { encoding.decoded($0) }
    if let index = numbers.firstIndex(where: { !$0.isFinite }) {
      let row = index / head.outputs
      throw .nonFinitePrediction(place: table.place(row: rows?[row] ?? row), target: target)
    }
    let values: TabularPredictions.Values =
      switch encoding {
      case .regression: .numbers(numbers)
      case .classification(let classes): .classes(names: classes, probabilities: head.probabilities(outputs))
      }
    return TabularPredictions(target: target, values: values, report: features.report)
  }
}

/// Runs code that throws `DataError` where `TabularError` is thrown.
func dataErrors<R>(_ body: () throws(DataError) -> R) throws(TabularError) -> R {
  do {
    return try body()
  } catch {
    throw .data(error)
  }
}

/// How good a model is on a table.
public struct TabularEvaluation: Sendable {
  public let scores: TabularScores
  /// The rows that have a target, and those that have none and were left out.
  public let rowCount: Int
  public let droppedCount: Int
  public let report: EncodingReport
}
