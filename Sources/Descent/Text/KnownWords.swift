import DescentCore

/// The tokens of words that were met before.
struct KnownWords: Sendable {
  /// Longer words are rare, and seldom met again.
  private static let longestWord = 64
  private static let mostWords = 1 << 16

  private var words = ByteStrings()
  private var tokens: [Int32] = []
  private var ends: [Int] = []

  var count: Int { words.count }

  /// Appends the tokens of a word, which `make` appends if they are not known.
  mutating func append(
    _ word: ArraySlice<UInt8>, to result: inout [Int], _ make: (inout [Int32]) -> Void
  ) {
    guard word.count <= Self.longestWord else {
      var made: [Int32] = []
      make(&made)
      for token in made { result.append(Int(token)) }
      return
    }
    if words.count == Self.mostWords { self = KnownWords() }
    let (number, isNew) = words.add(word)
    if isNew {
      make(&tokens)
      ends.append(tokens.count)
    }
    for index in (number == 0 ? 0 : ends[number - 1])..<ends[number] { result.append(Int(tokens[index])) }
  }
}

/// Known words that are kept from one text to the next.
///
/// Whoever encodes takes them all, without waiting, and gives them back; meanwhile others begin without any.
final class WordMemory: Sendable {
  private let words = Guarded<KnownWords?>(nil)

  func use(_ body: (inout KnownWords) -> Void) {
    var known = words.withLock { words in
      defer { words = nil }
      return words ?? KnownWords()
    }
    body(&known)
    let used = known
    words.withLock { words in
      if (words?.count ?? 0) < used.count { words = used }
    }
  }
}
