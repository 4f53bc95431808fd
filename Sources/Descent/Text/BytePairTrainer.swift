/// Finds the merges of a text: again and again the most frequent pair of tokens becomes a token.
///
/// Words that are equal are counted once. Every merge looks only at the words in which its pair may occur, and changes
/// the counts of the pairs beside it. (Sennrich, Haddow, Birch, 2016, section 3.2)
struct BytePairTrainer {
  private struct Word {
    let start: Int
    var length: Int
    let count: Int
  }

  private struct Pair {
    var count = 0
    /// The words in which it stands or stood; one may be there several times.
    var words: [Int32] = []

    mutating func count(_ occurrences: Int, word: Int32) {
      count += occurrences
      if words.last != word { words.append(word) }
    }
  }

  /// A pair with a count it once had; those merged first are the smallest.
  private struct Candidate: Comparable {
    let count: Int
    let pair: TokenPair

    static func < (left: Candidate, right: Candidate) -> Bool {
      left.count != right.count ? left.count > right.count : left.pair < right.pair
    }
  }

  private(set) var vocabulary = BytePairVocabulary()
  /// The tokens of all words, one after the other.
  private var tokens: [Int32] = []
  private var words: [Word] = []
  private var pairs: [TokenPair: Pair] = [:]
  private var candidates = Heap<Candidate>()

  /// - Parameter specialTokens: They are cut out of the text before it is counted.
  init(_ text: String, specialTokens: SpecialTokens) {
    var strings = ByteStrings()
    var counts: [Int] = []
    specialTokens.cut(Array(text.utf8)) { text, _ in
      var scanner = WordScanner(text)
      while let word = scanner.next() {
        let (number, isNew) = strings.add(word)
        if isNew { counts.append(0) }
        counts[number] += 1
      }
    }
    for (number, count) in counts.enumerated() {
      let string = strings[number]
      words.append(Word(start: tokens.count, length: string.count, count: count))
      for byte in string { tokens.append(vocabulary.byteTokens[Int(byte)]) }
    }
    for (number, word) in words.enumerated() {
      for place in word.start..<word.start + word.length - 1 {
        count(TokenPair(tokens[place], tokens[place + 1]), word.count, word: number)
      }
    }
    for (pair, counted) in pairs { candidates.insert(Candidate(count: counted.count, pair: pair)) }
  }

  /// Merges until there are so many tokens, or until no pair occurs often enough.
  mutating func train(vocabularySize: Int, minimumCount: Int) {
    while vocabulary.tokens.count < vocabularySize, let best = candidates.removeSmallest() {
      let count = pairs[best.pair]?.count ?? 0
      if count == best.count {
        guard count >= minimumCount else { return }
        merge(best.pair)
      } else if count > 0 {
        candidates.insert(Candidate(count: count, pair: best.pair))
      }
    }
  }

  private mutating func merge(_ pair: TokenPair) {
    let result = vocabulary.merge(pair)
    guard let occurrences = pairs.removeValue(forKey: pair)?.words else { return }
    var changed: Set<TokenPair> = []
    for number in occurrences { merge(pair, into: result, word: Int(number), &changed) }
    for pair in changed {
      if let count = pairs[pair]?.count, count > 0 { candidates.insert(Candidate(count: count, pair: pair)) }
    }
  }
  private mutating func merge(
    _ pair: TokenPair, into result: Int32, word number: Int, _ changed: inout Set<TokenPair>
  ) {
    let word = words[number]
    let end = word.start + word.length
    var (read, write) = (word.start, word.start)
    while read < end {
      defer { write += 1 }
      guard read + 1 < end, TokenPair(tokens[read], tokens[read + 1]) == pair else {
        tokens[write] = tokens[read]
        read += 1
        continue
      }
      if write > word.start {
        replace(TokenPair(tokens[write - 1], pair.left), by: TokenPair(tokens[write - 1], result), number, &changed)
      }
      if read + 2 < end {
        replace(TokenPair(pair.right, tokens[read + 2]), by: TokenPair(result, tokens[read + 2]), number, &changed)
      }
      tokens[write] = result
      read += 2
    }
    words[number].length = write - word.start
  }

  /// Counts one pair less and one more in a word. The pair being merged is no longer counted at all.
  private mutating func replace(
    _ old: TokenPair, by new: TokenPair, _ word: Int, _ changed: inout Set<TokenPair>
  ) {
    pairs[old]?.count -= words[word].count
    count(new, words[word].count, word: word)
    changed.insert(new)
  }

  private mutating func count(_ pair: TokenPair, _ occurrences: Int, word: Int) {
    pairs[pair, default: Pair()].count(occurrences, word: Int32(word))
  }
}

extension BytePairTokenizer {
  /// Finds the merges of a text.
  ///
  /// The bytes are the first 256 tokens, in GPT-2's order; then come the merges, and then the special tokens. Of pairs
  /// that are equally frequent the one whose left token has the lower number is merged first, and of these the one whose
  /// right token has; so equal texts give equal tokenizers.
  ///
  /// - Parameters:
  ///   - vocabularySize: How many tokens there shall be. There are fewer if no pair occurs often enough.
  ///   - minimumCount: How often a pair must occur to be merged.
  ///   - specialTokens: Names such as `<|endoftext|>`, which are no text where they stand in `text`.
  /// - Throws: `TokenizerError.vocabularyTooSmall` or `.invalidSpecialToken`.
  public init(
    trainingOn text: String, vocabularySize: Int, minimumCount: Int = 2, specialTokens: [String] = []
  ) throws(TokenizerError) {
    var untrained = BytePairVocabulary()
    try untrained.append(specialTokens: specialTokens)
    guard vocabularySize >= untrained.tokens.count else {
      throw .vocabularyTooSmall(size: vocabularySize, smallest: untrained.tokens.count)
    }
    var trainer = BytePairTrainer(text, specialTokens: SpecialTokens(of: untrained))
    trainer.train(vocabularySize: vocabularySize - specialTokens.count, minimumCount: minimumCount)
    var vocabulary = trainer.vocabulary
    try vocabulary.append(specialTokens: specialTokens)
    self.init(vocabulary)
  }
}
