/// Why a table cannot be trained on or predicted from.
///
/// `description` is one sentence with the place and what was expected.
public enum DataError: Error, Equatable, Sendable, CustomStringConvertible {
  case noSuchColumn(source: String, name: String, available: [String])
  case missingFeature(source: String, name: String, available: [String])
  case expectedNumber(place: String, found: String)
  case valueTooLarge(place: String, found: String)
  case unknownClass(place: String, found: String, classes: [String])
  case noTargets(source: String, column: String)
  case constantTarget(source: String, column: String, value: String)
  case classesTooRare(source: String, column: String, found: Int, known: Int)
  case tooManyClasses(source: String, column: String, found: Int, limit: Int)
  case noFeatures(source: String, target: String, dropped: [String] = [])
  case tooFewRows(found: Int, expected: Int, purpose: String)
  case tooFewGroups(found: Int, expected: Int, purpose: String)
  case invalidPreprocessing(reason: String)

  public var description: String {
    switch self {
    case .noSuchColumn(let source, let name, let available):
      if let nearest = nearestName(to: name, among: available) {
        "\(source): there is no column \"\(name)\"; did you mean \"\(nearest)\"?"
      } else {
        "\(source): there is no column \"\(name)\", expected one of: \(listed(available))."
      }
    case .missingFeature(let source, let name, let available):
      "\(source): the column \"\(name)\", which the model was trained on, is not there"
        + (nearestName(to: name, among: available).map { "; is it the one named \"\($0)\"?" } ?? ".")
    case .expectedNumber(let place, let found):
      "\(place): expected a number, found \"\(found)\"."
    case .valueTooLarge(let place, let found):
      "\(place): expected a number that single precision can hold, found \(found)."
    case .unknownClass(let place, let found, let classes):
      "\(place): expected one of the classes of the training data (\(listed(classes))), found \"\(found)\"."
    case .noTargets(let source, let column):
      "\(source): expected values to predict in column \"\(column)\", found none."
    case .constantTarget(let source, let column, let value):
      "\(source): expected at least two different values to predict in column \"\(column)\", found only \"\(value)\"."
    case .classesTooRare(let source, let column, let found, let known):
      "\(source): expected enough rows of every class in column \"\(column)\" to train, validate and test on, found "
        + "\(found) classes, of which only \(known) are among the training rows."
    case .tooManyClasses(let source, let column, let found, let limit):
      "\(source): expected at most \(limit) classes in column \"\(column)\", found \(found)."
    case .noFeatures(let source, let target, let dropped):
      "\(source): expected a column to predict \"\(target)\" from, found none that can be used"
        + (dropped.isEmpty ? "." : "; \(listed(dropped, limit: 3)).")
    case .tooFewRows(let found, let expected, let purpose):
      "Expected at least \(counted(expected, "row")) for \(purpose), found \(found)."
    case .tooFewGroups(let found, let expected, let purpose):
      "Expected at least \(counted(expected, "group")) of rows that stay together for \(purpose), found \(found)."
    case .invalidPreprocessing(let reason):
      "The preprocessing stored with the model cannot be used: \(reason)."
    }
  }
}
