/// GPT-2's tokenizer: bytes of a word are merged into longer and longer tokens, so that every text has tokens.
///
/// The text is cut into words by GPT-2's pattern; in each, the pair of tokens that stands first in the list of merges is
/// merged wherever it occurs, until no pair is in the list.
/// (Sennrich, Haddow, Birch, "Neural machine translation of rare words with subword units", 2016;
/// Radford et al., "Language models are unsupervised multitask learners", 2019)
///
/// ```swift
/// let tokenizer = try BytePairTokenizer(folder: "gpt2")
/// tokenizer.encode("This is some text")  // [1212, 318, 617, 2420]
/// ```
public struct BytePairTokenizer: Tokenizer {
  let vocabulary: BytePairVocabulary
  private let special: SpecialTokens
  private let memory = WordMemory()

  init(_ vocabulary: BytePairVocabulary) {
    self.vocabulary = vocabulary
    special = SpecialTokens(of: vocabulary)
  }

  public var vocabularySize: Int { vocabulary.tokens.count }

  /// The tokens that stand for something other than text, such as the end of one: their names and numbers.
  public var specialTokens: [String: Int] {
    vocabulary.specialTokens.reduce(into: [:]) { $0[vocabulary.text(of: $1)] = $1 }
  }

  /// The tokens of a text.
  ///
  /// - Parameter recognizingSpecialTokens: Whether `<|endoftext|>` and the like stand for the tokens of these names.
  ///   Without it they are text like any other, as they must be in what others write.
  /// - Complexity: O(n) in the length of the text, O(n log n) in that of a word.
  public func encode(_ text: String, recognizingSpecialTokens: Bool) -> [Int] {
    var tokens: [Int] = []
    let bytes = Array(text.utf8)
    memory.use { known in
      var merger = BytePairMerger(vocabulary.merges, byteTokens: vocabulary.byteTokens)
      let finder = recognizingSpecialTokens ? special : .none
      finder.cut(bytes) { text, token in
        var words = WordScanner(text)
        while let word = words.next() { known.append(word, to: &tokens) { merger.merge(word, into: &$0) } }
        if let token { tokens.append(token) }
      }
    }
    return tokens
  }

  /// The tokens of a text, in which the names of special tokens are text like any other.
  public func encode(_ text: String) -> [Int] { encode(text, recognizingSpecialTokens: false) }

  public func decode(_ tokens: [Int]) throws(TokenizerError) -> String {
    String(decoding: try bytes(of: tokens), as: UTF8.self)
  }

  /// The bytes of tokens, of which a character may take several.
  ///
  /// - Throws: `TokenizerError.unknownToken` if a number is not that of a token.
  public func bytes(of tokens: [Int]) throws(TokenizerError) -> [UInt8] {
    var bytes: [UInt8] = []
    for (position, token) in tokens.enumerated() {
      guard 0..<vocabularySize ~= token else {
        throw .unknownToken(token, position: position, vocabularySize: vocabularySize)
      }
      bytes += vocabulary.tokens[token]
    }
    return bytes
  }
}
