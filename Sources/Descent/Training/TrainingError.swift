public import DescentCore

/// Why training stopped.
public enum TrainingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Every parameter is frozen, or there is none.
  case nothingToTrain
  /// The loss does not depend on these parameters.
  case unreachedParameters([String])
  /// An index that no shape could rule out, such as a class that does not exist. `step` is nil in evaluation.
  case evaluation(EvaluationError, step: Int?, rowNumbers: [Int])
  /// The loss is NaN or infinite.
  case nonFiniteLoss(NonFiniteLoss)
  /// A dataset without rows.
  case noRows(purpose: String)
  /// A checkpoint that belongs to another model, optimizer or run.
  case checkpointMismatch(String)

  public var description: String {
    switch self {
    case .nothingToTrain:
      "The model has no parameter to train; unfreeze some, or add a layer that has weights."
    case .unreachedParameters(let paths):
      "The loss does not depend on \(paths.joined(separator: ", ")); use \(paths.count == 1 ? "it" : "them") in the "
        + "loss, or freeze \(paths.count == 1 ? "it" : "them")."
    case .evaluation(let error, let step, let rowNumbers):
      "\(step.map { "Step \($0)" } ?? "Evaluation") stopped: \(error.description)\(rowNumbers.isEmpty ? "" : "; the batch has \(rowText(rowNumbers))")."
    case .nonFiniteLoss(let report): report.description
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
