/// What is to be predicted: a number, or one of several classes.
public enum PredictionTask: String, Sendable, Codable {
  case regression
  case classification
}

/// The task that a target column asks for, with the reason.
public struct TaskDecision: Sendable, Equatable {
  public let task: PredictionTask
  /// One sentence: what was decided, why, and that it can be overridden.
  public let explanation: String
}

extension Table {
  /// Decides between regression and classification by the target's values.
  ///
  /// Categories are classes: two make it binary, more multiclass. Numbers are classes when they are two whole numbers,
  /// or at most ten whole numbers in at least ten times as many rows; all other numbers are a regression.
  public func task(predicting target: String) throws(DataError) -> TaskDecision {
    let column = try column(target)
    let distinct = column.distinctValues()
    guard distinct.presentCount > 0 else { throw .noTargets(source: source, column: target) }
    guard column.isNumeric else {
      return TaskDecision(
        task: .classification,
        explanation: "\"\(target)\" holds \(counted(distinct.count, "category", "categories")), "
          + "so this is a \(Self.classificationName(distinct.count)).")
    }
    let isWhole = distinct.numbers.allSatisfy { $0 == $0.rounded() }
    let rows = counted(distinct.presentCount, "row")
    if isWhole, distinct.count == 2 || (distinct.count <= 10 && 10 * distinct.count <= distinct.presentCount) {
      return TaskDecision(
        task: .classification,
        explanation: "\"\(target)\" holds \(counted(distinct.count, "whole number")) in \(rows), "
          + "so this is a \(Self.classificationName(distinct.count)); choose regression if they are quantities.")
    }
    let kind = isWhole ? "different whole number" : "different number"
    return TaskDecision(
      task: .regression,
      explanation: "\"\(target)\" holds \(counted(distinct.count, kind)) in \(rows), "
        + "so this is a regression; choose classification if they are classes.")
  }

  /// The task the caller chose or, for nil, the one the target asks for.
  func chosenTask(_ choice: PredictionTask?, predicting target: String) throws(DataError) -> PredictionTask {
    if let choice { return choice }
    return try task(predicting: target).task
  }

  private static func classificationName(_ classes: Int) -> String {
    classes <= 2 ? "binary classification" : "classification into \(classes) classes"
  }
}
