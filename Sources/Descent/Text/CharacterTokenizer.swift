/// Every Unicode scalar of a text is a token; they are numbered in the order of their code points.
///
/// ```swift
/// let tokenizer = try CharacterTokenizer(charactersOf: "hello")  // e h l o
/// try tokenizer.encode("hole")  // [1, 3, 2, 0]
/// ```
public struct CharacterTokenizer: Tokenizer, Equatable {
  /// In ascending order, so that the place of a character is its token.
  public let characters: [Unicode.Scalar]

  /// Takes the vocabulary from a text.
  ///
  /// - Throws: `TokenizerError.noCharacters` if the text is empty.
  public init(charactersOf text: String) throws(TokenizerError) {
    guard !text.isEmpty else { throw .noCharacters }
    characters = Set(text.unicodeScalars).sorted()
  }

  public var vocabularySize: Int { characters.count }

  public func encode(_ text: String) throws(TokenizerError) -> [Int] {
    var tokens: [Int] = []
    tokens.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      guard let token = token(of: scalar) else { throw unknownCharacter(scalar, after: tokens) }
      tokens.append(token)
    }
    return tokens
  }

  public func decode(_ tokens: [Int]) throws(TokenizerError) -> String {
    var text = String.UnicodeScalarView()
    for (position, token) in tokens.enumerated() {
      guard characters.indices.contains(token) else {
        throw .unknownToken(token, position: position, vocabularySize: characters.count)
      }
      text.append(characters[token])
    }
    return String(text)
  }

  private func token(of scalar: Unicode.Scalar) -> Int? {
    var (low, high) = (0, characters.count)
    while low < high {
      let middle = (low + high) / 2
      if characters[middle] < scalar { low = middle + 1 } else { high = middle }
    }
    return low < characters.count && characters[low] == scalar ? low : nil
  }

  private func unknownCharacter(_ scalar: Unicode.Scalar, after tokens: [Int]) -> TokenizerError {
    let line = token(of: "\n").map { newline in tokens.split(separator: newline, omittingEmptySubsequences: false) }
    return .unknownCharacter(
      scalar, line: line?.count ?? 1, column: (line?.last?.count ?? tokens.count) + 1,
      vocabularySize: characters.count)
  }
}

extension CharacterTokenizer {
  public func jsonText() -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: characters)
    var json = Array("{\"tokenizer\":\"\(StoredTokenizer.Kind.character)\",\"version\":".utf8)
    json += "\(StoredTokenizer.version),\"characters\":".utf8
    json.appendJSON(String(text))
    json.append(UInt8(ascii: "}"))
    return String(decoding: json, as: UTF8.self)
  }

  public init(jsonText: String, source: String) throws(TokenizerError) {
    try self.init(StoredTokenizer(jsonText: jsonText, source: source, expected: .character))
  }

  init(_ stored: StoredTokenizer) throws(TokenizerError) {
    characters = Array(stored.characters.unicodeScalars)
    guard !characters.isEmpty else { throw stored.source.error("expected characters, found none") }
    if let (_, scalar) = zip(characters, characters.dropFirst()).first(where: { $0 >= $1 }) {
      throw stored.source.error(
        "expected characters in ascending order, each once; found \(quoted(String(scalar))) too late")
    }
  }
}
