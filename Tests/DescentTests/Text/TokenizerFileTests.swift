import Descent
import Foundation
import Testing

/// What is changed in the two files of a tokenizer with the merges "e l" and "h el"; token n stands in line n + 2.
struct DamagedFiles: Sendable, CustomTestStringConvertible {
  var vocabulary: [String: String] = [:]
  var vocabularyText: String?
  var merges = "#version: 0.2\ne l\nh el\n"
  var specialTokens: [String]?
  let message: String

  var testDescription: String { message }
}

private let files: [DamagedFiles] = [
  DamagedFiles(
    vocabularyText: "",
    message: "V, line 1: expected a vocabulary, a JSON object of tokens and their numbers, found the end."),
  DamagedFiles(
    vocabularyText: "[1]",
    message: "V, line 1: expected a vocabulary, a JSON object of tokens and their numbers, found '['."),
  DamagedFiles(vocabularyText: "{}", merges: "", message: "V: expected a token for each byte, found none for 0x00."),
  DamagedFiles(vocabularyText: "{\n\"a\": ", message: "V, line 2: expected a whole number, found the end."),
  DamagedFiles(vocabularyText: "{\n\"a", message: "V, line 2: expected a closing quote, found the end."),
  DamagedFiles(vocabularyText: "{\n\"\\ud800\": 0}", message: "V, line 2: expected surrogates in pairs, found '\\'."),
  DamagedFiles(vocabularyText: "{\"a\": 0}\n0", message: "V, line 2: expected the end of the file, found '0'."),
  DamagedFiles(
    vocabularyText: "{\"\": 0}", message: "V, line 1: expected a token of at least one character, found an empty one."),
  DamagedFiles(
    vocabulary: ["\"hel\": 257": "\"hel\": 256"],
    message: "V, line 259: the tokens \"el\" and \"hel\" have the same number 256."),
  DamagedFiles(
    vocabulary: ["\"hel\": 257": "\"hel\": 258"],
    message: "V, line 259: expected numbers from 0 to 257 for 258 tokens, found 258 for \"hel\"."),
  DamagedFiles(
    vocabulary: ["\"hel\": 257": "\"hel\": 99999999999999999999"],
    message: "V, line 259: expected a number below 2^64, found '9'."),
  DamagedFiles(
    vocabulary: ["\"hel\": 257": "\"hel\": -1"], message: "V, line 259: expected a whole number, found '-'."),
  DamagedFiles(
    vocabulary: ["\"hel\": 257": "\"hel\": 257.5"],
    message: "V, line 259: expected a comma or the closing brace, found '.'."),
  DamagedFiles(
    vocabulary: ["\"hel\": 257": "\"hel\": null"], message: "V, line 259: expected a whole number, found 'n'."),
  DamagedFiles(vocabulary: ["\"hel\": 257": "\"el\": 257"], message: "V, line 259: the token \"el\" appears twice."),
  DamagedFiles(
    vocabulary: ["\"!\": 0": "\"<|!|>\": 0"], message: "V: expected a token for each byte, found none for 0x21."),
  DamagedFiles(
    vocabulary: ["\"!\": 0": "\"日\": 0"],
    message: "V, line 2: the token \"日\" is neither a byte nor special, and no merge in M makes it."),
  DamagedFiles(
    merges: "#version: 0.2\ne l\n",
    message: "V, line 259: the token \"hel\" is neither a byte nor special, and no merge in M makes it."),
  DamagedFiles(
    merges: "", message: "V, line 258: the token \"el\" is neither a byte nor special, and no merge in M makes it."),
  DamagedFiles(
    merges: "#version: 0.2\ne l\nh ex\n", message: "M, line 3: the merge names \"ex\", which is not in the vocabulary."),
  DamagedFiles(
    merges: "e l\r\nh el\r\nh e\r\n", message: "M, line 3: the merge makes \"he\", which is not in the vocabulary."),
  DamagedFiles(
    merges: "#version: 0.2\ne l\nhel\n",
    message: "M, line 3: expected two tokens with a space between them, found \"hel\"."),
  DamagedFiles(
    merges: "#version: 0.2\n\ne l\nh el\n",
    message: "M, line 2: expected two tokens with a space between them, found \"\"."),
  DamagedFiles(
    merges: "#version: 0.2\ne  l\nh el\n",
    message: "M, line 2: expected two tokens with a space between them, found \"e  l\"."),
  DamagedFiles(merges: " hel\n", message: "M, line 1: the merge names \"\", which is not in the vocabulary."),
  DamagedFiles(
    merges: "e l\nh el\ne l\n", message: "M, line 3: the merge \"e l\" appears twice, first as number 1."),
  DamagedFiles(
    specialTokens: ["</s>"], message: "V: expected the special token \"</s>\", which is not in the vocabulary."),
  DamagedFiles(
    specialTokens: ["hel"], message: "V, line 259: the special token \"hel\" is also a byte or made by a merge."),
]

