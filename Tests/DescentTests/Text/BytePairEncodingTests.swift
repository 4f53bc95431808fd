import Descent
import Testing

/// Texts with GPT-2's tokens; those not from its published test vectors were made with an independent implementation.
private let gpt2Table: [(text: String, tokens: [Int])] = [
  ("", []),
  ("This is some text", [1212, 318, 617, 2420]),
  ("hello 👋 world 🌍", [31373, 50169, 233, 995, 12520, 234, 235]),
  ("indivisible", [521, 452, 12843]),
  ("toString constructor hasOwnProperty valueOf", [1462, 10100, 23772, 468, 23858, 21746, 1988, 5189]),
  (" ", [220]),
  ("\t", [197]),
  ("<|endoftext|>", [27, 91, 437, 1659, 5239, 91, 29]),
  (
    "Hello,   world!\n\n  I'm fine; you're?  ",
    [15496, 11, 220, 220, 995, 0, 628, 220, 314, 1101, 3734, 26, 345, 821, 30, 220, 220]
  ),
  ("naïve café Zoë’s €5.00", [2616, 38776, 40304, 31645, 26689, 447, 247, 82, 10432, 20, 13, 405]),
  (
    "你好，世界 안녕 こんにちは",
    [
      19526, 254, 25001, 121, 171, 120, 234, 10310, 244, 45911, 234, 23821, 243, 230, 167, 227, 243, 23294, 241, 22174,
      28618, 2515, 94, 31676,
    ]
  ),
  ("Привет, мир", [140, 253, 21169, 18849, 38857, 16843, 20375, 11, 12466, 120, 18849, 21169]),
  ("\u{0}\u{1}\u{7F}\u{85}\u{A0}\u{AD}", [188, 189, 221, 126, 227, 1849, 3907]),
  (String(repeating: "a", count: 40), [Int](repeating: 24794, count: 10)),
  (String(repeating: " ", count: 30) + "x", [Int](repeating: 220, count: 29) + [2124]),
  ("1234567890 ٣٤", [10163, 2231, 30924, 3829, 18923, 96, 149, 97]),
  ("def f(x):\n    return x**2\n", [4299, 277, 7, 87, 2599, 198, 220, 220, 220, 1441, 2124, 1174, 17, 198]),
  (
    "👩‍👩‍👧 🇩🇪 e\u{301}",
    [41840, 102, 447, 235, 41840, 102, 447, 235, 41840, 100, 12520, 229, 102, 8582, 229, 103, 304, 136, 223]
  ),
]

struct BytePairEncodingTests {
  private static let gpt2 = Result { try BytePairTokenizer(folder: TestFiles.shared("gpt2-bpe")) }

  @Test(.needs("gpt2-bpe"), arguments: gpt2Table) func tokensAreThoseOfGPT2(text: String, tokens: [Int]) throws {
    let gpt2 = try Self.gpt2.get()
    #expect(gpt2.encode(text) == tokens)
    #expect(try gpt2.decode(tokens).utf8.elementsEqual(text.utf8))
  }

