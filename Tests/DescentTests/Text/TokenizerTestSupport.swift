import Descent
import Foundation

/// The sentence of the tokenizer error that `body` throws; nil when it throws none.
func tokenizerMessage(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch let error as TokenizerError {
    return error.description
  } catch {
    return "not an error about tokenizers: \(error)"
  }
}

func writeFile(_ text: String, _ path: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }

/// Strings of every kind of character: of all planes, with marks, joined emoji, white space and contractions.
struct RandomText {
  private var random: TableTestGenerator
  private static let pieces = [
    "the ", " and", "don't", "'ll", "\r\n", "   ", "\t", "e\u{301}", "\u{928}\u{92E}\u{938}\u{94D}\u{924}\u{947}",
    "👩‍👩‍👧", "🇩🇪", "👋🏽", "123", "½", "你好", "<|endoftext|>", "\u{0}", "\u{85}", "\u{2028}",
  ]

  init(seed: UInt64) { random = TableTestGenerator(seed: seed) }

  mutating func next() -> String {
    (0..<Int.random(in: 0...12, using: &random)).map { _ in piece() }.joined()
  }

  private mutating func piece() -> String {
    switch Int.random(in: 0..<4, using: &random) {
    case 0: String(Unicode.Scalar(UInt8.random(in: 0..<0x80, using: &random)))
    case 1: Self.pieces.randomElement(using: &random)!
    case 2: String(Unicode.Scalar(UInt32.random(in: 0..<0x3000, using: &random)) ?? "a")
    default: String(Unicode.Scalar(UInt32.random(in: 0...0x10_FFFF, using: &random)) ?? "\u{300}")
    }
  }
}

/// Words as a language has them, some far more frequent than others.
func proseLike(words count: Int, seed: UInt64) -> String {
  var random = TableTestGenerator(seed: seed)
  let syllables = ["ba", "be", "lo", "tan", "ri", "s", "th", "e", "ing", "un", "é", "ß"]
  var text = ""
  for _ in 0..<count {
    let syllable = { (random: inout TableTestGenerator) in
      syllables[min(Int.random(in: 0..<12, using: &random), Int.random(in: 0..<12, using: &random))]
    }
    text += (0..<Int.random(in: 1...4, using: &random)).map { _ in syllable(&random) }.joined()
    text += [" ", " ", " ", ", ", ".\n"].randomElement(using: &random)!
  }
  return text
}
