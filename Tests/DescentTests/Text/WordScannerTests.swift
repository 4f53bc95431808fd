import Descent
import Testing

/// The matches of GPT-2's pattern, found by a regular-expression engine that has `\p{…}` and `\s` as it was used there.
private let table: [(text: String, words: [String])] = [
  ("", []),
  (" ", [" "]),
  ("  ", ["  "]),
  ("   x", ["  ", " x"]),
  ("\u{A}\u{A}  x", ["\u{A}\u{A} ", " x"]),
  ("a  b", ["a", " ", " b"]),
  ("a \u{A} b", ["a", " \u{A}", " b"]),
  (" \u{9} x", [" \u{9}", " x"]),
  ("x   ", ["x", "   "]),
  ("x\u{A}", ["x", "\u{A}"]),
  ("\u{A}\u{A}x", ["\u{A}", "\u{A}", "x"]),
  ("\u{D}\u{A}x", ["\u{D}", "\u{A}", "x"]),
  ("a\u{A0}b", ["a", "\u{A0}", "b"]),
  (" \u{A0}b", [" ", "\u{A0}", "b"]),
  ("\u{A0} b", ["\u{A0}", " b"]),
  ("a\u{85}\u{85}b", ["a", "\u{85}", "\u{85}", "b"]),
  ("a\u{200B}b", ["a", "\u{200B}", "b"]),
  ("a\u{180E}b", ["a", "\u{180E}", "b"]),
  ("a\u{FEFF}b", ["a", "\u{FEFF}", "b"]),
  ("a\u{3000}b", ["a", "\u{3000}", "b"]),
  ("\u{2028}\u{2029}b\u{1680}\u{205F}\u{202F}c", ["\u{2028}", "\u{2029}", "b", "\u{1680}\u{205F}", "\u{202F}", "c"]),
  ("a\u{1C}b \u{1F}c", ["a", "\u{1C}", "b", " \u{1F}", "c"]),
  ("a\u{B}\u{C}b", ["a", "\u{B}", "\u{C}", "b"]),
  ("a\u{0}b", ["a", "\u{0}", "b"]),
  ("don't", ["don", "'t"]),
  (
    "DON'T I'm we'll they've he'd you're it's",
    ["DON", "'", "T", " I", "'m", " we", "'ll", " they", "'ve", " he", "'d", " you", "'re", " it", "'s"]
  ),
  ("'tis 's ' s", ["'t", "is", " '", "s", " '", " s"]),
  ("''s!'s", ["''", "s", "!'", "s"]),
  ("'r 'v 'l 're've'll", ["'", "r", " '", "v", " '", "l", " '", "re", "'ve", "'ll"]),
  ("rock'n'roll's", ["rock", "'", "n", "'", "roll", "'s"]),
  ("\u{2019}s don\u{2019}t", ["\u{2019}", "s", " don", "\u{2019}", "t"]),
  ("abc123 45x", ["abc", "123", " 45", "x"]),
  (
    "\u{661}\u{662} \u{967}\u{4E00}\u{4E8C} \u{2163} \u{BD}\u{B2} \u{3007}",
    ["\u{661}\u{662}", " \u{967}", "\u{4E00}\u{4E8C}", " \u{2163}", " \u{BD}\u{B2}", " \u{3007}"]
  ),
  (
    "\u{E9} e\u{301} \u{928}\u{92E}\u{938}\u{94D}\u{924}\u{947}",
    ["\u{E9}", " e", "\u{301}", " \u{928}\u{92E}\u{938}", "\u{94D}", "\u{924}", "\u{947}"]
  ),
  ("x_y a-b ... !? $5.00", ["x", "_", "y", " a", "-", "b", " ...", " !?", " $", "5", ".", "00"]),
  ("\u{4F60}\u{597D}\u{FF0C}\u{4E16}\u{754C} 12", ["\u{4F60}\u{597D}", "\u{FF0C}", "\u{4E16}\u{754C}", " 12"]),
  (
    "\u{1F469}\u{200D}\u{1F469}\u{200D}\u{1F467} \u{1F1E9}\u{1F1EA}",
    ["\u{1F469}\u{200D}\u{1F469}\u{200D}\u{1F467}", " \u{1F1E9}\u{1F1EA}"]
  ),
  ("\u{1C5}\u{2B0}\u{AA} \u{1D538}\u{1D7CE}", ["\u{1C5}\u{2B0}\u{AA}", " \u{1D538}", "\u{1D7CE}"]),
  ("\u{E000}\u{10FFFF} \u{F0000}a", ["\u{E000}\u{10FFFF}", " \u{F0000}", "a"]),
  ("<|endoftext|>  <|endoftext|>", ["<|", "endoftext", "|>", " ", " <|", "endoftext", "|>"]),
]

struct WordScannerTests {
  @Test(arguments: table) func wordsAreThoseOfThePattern(text: String, words: [String]) {
    // As bytes, since Swift's strings are equal to others that only look like them.
    #expect(scan(text) == words.map { Array($0.utf8) }, "\(scan(text).map { String(decoding: $0, as: UTF8.self) })")
  }

  @Test func whiteSpaceIsWhatUnicodeCallsSo() {
    let spaces = scalars.filter { scan("x \($0)y").first(where: { $0.first == 0x20 })?.count == 1 }
    let expected: [ClosedRange<UInt32>] = [
      0x09...0x0D, 0x20...0x20, 0x85...0x85, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029,
      0x202F...0x202F, 0x205F...0x205F, 0x3000...0x3000,
    ]
    #expect(spaces.map(\.value) == expected.flatMap { Array($0) })
  }

  @Test func wordsPutTogetherAreTheText() {
    var random = TableTestGenerator(seed: 3)
    let pieces = table.flatMap(\.words)
    for _ in 0..<2_000 {
      let text = (0..<8).map { _ in pieces.randomElement(using: &random)! }.joined()
      let words = scan(text)
      #expect(words.joined().elementsEqual(text.utf8) && words.allSatisfy { !$0.isEmpty })
    }
  }

  /// Every scalar up to the end of the planes that have letters, and some beyond.
  private var scalars: [Unicode.Scalar] {
    (Array(0..<0x3_3500) + Array(stride(from: 0x3_3500, through: 0x10_FFFF, by: 0x101))).compactMap {
      Unicode.Scalar($0)
    }
  }

  private func scan(_ text: String) -> [[UInt8]] {
    var scanner = WordScanner(Array(text.utf8)[...])
    var words: [[UInt8]] = []
    while let word = scanner.next() { words.append(Array(word)) }
    return words
  }
}
