import DescentCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A language model with all it needs to write: the network, the tokenizer, and where they came from.
///
/// ```swift
/// let text = try TextFile.read("shakespeare.txt")
/// let (model, report) = try TextModel.train(text)
/// print(report.loss)
/// try model.save(to: "shakespeare.safetensors")
/// print(try model.text(after: "ROMEO:", tokens: 200, sampling: Sampling(temperature: 0.8), seed: 1))
/// ```
public struct TextModel: Sendable {
  public let network: GPT
  public let tokenizer: any Tokenizer
  public let provenance: TextProvenance

  public init(network: GPT, tokenizer: any Tokenizer, provenance: TextProvenance) {
    self.network = network
    self.tokenizer = tokenizer
    self.provenance = provenance
  }

  /// A generator of what follows a text. An empty one begins as after the end of a line, where the tokenizer has one.
  public func generator(
    after prompt: String, sampling: Sampling = Sampling(), seed: UInt64 = 0
  ) throws(TextError) -> TokenGenerator {
    try network.generator(after: prompt, tokenizer, sampling: sampling, seed: seed)
  }

  /// What follows a text.
  public func text(
    after prompt: String, tokens count: Int, sampling: Sampling = Sampling(), seed: UInt64 = 0
  ) throws(TextError) -> String {
    try network.continuation(of: prompt, tokens: count, tokenizer, sampling: sampling, seed: seed)
  }

  /// The mean of −ln P over the tokens of a text but the first, each after up to the context's tokens before it.
  ///
  /// - Throws: `TextError` if the text has less than two tokens or one the model does not know, or the loss is not finite.
  public func loss(_ text: String) throws(TextError) -> TextLoss {
    let tokens: [Int]
    do { tokens = try tokenizer.encode(text) } catch { throw .tokenizer(error) }
    guard tokens.count > 1 else { throw .data("Expected a text of at least 2 tokens, found \(tokens.count).") }
    return try TextLoss(of: network, tokens, characters: text.unicodeScalars.count)
  }
}

extension GPT {
  func generator(
    after prompt: String, _ tokenizer: any Tokenizer, sampling: Sampling, seed: UInt64
  ) throws(TextError) -> TokenGenerator {
    let tokens: [Int]
    do {
      tokens = try prompt.isEmpty ? startTokens(of: tokenizer) : tokenizer.encode(prompt)
    } catch {
      throw .tokenizer(error)
    }
    do {
      return try TokenGenerator(self, after: tokens, sampling: sampling, seed: seed)
    } catch {
      throw .evaluation(error)
    }
  }

  func continuation(
    of prompt: String, tokens count: Int, _ tokenizer: any Tokenizer, sampling: Sampling, seed: UInt64
  ) throws(TextError) -> String {
    let generator = try generator(after: prompt, tokenizer, sampling: sampling, seed: seed)
    var written = TokenText(tokenizer)
    var text = ""
    for _ in 0..<count {
      let token: Int
      do { token = try generator.next() } catch { throw .evaluation(error) }
      text += try written.append(token)
    }
    return text + written.rest()
  }

  /// The end of a line, after which any text may begin; the first token where there is none.
  private func startTokens(of tokenizer: any Tokenizer) -> [Int] {
    guard let line = try? tokenizer.encode("\n"), line.count == 1 else { return [0] }
    return line
  }
}

/// How well a model foresees a text.
public struct TextLoss: Codable, Hashable, Sendable {
  /// Nats for each token.
  public let perToken: Double
  public let characters: Int
  public let tokens: Int

  /// Nats for each character, that is Unicode scalar.
  public var perCharacter: Double { perToken * Double(tokens) / Double(characters) }
  public var bitsPerCharacter: Double { perCharacter / 0.6931471805599453 }

  init(perToken: Double, characters: Int, tokens: Int) {
    self.perToken = perToken
    self.characters = characters
    self.tokens = tokens
  }

  /// Measured over windows of the model's context, one after the other, the last of what is left.
  init(of network: GPT, _ tokens: [Int], characters: Int) throws(TextError) {
    let evaluator = Evaluator(
      network, batchSize: TextLoss.batchSize(network), engine: .cpu, loss: tokenLoss, weight: { _ in nil },
      predictions: nil)
    let context = network.configuration.context, measured = tokens.count - 1, rest = measured % context
    var mean = WeightedMean()
    do {
      if measured > rest {
        mean.add(
          try evaluator(Dataset(TokenWindows(tokens, context: context))).loss, weight: Double(measured - rest))
      }
      if rest > 0 {
        let last = TokenWindows(Array(tokens.suffix(rest + 1)), context: rest)
        mean.add(try evaluator(Dataset(last)).loss, weight: Double(rest))
      }
    } catch {
      throw .training(error)
    }
    guard mean.value.isFinite else {
      throw .evaluation(EvaluationError("the model's loss is not finite; its weights are broken"))
    }
    perToken = mean.value
    self.characters = characters
    self.tokens = tokens.count
  }

  /// Windows that are measured at once: enough for the processor, few enough for the memory their logits take.
  private static func batchSize(_ network: GPT) -> Int {
    let c = network.configuration
    return max(1, min(64, (1 << 26) / (c.context * max(c.vocabulary, 8 * c.width))))
  }
}

/// How a language model came about: all that is needed to make it again, and how good it was.
public struct TextProvenance: Codable, Hashable, Sendable {
  public let library: String
  public let source: TabularProvenance.Source
  public let characterCount: Int
  public let configuration: TextConfiguration
  /// Steps that were made.
  public let steps: Int
  public let loss: TextLoss
}

/// Tokens as text, a piece at a time: bytes that are not yet a whole character wait for those that complete it. All pieces
/// together are what the tokenizer makes of all tokens.
public struct TokenText {
  private let tokenizer: any Tokenizer
  /// The last tokens, with which a character may begin that others complete.
  private var waiting: [Int] = []
  /// How many scalars of what these stand for were given already.
  private var givenCount = 0

  public init(_ tokenizer: any Tokenizer) { self.tokenizer = tokenizer }

  /// What a further token adds to the text.
  public mutating func append(_ token: Int) throws(TextError) -> String {
    do {
      let scalars = try tokenizer.decode(waiting + [token]).unicodeScalars
      let isOpen = scalars.last == "\u{FFFD}"
      let piece = String(scalars.dropFirst(givenCount).dropLast(isOpen ? 1 : 0))
      // A character has at most four bytes, so the last three tokens have all of one that is not complete.
      waiting = isOpen ? Array((waiting + [token]).suffix(3)) : []
      givenCount = try isOpen ? tokenizer.decode(waiting).unicodeScalars.count - 1 : 0
      return piece
    } catch {
      (waiting, givenCount) = ([], 0)
      throw .tokenizer(error)
    }
  }

  /// What is left at the end.
  public mutating func rest() -> String {
    defer { (waiting, givenCount) = ([], 0) }
    return String(((try? tokenizer.decode(waiting)) ?? "").unicodeScalars.dropFirst(givenCount))
  }
}
