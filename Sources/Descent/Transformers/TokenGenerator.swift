public import DescentCore

/// Tokens a model writes one after the other: each is drawn from what the model expects after all before it.
///
/// The keys and values of earlier tokens are kept, so that a token costs the same however long the text. Where the
/// context is full, the model reads its later half anew and goes on from there.
///
/// ```swift
/// let generator = try TokenGenerator(model, after: tokenizer.encode("ROMEO:"), sampling: Sampling(temperature: 0.8))
/// for _ in 0..<100 { print(try tokenizer.decode([generator.next()]), terminator: "") }
/// ```
public final class TokenGenerator {
  public let sampling: Sampling
  /// The prompt and all that was written.
  public private(set) var tokens: [Int]
  private let reader: CachedGPT
  private let compiled: CompiledModel<CachedGPT>
  private var random: RandomSource
  private var unread: ArraySlice<Int>
  private var place = 0
  /// What the model expects after all tokens, once it has read them.
  private var answer: [Float]?

  /// - Parameters:
  ///   - prompt: what comes before, at least one token; the model sees the last `context` of it.
  ///   - seed: what is drawn follows from it.
  /// - Throws: `EvaluationError` if the prompt is empty or has tokens the model does not know.
  public init(
    _ model: GPT, after prompt: [Int], sampling: Sampling = Sampling(), seed: UInt64 = 0,
    precision: Precision = .float32
  ) throws(EvaluationError) {
    guard !prompt.isEmpty else { throw EvaluationError("expected a prompt of at least one token, found none") }
    let vocabulary = model.configuration.vocabulary
    if let stranger = prompt.first(where: { !(0..<vocabulary).contains($0) }) {
      throw EvaluationError("expected tokens below \(vocabulary), found \(stranger)")
    }
    self.sampling = sampling
    tokens = prompt
    reader = CachedGPT(model)
    compiled = CompiledModel(reader, precision: precision)
    random = RandomSource(seed, stream: 1)
    unread = prompt.suffix(model.configuration.context)
  }

  /// Reads what was not read yet, and draws the next token.
  public func next() throws(EvaluationError) -> Int {
    let logits = try logits()
    guard let token = sampling.draw(from: logits, &random) else {
      throw EvaluationError("the model's answer is not finite after \(tokens.count) tokens; its weights are broken")
    }
    tokens.append(token)
    unread.append(token)
    answer = nil
    return token
  }

  /// How much the model expects each token to follow, as logits.
  public func logits() throws(EvaluationError) -> [Float] {
    if let answer { return answer }
    let context = reader.model.configuration.context
    if place + unread.count > context {
      reader.reset()
      place = 0
      unread = tokens.suffix(max(context / 2, 1))
    }
    var last: Tensor?
    while !unread.isEmpty {
      // Of few sizes, because each is compiled.
      let size = [64, 8, 1].first { $0 <= unread.count }!
      last = try compiled(Tensor(unread.prefix(size).map { Int32($0) }, shape: [1, size]))
      unread = unread.dropFirst(size)
      place += size
    }
    let logits = last!.array(of: Float.self)
    answer = logits
    return logits
  }
}
