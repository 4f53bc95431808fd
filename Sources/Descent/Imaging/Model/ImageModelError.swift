/// Why an image model could not be trained, used, saved or read; `description` is one sentence.
public enum ImageModelError: Error, Sendable, CustomStringConvertible {
  /// Images, or a model, that cannot be read.
  case file(ModelFileError)
  /// A setting that nothing can be trained with: which one, and what was expected.
  case configuration(ConfigurationProblem)
  /// Too few images of a class to train, validate and test on.
  case tooFewImages(source: String, name: String, found: Int, expected: Int)
  case oneClass(source: String, name: String)
  /// An answer that is NaN or infinite.
  case nonFinitePrediction(image: String)
  case training(TrainingError)
  case unwritable(ModelFileError)

  public var description: String {
    switch self {
    case .file(let error), .unwritable(let error): error.description
    case .configuration(let problem): "The configuration: \(problem)."
    case .tooFewImages(let source, let name, let found, let expected):
      "\(source): expected at least \(counted(expected, "image")) of the class \(quoted(name)) to train on and to "
        + "measure with, found \(found)."
    case .oneClass(let source, let name):
      "\(source): expected images of at least two classes, found only \(quoted(name))."
    case .nonFinitePrediction(let image):
      "\(image): the model's answer is not a finite number, so the model is damaged."
    case .training(let error): error.description
    }
  }
}
