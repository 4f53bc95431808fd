public import DescentCore

/// How a language model is made and trained; what is nil follows from the size of the text and the time allowed.
public struct TextConfiguration: Codable, Hashable, Sendable {
  /// What the tokens of a text are.
  public enum Tokens: Codable, Hashable, Sendable {
    /// Its characters.
    case characters
    /// Pairs of bytes that occur often, merged until there are so many tokens.
    case bytePairs(Int)
  }

  /// nil for characters where the text has up to 256 of them, else 4096 byte pairs.
  public var tokens: Tokens?
  public var layers: Int?
  public var heads: Int?
  public var width: Int?
  /// The most tokens the model sees at once.
  public var context: Int?
  /// Windows of a step.
  public var batchSize: Int?
  /// In how many parts the gradient of a step is computed, one after the other, to save memory.
  public var accumulation = 1
  /// Whether what is between blocks' inputs is computed again for the gradient, to save memory.
  public var recomputes = false
  /// Steps of training; nil for as many as fit into the time.
  public var steps: Int?
  /// Seconds for training where `steps` is nil.
  public var seconds: Double = 300
  /// nil for 0.1 where the text is gone through more than ten times, else 0.
  public var dropout: Double?
  /// The learning rate after the warm-up; it falls along half a cosine to a tenth of this.
  /// nil for 0.003 up to a width of 128, and less for wider networks.
  public var learningRate: Double?
  /// Steps in which the learning rate rises; nil for a twentieth of all, at most 100.
  public var warmUp: Int?
  public var weightDecay = 0.1
  /// The norm that the gradient of all parameters is cut at.
  public var clipping = 1.0
  /// What matrix products multiply while training.
  public var precision = Precision.float32
  /// Whether the lines are independent of each other, as in a list: then each different one is taken once, in random order.
  public var shufflesLines = false
  /// The share of the text, its end, that is not trained on; nil for a tenth, but no more than a million characters.
  public var validationShare: Double?
  public var seed: UInt64 = 0

  public init() {}

  func check() throws(TextError) {
    let problems: [ConfigurationProblem?] = [
      .outsideCounts([
        "layers": [layers], "heads": [heads], "width": [width], "context": [context], "batchSize": [batchSize],
        "accumulation": [accumulation], "steps": [steps],
      ]),
      .outsideCounts(["warmUp": [warmUp]], from: 0),
      .outside(.seconds, ["seconds": [seconds]]),
      .outside(.above0, ["learningRate": [learningRate], "clipping": [clipping]]),
      .outside(.atLeast0, ["weightDecay": [weightDecay]]),
      .outside(.below1, ["dropout": [dropout]]),
      .outside(.share, ["validationShare": [validationShare]]),
    ]
    for case let problem? in problems { throw .configuration(problem) }
    if case .bytePairs(let count) = tokens, !(257...1 << 17).contains(count) {
      throw .configuration(
        ConfigurationProblem("expected from 257 to \(1 << 17) byte pairs, found \(count)", of: "tokens"))
    }
  }
}

/// Why a language model could not be trained, used, saved or read; `description` is one sentence.
public enum TextError: Error, Sendable, CustomStringConvertible {
  /// A setting that nothing can be trained with: which one, and what was expected.
  case configuration(ConfigurationProblem)
  /// A file that is no text, or text that is too short.
  case data(String)
  case tokenizer(TokenizerError)
  case training(TrainingError)
  case evaluation(EvaluationError)
  /// A file that is not a model, or a damaged one.
  case modelFile(ModelFileError)
  case unwritable(ModelFileError)

  public var description: String {
    switch self {
    case .configuration(let problem): "The configuration: \(problem)."
    case .data(let sentence): sentence
    case .tokenizer(let error): error.description
    case .training(let error): error.description
    case .evaluation(let error): "\(error.description)."
    case .modelFile(let error), .unwritable(let error): error.description
    }
  }
}
