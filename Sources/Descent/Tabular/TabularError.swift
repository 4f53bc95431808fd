public import DescentCore

/// Why a tabular model could not be trained, used, saved or read; `description` is one sentence.
public enum TabularError: Error, Sendable, CustomStringConvertible {
  case data(DataError)
  /// A setting that nothing can be trained with: which one, and what was expected.
  case configuration(ConfigurationProblem)
  case tooFewRows(source: String, target: String, found: Int, expected: Int)
  /// An answer that is NaN or infinite.
  case nonFinitePrediction(place: String, target: String)
  case training(TrainingError)
  case evaluation(EvaluationError)
  /// A file that is not a model, or a damaged one.
  case modelFile(ModelFileError)
  case unwritable(ModelFileError)

  public var description: String {
    switch self {
    case .data(let error): error.description
    case .configuration(let problem): "The configuration: \(problem)."
    case .tooFewRows(let source, let target, let found, let expected):
      "\(source): expected at least \(expected) rows with a value in \"\(target)\" to train, validate and test on, "
        + "found \(found)."
    case .nonFinitePrediction(let place, let target):
      "\(place): the model's answer for \"\(target)\" is not a finite number; either a value of the row is far beyond "
        + "those of training, or the model is damaged."
    case .training(let error): error.description
    case .evaluation(let error): error.description
    case .modelFile(let error), .unwritable(let error): error.description
    }
  }
}
