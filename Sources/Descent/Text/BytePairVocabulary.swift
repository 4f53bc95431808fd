/// The tokens and the merges of a byte-pair tokenizer, checked to fit each other.
struct BytePairVocabulary: Sendable {
  private(set) var tokens = ByteStrings()
  private(set) var merges = BytePairMerges()
  /// The token of each byte.
  private(set) var byteTokens: [Int32]
  private(set) var specialTokens: Set<Int> = []

  /// The bytes as GPT-2 numbers them, and nothing merged yet.
  init() {
    byteTokens = [Int32](repeating: 0, count: 256)
    for byte in ByteAlphabet.order { byteTokens[Int(byte)] = Int32(tokens.add([byte]).number) }
  }

  /// The text of a token as files have it.
  func text(of token: Int) -> String {
    let bytes = tokens[token]
    return specialTokens.contains(token) ? String(decoding: bytes, as: UTF8.self) : ByteAlphabet.text(of: bytes)
  }

  /// Adds a merge of two tokens and gives the token it makes, which is new unless other merges make it too.
  mutating func merge(_ pair: TokenPair) -> Int32 {
    let result = Int32(tokens.add((tokens[Int(pair.left)] + tokens[Int(pair.right)])[...]).number)
    _ = merges.add(pair, result: result)
    return result
  }

  /// Adds special tokens at the end.
  mutating func append(specialTokens texts: [String]) throws(TokenizerError) {
    for text in texts {
      guard !text.isEmpty else { throw .invalidSpecialToken(text, problem: "is empty") }
      let (number, isNew) = tokens.add(Array(text.utf8)[...])
      guard isNew else { throw .invalidSpecialToken(text, problem: "is also another token") }
      specialTokens.insert(number)
    }
    for text in texts {
      guard let bytes = ByteAlphabet.bytes(of: Array(text.utf8)[...]), bytes != Array(text.utf8),
        tokens.number(of: bytes[...]) != nil
      else { continue }
      throw .invalidSpecialToken(text, problem: "is what another token looks like in a file")
    }
  }
}

extension BytePairVocabulary {
  /// Checks what files say.
  ///
  /// - Parameter specialTokens: The tokens that are neither bytes nor made by merges; nil stands for those of the form
  ///   `<|…|>`.
  init(
    _ entries: [VocabularyEntry], in source: TokenizerSource, merges: [SourceText], in mergeSource: TokenizerSource,
    specialTokens listed: [String]?
  ) throws(TokenizerError) {
    let entries = try Self.inOrder(entries, source)
    let texts = try Self.texts(entries, source)
    byteTokens = [Int32](repeating: -1, count: 256)
    self.merges = try Self.merges(merges, mergeSource, of: texts)
    var isMade = [Bool](repeating: false, count: entries.count)
    for result in self.merges.results { isMade[Int(result)] = true }
    let listed = try listed.map { names throws(TokenizerError) in try Self.numbers(of: names, in: texts, source) }
    for (number, entry) in entries.enumerated() {
      try add(entry.text, number, isMade: isMade[number], listed: listed, source, mergeSource)
    }
    if let byte = byteTokens.firstIndex(of: -1) {
      throw source.error("expected a token for each byte, found none for \(hexadecimal(UInt8(byte)))")
    }
  }

  private static func inOrder(
    _ entries: [VocabularyEntry], _ source: TokenizerSource
  ) throws(TokenizerError) -> [VocabularyEntry] {
    var ordered = [VocabularyEntry?](repeating: nil, count: entries.count)
    for entry in entries {
      guard entry.number < entries.count else {
        throw source.error(
          "expected numbers from 0 to \(entries.count - 1) for \(counted(entries.count, "token")), found \(entry.number) "
            + "for \(quoted(entry.text.utf8))", at: entry.text.offset)
      }
      if let other = ordered[Int(entry.number)] {
        throw source.error(
          "the tokens \(quoted(other.text.utf8)) and \(quoted(entry.text.utf8)) have the same number \(entry.number)",
          at: entry.text.offset)
      }
      ordered[Int(entry.number)] = entry
    }
    return ordered.compactMap { $0 }
  }

  /// The tokens as they are written, by number.
  private static func texts(_ entries: [VocabularyEntry], _ source: TokenizerSource) throws(TokenizerError)
    -> ByteStrings
  {
    var texts = ByteStrings()
    for entry in entries {
      guard !entry.text.utf8.isEmpty else {
        throw source.error("expected a token of at least one character, found an empty one", at: entry.text.offset)
      }
      guard texts.add(entry.text.utf8).isNew else {
        throw source.error("the token \(quoted(entry.text.utf8)) appears twice", at: entry.text.offset)
      }
    }
    return texts
  }

  private static func merges(
    _ lines: [SourceText], _ source: TokenizerSource, of texts: ByteStrings
  ) throws(TokenizerError) -> BytePairMerges {
    var merges = BytePairMerges()
    for line in lines {
      let parts = line.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        throw source.error(
          "expected two tokens with a space between them, found \(quoted(line.utf8))", at: line.offset)
      }
      var numbers: [Int32] = []
      for text in [parts[0], parts[1], parts[0] + parts[1]] {
        guard let number = texts.number(of: text) else {
          let role = numbers.count == 2 ? "the merge makes" : "the merge names"
          throw source.error("\(role) \(quoted(text)), which is not in the vocabulary", at: line.offset)
        }
        numbers.append(Int32(number))
      }
      if let rank = merges.add(TokenPair(numbers[0], numbers[1]), result: numbers[2]) {
        throw source.error(
          "the merge \(quoted(line.utf8)) appears twice, first as number \(rank + 1)", at: line.offset)
      }
    }
    return merges
  }

  private static func numbers(
    of listed: [String], in texts: ByteStrings, _ source: TokenizerSource
  ) throws(TokenizerError) -> Set<Int> {
    var numbers: Set<Int> = []
    for text in listed {
      guard let number = texts.number(of: Array(text.utf8)[...]) else {
        throw source.error("expected the special token \(quoted(text)), which is not in the vocabulary")
      }
      numbers.insert(number)
    }
    return numbers
  }

  private mutating func add(
    _ text: SourceText, _ number: Int, isMade: Bool, listed: Set<Int>?, _ source: TokenizerSource,
    _ mergeSource: TokenizerSource
  ) throws(TokenizerError) {
    let bytes = ByteAlphabet.bytes(of: text.utf8)
    let isByte = bytes?.count == 1
    let isListed = listed?.contains(number) ?? (!isByte && !isMade && Self.looksSpecial(text.utf8))
    if isListed && (isByte || isMade) {
      throw source.error(
        "the special token \(quoted(text.utf8)) is also a byte or made by a merge", at: text.offset)
    }
    guard isListed || isByte || isMade, let content = isListed ? Array(text.utf8) : bytes else {
      throw source.error(
        "the token \(quoted(text.utf8)) is neither a byte nor special, and no merge in \(mergeSource.name) makes it",
        at: text.offset)
    }
    guard tokens.add(content[...]).isNew else {
      throw source.error("the special token \(quoted(text.utf8)) has the bytes of another token", at: text.offset)
    }
    if isByte { byteTokens[Int(content[0])] = Int32(number) }
    if isListed { specialTokens.insert(number) }
  }

  private static func looksSpecial(_ text: ArraySlice<UInt8>) -> Bool {
    text.count > 4 && text.starts(with: "<|".utf8) && text.suffix(2).elementsEqual("|>".utf8)
  }
}