private let texts: [(json: String, message: String)] = [
  ("", "t, line 1: expected a tokenizer, a JSON object, found the end."),
  ("{}", "t: expected the member \"tokenizer\"."),
  (#"{"tokenizer":"word"}"#, #"t: expected a tokenizer "character" or "bytePair", found "word"."#),
  (#"{"tokenizer":"character"}"#, "t: expected version 1 of the format, found none."),
  (#"{"tokenizer":"character","version":2}"#, "t: expected version 1 of the format, found 2."),
  (#"{"tokenizer":"character","version":1}"#, #"t: expected the member "characters"."#),
  (#"{"tokenizer":"character","version":1,"characters":""}"#, "t: expected characters, found none."),
  (
    #"{"tokenizer":"character","version":1,"characters":"aab"}"#,
    #"t: expected characters in ascending order, each once; found "a" too late."#
  ),
  (#"{"tokenizer":"bytePair","version":1}"#, #"t: expected the members "vocabulary" and "merges"."#),
  (#"{"tokenizer":"bytePair","tokenizer":"bytePair"}"#, #"t, line 1: "tokenizer" appears twice."#),
  ("{\n\"size\": 1}", #"t, line 2: found "size", which no tokenizer has."#),
  (
    #"{"tokenizer":"bytePair","version":1,"vocabulary":{},"merges":[1]}"#,
    "t, line 1: expected a text in quotes, found '1'."
  ),
  (
    #"{"tokenizer":"bytePair","version":1,"vocabulary":{},"merges":["a b"]}"#,
    #"t, line 1: the merge names "a", which is not in the vocabulary."#
  ),
]

struct TokenizerFileTests {
  private let tokenizer: BytePairTokenizer

  init() throws { tokenizer = try BytePairTokenizer(trainingOn: "hel hel", vocabularySize: 258) }

  @Test(arguments: files) func damagedFilesAreRefused(_ damage: DamagedFiles) throws {
    try TestFiles.withFolder { folder in
      try tokenizer.save(folder: folder)
      var text = String(decoding: try TestFiles.bytes(folder + "/vocab.json"), as: UTF8.self)
      for (old, new) in damage.vocabulary {
        #expect(text.contains(old))
        text = text.replacing(old, with: new)
      }
      try writeFile(damage.vocabularyText ?? text, folder + "/V")
      try writeFile(damage.merges, folder + "/M")
      let found = tokenizerMessage {
        _ = try BytePairTokenizer(
          vocabulary: folder + "/V", merges: folder + "/M", specialTokens: damage.specialTokens)
      }
      #expect(found?.replacing(folder + "/", with: "") == damage.message)
    }
  }

  @Test(arguments: texts) func damagedTextsAreRefused(json: String, message: String) {
    #expect(tokenizerMessage { _ = try makeTokenizer(jsonText: json, source: "t") } == message)
  }

  @Test func filesThatCannotBeReadOrWritten() throws {
    try TestFiles.withFolder { folder in
      let absent = tokenizerMessage { _ = try BytePairTokenizer(folder: folder) }
      #expect(absent == "\(folder)/vocab.json: no such file.")
      let isFolder = tokenizerMessage { _ = try CharacterTokenizer(contentsOf: folder) }
      #expect(isFolder == "\(folder): expected a file, found a folder or a device.")
      try Data([0x7B, 0x0A, 0x22, 0xFF]).write(to: URL(filePath: folder + "/f"))
      let latin = tokenizerMessage { _ = try CharacterTokenizer(contentsOf: folder + "/f") }
      #expect(latin == "\(folder)/f, line 2: expected text in UTF-8, found the byte 0xFF.")
      let unwritable = tokenizerMessage { try tokenizer.save(to: folder) }
      #expect(unwritable == "\(folder): the file cannot be written (it is a folder).")
    }
    let character = try CharacterTokenizer(charactersOf: "a").jsonText()
    let other = tokenizerMessage { _ = try BytePairTokenizer(jsonText: character, source: "t") }
    #expect(other == "t: expected a tokenizer \"bytePair\", found \"character\".")
  }

  @Test func specialTokensKeepTheirTexts() throws {
    let special = ["<|a|>", "<|é \n|>"]
    let tokenizer = try BytePairTokenizer(trainingOn: "hel hel", vocabularySize: 300, specialTokens: special)
    let again = try TestFiles.withFolder { folder in
      try tokenizer.save(folder: folder)
      return try BytePairTokenizer(folder: folder)
    }
    #expect(Set(again.specialTokens.keys) == Set(special) && again.jsonText() == tokenizer.jsonText())
  }

  @Test func everyTruncationIsRefused() throws {
    let whole = tokenizer.jsonText()
    for length in 0..<whole.unicodeScalars.count {
      let text = String(String.UnicodeScalarView(whole.unicodeScalars.prefix(length)))
      #expect(tokenizerMessage { _ = try makeTokenizer(jsonText: text, source: "t") }?.hasSuffix(".") == true)
    }
  }

  @Test func randomDamageIsRefusedOrHarmless() throws {
    let whole = Array(tokenizer.jsonText().utf8)
    var counts = (accepted: 0, refused: 0)
    for seed in 0..<3_000 {
      var random = TableTestGenerator(seed: UInt64(seed))
      var bytes = whole
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        // Half of them near the end, where the merges are, or near the beginning.
        let place = bytes.indices.randomElement(using: &random)!
        let index = [place, min(place, 60), max(place, bytes.count - 60)].randomElement(using: &random)!
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[index] = UInt8.random(in: 0x20...0x7E, using: &random)
        case 1: bytes.remove(at: index)
        default: bytes.insert(Array("\",: 0e[]{}l\\".utf8).randomElement(using: &random)!, at: index)
        }
      }
      do throws(TokenizerError) {
        let made = try makeTokenizer(jsonText: String(decoding: bytes, as: UTF8.self), source: "t")
        let text = try made.decode(made.encode("hello\u{0}"))
        #expect(text == "hello\u{0}")
        counts.accepted += 1
      } catch {
        #expect(error.description.hasPrefix("t") && error.description.hasSuffix("."))
        counts.refused += 1
      }
    }
    #expect(counts.accepted > 10 && counts.refused > 1_000)
  }
}
