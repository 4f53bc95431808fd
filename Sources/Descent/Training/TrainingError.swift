public import DescentCore

/// Why training stopped.
public enum TrainingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Every parameter is frozen, or there is none.
  case nothingToTrain
  /// An optimizer treats parameters otherwise whose paths fit this pattern, but the model, whose paths these are, has none.
  case unmatchedPattern(String, paths: [String])
  /// The loss does not depend on these parameters.
  case unreachedParameters([String])
  /// An index that no shape could rule out, such as a class that does not exist. `step` is nil in evaluation.
  case evaluation(EvaluationError, step: Int?, rowNumbers: [Int])
  /// The loss is NaN or infinite.
  case nonFiniteLoss(NonFiniteLoss)
  /// The validation loss is NaN or infinite after an epoch, though the weights are not; `cause` is what the data hold.
  case nonFiniteValidationLoss(Double, epoch: Int, cause: NonFiniteLoss.Cause?)
  /// A step made weights NaN or infinite; it was undone. `cause` is what its rows hold.
  case nonFiniteWeights(path: String, step: Int, cause: NonFiniteLoss.Cause? = nil)
  /// A target that a loss or a metric has no meaning for.
  case unsuitableTarget(Double, rowNumber: Int, of: String, expected: String)
  /// An epoch has a batch of one row, and these layers cannot be trained on it.
  case batchOfOneRow(layers: [String], rows: Int, batchSize: Int)
  /// A name that values in the history would share.
  case metricName(String)
  /// These parameters and buffers were converted to another element type after the step was compiled.
  case convertedWeights([String])
  /// A dataset without rows.
  case noRows(purpose: String)
  /// A checkpoint that belongs to another model, optimizer or run.
  case checkpointMismatch(String)

  /// What happened where training itself made numbers that are not finite, which is no matter of the data, without
  /// advice; nil for any other error.
  package var divergence: String? {
    switch self {
    case .nonFiniteLoss(let report) where report.isDivergence: report.finding
    case .nonFiniteValidationLoss(let loss, let epoch, nil):
      "The validation loss is \(loss.isNaN ? "nan" : "\(loss)") after epoch \(epoch)."
    case .nonFiniteWeights(let path, let step, nil): "The weights \(path) are not finite after step \(step)."
    default: nil
    }
  }

  public var description: String {
    switch self {
    case .nothingToTrain:
      "The model has no parameter to train; unfreeze some, or add a layer that has weights."
    case .unmatchedPattern(let pattern, let paths):
      "Expected a parameter whose path fits \(quoted(pattern)), found none; there are "
        + "\(paths.prefix(20).joined(separator: ", "))\(paths.count > 20 ? ", … (\(paths.count) in all)" : "")."
    case .unreachedParameters(let paths):
      "The loss does not depend on \(paths.joined(separator: ", ")); use \(paths.count == 1 ? "it" : "them") in the "
        + "loss, or freeze \(paths.count == 1 ? "it" : "them")."
    case .evaluation(let error, let step, let rowNumbers):
      "\(step.map { "Step \($0)" } ?? "Evaluation") stopped: \(error.description)\(rowNumbers.isEmpty ? "" : "; the batch has \(rowText(rowNumbers))")."
    case .nonFiniteLoss(let report): report.description
    case .nonFiniteValidationLoss(let loss, let epoch, let cause):
      "The validation loss is \(loss.isNaN ? "nan" : "\(loss)") after epoch \(epoch)."
        + (cause.map { " \($0)" } ?? " Try a lower learning rate, or look for rows unlike those trained on.")
    case .nonFiniteWeights(let path, let step, let cause):
      "The weights \(path) are not finite after step \(step). "
        + (cause.map { "\($0) Correct or leave out such rows." }
          ?? "Try a lower learning rate, or limit the gradients with clipping.")
        + " The model has the weights from before this step."
    case .unsuitableTarget(let value, let row, let reader, let expected):
      "The \(reader) expects targets \(expected), found \(numberText(value)) in row \(row)."
    case .batchOfOneRow(let layers, let rows, let batchSize):
      "\(layers.joined(separator: ", ")) cannot be trained on one row, but \(rows) rows in batches of \(batchSize) "
        + "leave a batch of one; set dropsPartialBatch to leave out the last batch, or use another batch size."
    case .metricName(let name):
      History.ownNames.contains(name)
        ? "A metric is called \"\(name)\", under which the history keeps its own values; give it another name."
        : "Two metrics are called \"\(name)\"; give each a name of its own."
    case .convertedWeights(let paths):
      "\(paths.joined(separator: ", ")) \(paths.count == 1 ? "was" : "were") converted to another element type after "
        + "training was set up; set it up again."
    case .noRows(let purpose): "Expected at least one row for \(purpose), found none."
    case .checkpointMismatch(let reason): "The checkpoint does not fit: \(reason)."
    }
  }
}

/// Row numbers as messages list them: "row 7", "rows 3, 7, 9", the first 20 of many.
func rowText(_ rowNumbers: [Int]) -> String {
  let listed = rowNumbers.prefix(20).map(String.init).joined(separator: ", ")
  let more = rowNumbers.count > 20 ? ", … (\(rowNumbers.count) in all)" : ""
  return (rowNumbers.count == 1 ? "row " : "rows ") + listed + more
}
