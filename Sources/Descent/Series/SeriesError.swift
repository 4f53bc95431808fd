/// Why a series could not be learned or forecast; `description` is one sentence.
public enum SeriesError: Error, Sendable, CustomStringConvertible {
  case data(DataError)
  /// A setting that nothing can be trained with.
  case configuration(ConfigurationProblem)
  case missingValue(place: String)
  case constant(source: String, column: String, value: Double)
  /// A text in the column of dates that is none, or is one of another kind than those before.
  case expectedDate(place: String, found: String)
  case unsortedDates(place: String, found: String, before: String)
  case repeatedDate(place: String, found: String)
  case tooShort(source: String, found: Int, expected: Int, purpose: String)
  /// A value of which there is no logarithm, for a model that learned from logarithms.
  case expectedPositive(place: String, found: Double)
  case nonFiniteForecast(source: String, column: String)
  case training(TrainingError)
  case evaluation(EvaluationError)
  case modelFile(ModelFileError)
  case unwritable(ModelFileError)

  public var description: String {
    switch self {
    case .data(let error): error.description
    case .configuration(let problem): "The configuration: \(problem)."
    case .missingValue(let place): "\(place): expected a number, as a series has one in every row, found none."
    case .constant(let source, let column, let value):
      "\(source): expected different values to learn from in column \"\(column)\", found only \(value)."
    case .expectedDate(let place, let found):
      "\(place): expected a date such as 2024, 2024-05, 2024-05-31 or 2024-05-31 18:30, of the same kind in every row, "
        + "found \"\(found)\"."
    case .unsortedDates(let place, let found, let before):
      "\(place): the date \(found) stands after \(before); sort the rows by date."
    case .repeatedDate(let place, let found): "\(place): the date \(found) stands in two rows."
    case .tooShort(let source, let found, let expected, let purpose):
      "\(source): expected at least \(counted(expected, "value")) \(purpose), found \(found)."
    case .expectedPositive(let place, let found):
      "\(place): expected a number above 0, as in training, where logarithms were taken; found \(found)."
    case .nonFiniteForecast(let source, let column):
      "\(source): the forecast of \"\(column)\" is not a finite number; either the last values are far beyond those of "
        + "training, or the model is damaged."
    case .training(let error): error.description
    case .evaluation(let error): error.description
    case .modelFile(let error), .unwritable(let error): error.description
    }
  }
}
