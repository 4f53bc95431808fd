/// Turns text into the numbers of its tokens and back.
///
/// ```swift
/// let tokenizer = try BytePairTokenizer(trainingOn: text, vocabularySize: 1024)
/// let tokens = try tokenizer.encode("To be, or not to be")
/// print(try tokenizer.decode(tokens))  // To be, or not to be
/// try tokenizer.save(to: "shakespeare.json")
/// ```
public protocol Tokenizer: Sendable {
  /// How many tokens there are; they are numbered from 0.
  var vocabularySize: Int { get }

  /// The tokens of a text.
  ///
  /// - Throws: `TokenizerError.unknownCharacter` if the text has a character that the vocabulary lacks.
  func encode(_ text: String) throws(TokenizerError) -> [Int]

  /// The text of tokens; bytes that are not UTF-8 become U+FFFD.
  ///
  /// - Throws: `TokenizerError.unknownToken` if a number is not that of a token.
  func decode(_ tokens: [Int]) throws(TokenizerError) -> String

  /// The tokenizer as JSON, from which `init(jsonText:source:)` makes an equal one. Equal tokenizers give equal texts.
  func jsonText() -> String

  /// Reads what `jsonText()` wrote and checks all of it, since the text may come from anywhere.
  ///
  /// - Parameter source: What errors call the text, such as the file it stands in.
  init(jsonText: String, source: String) throws(TokenizerError)
}

extension Tokenizer {
  /// Reads a file that `save(to:)` wrote. It is data: reading it runs nothing.
  public init(contentsOf path: String) throws(TokenizerError) {
    try self.init(jsonText: TokenizerSource(path: path).text(), source: path)
  }

  /// Writes `jsonText()` to a file, which appears complete or not at all.
  public func save(to path: String) throws(TokenizerError) {
    try writeTokenizerFile(Array(jsonText().utf8), to: path)
  }
}

/// Makes the tokenizer, of whichever kind, that `jsonText()` of a tokenizer described.
///
/// - Parameter source: What errors call the text, such as the file it stands in.
public func makeTokenizer(jsonText: String, source: String) throws(TokenizerError) -> any Tokenizer {
  let stored = try StoredTokenizer(jsonText: jsonText, source: source)
  switch stored.kind {
  case .character: return try CharacterTokenizer(stored)
  case .bytePair: return try BytePairTokenizer(stored)
  }
}

func writeTokenizerFile(_ bytes: [UInt8], to path: String) throws(TokenizerError) {
  do {
    try AtomicFile.write(bytes, to: path)
  } catch {
    throw .unwritable(file: path, reason: error.reason)
  }
}
