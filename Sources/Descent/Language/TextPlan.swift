import DescentCore

/// What was decided before training on a text.
public struct TextPlan: Sendable {
  public let source: String
  /// Characters, that is Unicode scalars, of the whole text and of its end that is measured on.
  public let characterCount: Int
  public let validationCharacterCount: Int
  public let tokenCount: Int
  public let validationTokenCount: Int
  public let network: GPT.Configuration
  public let parameterCount: Int
  public let batchSize: Int
  public let steps: Int
  /// Steps from one measurement to the next; the last may come after fewer.
  public let interval: Int
  public let warmUp: Int
  public let learningRate: Double
  /// How often training goes through the text.
  public let passes: Double
  public let configuration: TextConfiguration
}

/// A text as tokens, cut into what is trained and what is measured on.
struct TextData {
  let tokenizer: any Tokenizer
  let train: [Int]
  let validation: [Int]
  let trainText: Substring.UnicodeScalarView
  let validationText: Substring.UnicodeScalarView
  let source: String

  var characterCount: Int { trainText.count + validationText.count }

  init(_ whole: String, source: String, configuration: TextConfiguration) throws(TextError) {
    let text = configuration.shufflesLines ? Self.shufflingLines(of: whole, seed: configuration.seed) : whole
    let scalars = text.unicodeScalars
    let count = scalars.count
    let trained = Double(count) * (1 - (configuration.validationShare ?? Self.usualShare))
    let cut = scalars.index(
      scalars.startIndex,
      offsetBy: max(Int(trained), configuration.validationShare == nil ? count - Self.mostMeasured : 0))
    trainText = scalars[..<cut]
    validationText = scalars[cut...]
    self.source = source
    let least = configuration.context ?? Self.leastContext
    func tooShort(_ found: Int) -> TextError {
      let share = shortText(100 * (configuration.validationShare ?? Self.usualShare))
      return .data(
        "\(source): expected a text of which the last \(share) % have more "
          + "than \(counted(least, "token")), found \(found) of \(counted(count, "character")) in all.")
    }
    guard validationText.count > 0 else { throw tooShort(0) }
    do {
      tokenizer = try Self.tokenizer(text, train: String(trainText), configuration.tokens)
      train = try tokenizer.encode(String(trainText))
      validation = try tokenizer.encode(String(validationText))
    } catch {
      throw .tokenizer(error)
    }
    guard train.count > least && validation.count > least else { throw tooShort(validation.count) }
  }

  /// Each different line once, in random order, with a line's end after each.
  private static func shufflingLines(of text: String, seed: UInt64) -> String {
    var seen: Set<Substring> = []
    let lines = text.split(whereSeparator: \.isNewline).filter { seen.insert($0).inserted }
    return shuffledIndices(count: lines.count, seed: seed).map { lines[$0] + "\n" }.joined()
  }

  private static let usualShare = 0.1
  /// Characters of a long text, of which measuring more would take longer than it is worth.
  private static let mostMeasured = 1_000_000

  /// No text is too short for contexts of so many tokens but one of a few hundred characters.
  static let leastContext = 16

  private static func tokenizer(
    _ text: String, train: String, _ tokens: TextConfiguration.Tokens?
  ) throws(TokenizerError) -> any Tokenizer {
    switch tokens {
    case .characters: return try CharacterTokenizer(charactersOf: text)
    case .bytePairs(let size): return try BytePairTokenizer(trainingOn: train, vocabularySize: size)
    case nil:
      // Of the whole text, so that the end has no character the model cannot say: their list gives nothing away.
      let characters = try CharacterTokenizer(charactersOf: text)
      if characters.vocabularySize <= 256 { return characters }
      return try BytePairTokenizer(trainingOn: train, vocabularySize: 4096)
    }
  }

  /// Characters for each token of the end of the text.
  var charactersPerToken: Double { Double(validationText.count) / Double(validation.count) }

  // MARK: - Choosing

  /// Networks from small to large. A larger one learns more from each token, a smaller one sees more tokens in its time.
  private static let sizes: [(layers: Int, heads: Int, width: Int, context: Int, batchSize: Int)] = [
    (2, 2, 64, 64, 16), (4, 4, 128, 64, 16), (4, 4, 192, 128, 16), (6, 4, 256, 128, 16), (6, 6, 384, 256, 16),
    (8, 8, 512, 256, 16),
  ]

  /// The network for so many floating-point operations, and what the configuration says of it.
  ///
  /// A pass forwards and backwards takes about six operations a parameter and token, and about twenty tokens a parameter
  /// make the best of them (Hoffmann et al. 2022): N = √(operations / 120). A text that is small for that is gone through
  /// again and again, so many more parameters than characters are of no use.
  func network(_ c: TextConfiguration, operations: Double?) -> (GPT.Configuration, batchSize: Int) {
    let parameters = min(((operations ?? 1e13) / 120).squareRoot(), 4 * Double(train.count))
    let size = Self.sizes.last { 12 * Double($0.layers * $0.width * $0.width) <= 1.5 * parameters } ?? Self.sizes[0]
    let width = c.width ?? size.width
    var heads = c.heads ?? (c.width == nil ? size.heads : max(1, width / 32))
    if c.heads == nil { while width % heads != 0 { heads -= 1 } }
    var context = c.context ?? size.context
    if c.context == nil { while context >= min(train.count, validation.count) { context /= 2 } }
    let network = GPT.Configuration(
      vocabulary: tokenizer.vocabularySize, context: context, layers: c.layers ?? size.layers, heads: heads,
      width: width, dropout: c.dropout ?? 0)
    return (network, c.batchSize ?? size.batchSize)
  }
}