  @Test(.needs("gpt2-bpe", "tinyshakespeare"))
  func tinyShakespeareHasTheKnownNumberOfTokens() throws {
    let gpt2 = try Self.gpt2.get(), path = TestFiles.shared("tinyshakespeare/input.txt")
    let bytes = try TestFiles.bytes(path)
    let parts = [bytes.prefix(1_003_854), bytes.suffix(111_540)].map { String(decoding: $0, as: UTF8.self) }
    let tokens = parts.map { gpt2.encode($0) }
    #expect(tokens.map(\.count) == [301_966, 36_059])
    for (part, tokens) in zip(parts, tokens) { #expect(try gpt2.decode(tokens) == part) }
  }

  @Test(.needs("gpt2-bpe")) func specialTokensAreFoundWhenAskedFor() throws {
    let gpt2 = try Self.gpt2.get()
    #expect(gpt2.vocabularySize == 50_257 && gpt2.specialTokens == ["<|endoftext|>": 50256])
    let text = "a<|endoftext|> b<|endoftext|>"
    #expect(gpt2.encode(text, recognizingSpecialTokens: true) == [64, 50256, 275, 50256])
    #expect(try gpt2.decode([64, 50256, 275, 50256]) == text)
    #expect(!gpt2.encode(text).contains(50256))
  }

  @Test(.needs("gpt2-bpe")) func bytesThatAreNotUTF8AreReplaced() throws {
    let gpt2 = try Self.gpt2.get()
    let rows: [([Int], String)] = [
      ([50169], " \u{FFFD}"), ([50169, 233], " 👋"), ([12520, 234], " \u{FFFD}"), ([187, 187], "\u{FFFD}\u{FFFD}"),
      ([171, 119], "\u{FFFD}"), ([94, 95, 72], "\u{FFFD}\u{FFFD}i"), ([50169, 72], " \u{FFFD}i"),
    ]
    for (tokens, text) in rows { #expect(try gpt2.decode(tokens) == text) }
    #expect(try gpt2.bytes(of: [50169, 233]) == Array(" 👋".utf8))
    for token in [-1, 50_257, Int.min] {
      let found = tokenizerMessage { _ = try gpt2.decode([0, 0, token]) }
      #expect(found == "Position 2: expected a token from 0 to 50256, found \(token).")
    }
  }

  @Test(.needs("gpt2-bpe")) func writingGivesFilesThatAreRead() throws {
    let gpt2 = try Self.gpt2.get()
    let again = try TestFiles.withFolder { folder in
      try gpt2.save(folder: folder)
      let path = TestFiles.shared("gpt2-bpe/vocab.bpe")
      #expect(try TestFiles.bytes(folder + "/merges.txt") == TestFiles.bytes(path))
      return try BytePairTokenizer(folder: folder)
    }
    #expect(again.jsonText() == gpt2.jsonText())
  }

  @Test func everyTextIsItsTokensPutTogether() throws {
    try checkRoundTrips(BytePairTokenizer(trainingOn: proseLike(words: 2_000, seed: 1), vocabularySize: 400))
  }

  @Test(.needs("gpt2-bpe")) func everyTextIsGPT2sTokensPutTogether() throws {
    try checkRoundTrips(Self.gpt2.get())
  }

  private func checkRoundTrips(_ tokenizer: BytePairTokenizer) throws {
    var random = RandomText(seed: 5)
    for _ in 0..<10_000 {
      let text = random.next()
      #expect(try tokenizer.decode(tokenizer.encode(text)).utf8.elementsEqual(text.utf8))
      let tokens = tokenizer.encode(text, recognizingSpecialTokens: true)
      #expect(try tokenizer.decode(tokens).utf8.elementsEqual(text.utf8))
    }
  }

  @Test(.needs("gpt2-bpe")) func aWordOfAMillionBytes() throws {
    let gpt2 = try Self.gpt2.get()
    #expect(gpt2.encode(String(repeating: "a", count: 1_000_000)) == [Int](repeating: 24794, count: 250_000))
    var random = TableTestGenerator(seed: 9)
    let letters = (0..<1_000_000).map { _ in UInt8.random(in: 0x61...0x7A, using: &random) }
    let word = String(decoding: letters, as: UTF8.self)
    #expect(try gpt2.decode(gpt2.encode(word)) == word)
  }

  @Test func encodingFromManyThreadsGivesTheSame() async throws {
    let text = proseLike(words: 3_000, seed: 2)
    let tokenizer = try BytePairTokenizer(trainingOn: text, vocabularySize: 500)
    let expected = try BytePairTokenizer(jsonText: tokenizer.jsonText(), source: "t").encode(text)
    await withTaskGroup(of: [Int].self) { group in
      for _ in 0..<16 { group.addTask { tokenizer.encode(text) } }
      for await tokens in group { #expect(tokens == expected) }
    }
    #expect(tokenizer.encode(text) == expected)
  }
}
