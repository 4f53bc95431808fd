import Descent
import Testing

struct CharacterTokenizerTests {
  @Test func charactersAreNumberedInTheirOrder() throws {
    let tokenizer = try CharacterTokenizer(charactersOf: "hello, é\n")
    #expect(tokenizer.characters == ["\n", " ", ",", "e", "h", "l", "o", "é"] && tokenizer.vocabularySize == 8)
    #expect(try tokenizer.encode("hole\n") == [4, 6, 5, 3, 0])
    #expect(try tokenizer.decode([4, 6, 5, 3, 0]) == "hole\n")
    #expect(try tokenizer.encode("") == [] && tokenizer.decode([]) == "")
  }

  @Test func marksAreCharactersOfTheirOwn() throws {
    let tokenizer = try CharacterTokenizer(charactersOf: "e\u{301}👩‍👧\r\n")
    #expect(tokenizer.vocabularySize == 7)
    let text = "\r\n👧‍e\u{301}\n"
    #expect(try tokenizer.decode(tokenizer.encode(text)).unicodeScalars.elementsEqual(text.unicodeScalars))
  }

  @Test(.needs("tinyshakespeare")) func tinyShakespeareHas65Characters() throws {
    let path = TestFiles.shared("tinyshakespeare/input.txt")
    let text = String(decoding: try TestFiles.bytes(path), as: UTF8.self)
    let tokenizer = try CharacterTokenizer(charactersOf: text)
    #expect(tokenizer.vocabularySize == 65)
    let tokens = try tokenizer.encode(text)
    // "First ": a line end, a space and twelve other characters stand before the letters.
    #expect(tokens.count == 1_115_394 && tokens.prefix(6) == [18, 47, 56, 57, 58, 1])
    #expect(try tokenizer.decode(tokens) == text)
  }

  @Test func whatTheVocabularyLacksIsNamedWithItsPlace() throws {
    let tokenizer = try CharacterTokenizer(charactersOf: "abc \n")
    let rows: [(String, String)] = [
      ("ab\ncad", "Line 2, column 3: the character \"d\" (U+0064) is not among the 5 of the vocabulary."),
      ("é", "Line 1, column 1: the character \"é\" (U+00E9) is not among the 5 of the vocabulary."),
      ("a\n\n\u{7}", "Line 3, column 1: the character \"\\u{07}\" (U+0007) is not among the 5 of the vocabulary."),
      ("a\u{1F30D}", "Line 1, column 2: the character \"\u{1F30D}\" (U+1F30D) is not among the 5 of the vocabulary."),
    ]
    for (text, message) in rows { #expect(tokenizerMessage { _ = try tokenizer.encode(text) } == message) }
    for token in [-1, 5, Int.max, Int.min] {
      let found = tokenizerMessage { _ = try tokenizer.decode([0, token]) }
      #expect(found == "Position 1: expected a token from 0 to 4, found \(token).")
    }
    let empty = tokenizerMessage { _ = try CharacterTokenizer(charactersOf: "") }
    #expect(empty == "Expected a text to take the vocabulary from, found an empty one.")
  }

  @Test func aFileMakesTheSameTokenizer() throws {
    let tokenizer = try CharacterTokenizer(charactersOf: "\u{0}\n\"\\aé\u{301}\u{1F30D}\u{10FFFF}")
    try TestFiles.withFolder { folder in
      try tokenizer.save(to: folder + "/t.json")
      #expect(try CharacterTokenizer(contentsOf: folder + "/t.json") == tokenizer)
    }
    let made = try makeTokenizer(jsonText: tokenizer.jsonText(), source: "t")
    #expect(made as? CharacterTokenizer == tokenizer)
  }
}
