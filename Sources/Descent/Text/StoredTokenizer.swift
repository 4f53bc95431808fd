/// What the JSON of a tokenizer says, before it is checked further.
///
/// ```json
/// {"tokenizer": "character", "version": 1, "characters": "\n abc"}
/// {"tokenizer": "bytePair", "version": 1, "vocabulary": {"!": 0, …}, "merges": ["h e", …], "specialTokens": []}
/// ```
struct StoredTokenizer {
  enum Kind: String {
    case character, bytePair
  }

  static let version = 1

  let kind: Kind
  let source: TokenizerSource
  private(set) var characters = ""
  private(set) var vocabulary: [VocabularyEntry] = []
  private(set) var merges: [SourceText] = []
  private(set) var specialTokens: [String] = []

  init(jsonText: String, source name: String) throws(TokenizerError) {
    source = TokenizerSource(name: name, bytes: Array(jsonText.utf8))
    var scanner = try source.scanner()
    let members = try Members(&scanner, source)
    guard let kindName = members.kind else { throw source.error("expected the member \"tokenizer\"") }
    guard let kind = Kind(rawValue: kindName) else {
      throw source.error("expected a tokenizer \"character\" or \"bytePair\", found \(quoted(kindName))")
    }
    guard members.version == UInt64(Self.version) else {
      throw source.error(
        "expected version \(Self.version) of the format, found \(members.version.map { "\($0)" } ?? "none")")
    }
    self.kind = kind
    switch kind {
    case .character:
      guard let characters = members.characters else { throw source.error("expected the member \"characters\"") }
      self.characters = characters
    case .bytePair:
      guard let vocabulary = members.vocabulary, let merges = members.merges else {
        throw source.error("expected the members \"vocabulary\" and \"merges\"")
      }
      self.vocabulary = vocabulary
      self.merges = merges
      specialTokens = members.specialTokens ?? []
    }
  }

  /// The same text for a tokenizer that was asked for by its type.
  init(jsonText: String, source: String, expected: Kind) throws(TokenizerError) {
    try self.init(jsonText: jsonText, source: source)
    guard kind == expected else {
      throw self.source.error("expected a tokenizer \"\(expected.rawValue)\", found \"\(kind.rawValue)\"")
    }
  }
}

private struct Members {
  var kind: String?
  var version: UInt64?
  var characters: String?
  var vocabulary: [VocabularyEntry]?
  var merges: [SourceText]?
  var specialTokens: [String]?

  init(_ scanner: inout JSONScanner<TokenizerError>, _ source: TokenizerSource) throws(TokenizerError) {
    var names: Set<String> = []
    var result = self
    try scanner.object("a tokenizer, a JSON object") { (scanner, name) throws(TokenizerError) in
      let offset = scanner.position
      guard names.insert(name).inserted else { throw source.error("\(quoted(name)) appears twice", at: offset) }
      switch name {
      case "tokenizer": result.kind = try scanner.string("a kind in quotes")
      case "version": result.version = try scanner.integer()
      case "characters": result.characters = try scanner.string("a text in quotes")
      case "vocabulary": result.vocabulary = try VocabularyEntry.all(&scanner)
      case "merges": result.merges = try Self.texts(&scanner, "merges").map { SourceText($0.text, offset: $0.offset) }
      case "specialTokens": result.specialTokens = try Self.texts(&scanner, "special tokens").map { $0.text }
      default: throw source.error("found \(quoted(name)), which no tokenizer has", at: offset)
      }
    }
    try scanner.finish("the text")
    self = result
  }

  private static func texts(
    _ scanner: inout JSONScanner<TokenizerError>, _ what: String
  ) throws(TokenizerError) -> [(text: String, offset: Int)] {
    var texts: [(text: String, offset: Int)] = []
    try scanner.list("a list of \(what)") { (scanner) throws(TokenizerError) in
      let text = try scanner.string("a text in quotes")
      texts.append((text, scanner.position))
    }
    return texts
  }
}

/// A token of a vocabulary as its file has it.
struct VocabularyEntry {
  let text: SourceText
  let number: UInt64

  /// Reads `{"token": number, …}`.
  static func all(_ scanner: inout JSONScanner<TokenizerError>) throws(TokenizerError) -> [VocabularyEntry] {
    var entries: [VocabularyEntry] = []
    try scanner.object("a vocabulary, a JSON object of tokens and their numbers") {
      (scanner, name) throws(TokenizerError) in
      let text = SourceText(name, offset: scanner.position)
      entries.append(VocabularyEntry(text: text, number: try scanner.integer()))
    }
    return entries
  }
}
