import Descent
import Testing

/// GPT-2's merging, written as it is described: the pair of lowest rank is merged wherever it occurs, again and again.
private func mergedAsDescribed(_ word: String, _ merges: [[String]]) -> [String] {
  var parts = word.map { String($0) }
  while true {
    let pairs = zip(parts, parts.dropFirst()).map { [$0, $1] }
    guard let best = merges.first(where: { pairs.contains($0) }) else { return parts }
    var merged: [String] = []
    var index = 0
    while index < parts.count {
      let isPair = index + 1 < parts.count && [parts[index], parts[index + 1]] == best
      merged.append(isPair ? best[0] + best[1] : parts[index])
      index += isPair ? 2 : 1
    }
    parts = merged
  }
}

/// Training as it is described: everything is counted anew for every merge. Texts of letters a–z and spaces only.
private func trainedAsDescribed(_ text: String, merges count: Int) -> [[String]] {
  var words = text.split(separator: " ", omittingEmptySubsequences: false).enumerated().map { index, word in
    ((index == 0 ? "" : "Ġ") + word).map { String($0) }
  }
  var numbers: [String: Int] = ["Ġ": 220]
  for scalar in UInt8(ascii: "a")...UInt8(ascii: "z") { numbers[String(Unicode.Scalar(scalar))] = Int(scalar) - 0x21 }
  var merges: [[String]] = []
  while merges.count < count {
    var counts: [[String]: Int] = [:]
    for word in words { for (left, right) in zip(word, word.dropFirst()) { counts[[left, right], default: 0] += 1 } }
    let order = { (pair: [String]) in (-counts[pair]!, numbers[pair[0]]!, numbers[pair[1]]!) }
    guard let best = counts.keys.min(by: { order($0) < order($1) }), counts[best]! > 1 else { return merges }
    merges.append(best)
    if numbers[best[0] + best[1]] == nil { numbers[best[0] + best[1]] = 256 + numbers.values.count { $0 > 255 } }
    words = words.map { word in
      var merged: [String] = []
      for part in word {
        if part == best[1] && merged.last == best[0] { merged[merged.count - 1] += part } else { merged.append(part) }
      }
      return merged
    }
  }
  return merges
}

private func merges(of tokenizer: BytePairTokenizer) throws -> [[String]] {
  try TestFiles.withFolder { folder in
    try tokenizer.save(folder: folder)
    let lines = String(decoding: try TestFiles.bytes(folder + "/merges.txt"), as: UTF8.self).split(separator: "\n")
    #expect(lines.first == "#version: 0.2")
    return lines.dropFirst().map { $0.split(separator: " ").map { String($0) } }
  }
}

private func randomLetters(_ count: Int, alphabet: String, _ random: inout TableTestGenerator) -> String {
  String((0..<count).map { _ in alphabet.randomElement(using: &random)! })
}

struct BytePairTrainingTests {
  @Test func theMergesOfASmallText() throws {
    // Each of the pairs in "hello" occurs three times: the one of the lowest numbers goes first.
    let tokenizer = try BytePairTokenizer(trainingOn: "hello hello hello", vocabularySize: 300)
    #expect(try merges(of: tokenizer) == [["e", "l"], ["h", "el"], ["l", "o"], ["hel", "lo"], ["Ġ", "hello"]])
    #expect(tokenizer.vocabularySize == 261)
    #expect(tokenizer.encode("hello hello hell") == [259, 260, 220, 257, 75])
    let rare = try BytePairTokenizer(trainingOn: "hello hello hello", vocabularySize: 300, minimumCount: 3)
    #expect(rare.vocabularySize == 260)
  }

  @Test func trainingIsAsDescribed() throws {
    var random = TableTestGenerator(seed: 11)
    for round in 0..<40 {
      let alphabet = ["ab  ", "a ", "abcde   ", "xyz "][round % 4]
      // Doubled spaces would be words of their own.
      let text = randomLetters(300, alphabet: alphabet, &random).split(separator: " ").joined(separator: " ")
      let tokenizer = try BytePairTokenizer(trainingOn: text, vocabularySize: 256 + 30)
      let found = try merges(of: tokenizer)
      #expect(found == trainedAsDescribed(text, merges: found.count), "round \(round)")
      #expect(found.count >= min(30, trainedAsDescribed(text, merges: 30).count))
    }
  }

  @Test func encodingIsAsDescribed() throws {
    var random = TableTestGenerator(seed: 12)
    for round in 0..<30 {
      let text = randomLetters(400, alphabet: "aabc", &random)
      let trained = try BytePairTokenizer(trainingOn: text, vocabularySize: 256 + 25)
      var listed = try merges(of: trained)
      // Merges that stand before those that make their parts are merged in the order described, too.
      if round % 2 == 1 { listed.shuffle(using: &random) }
      let tokenizer = try TestFiles.withFolder { folder in
        try trained.save(folder: folder)
        try writeFile(listed.map { $0.joined(separator: " ") }.joined(separator: "\n"), folder + "/merges.txt")
        return try BytePairTokenizer(folder: folder)
      }
      for _ in 0..<40 {
        let word = randomLetters(Int.random(in: 1...40, using: &random), alphabet: "aabc", &random)
        let parts = try tokenizer.encode(word).map { try tokenizer.decode([$0]) }
        #expect(parts == mergedAsDescribed(word, listed), "\(word) with \(listed)")
      }
    }
  }

  @Test func equalTextsGiveEqualTokenizers() throws {
    let text = proseLike(words: 5_000, seed: 4)
    let first = try BytePairTokenizer(trainingOn: text, vocabularySize: 600, specialTokens: ["<|endoftext|>"])
    let second = try BytePairTokenizer(trainingOn: text, vocabularySize: 600, specialTokens: ["<|endoftext|>"])
    #expect(first.jsonText() == second.jsonText() && first.vocabularySize == 600)
  }

  @Test func filesGiveTheSameTokens() throws {
    let text = proseLike(words: 5_000, seed: 6)
    let special = ["<|endoftext|>", "<|user|>"]
    let tokenizer = try BytePairTokenizer(trainingOn: text, vocabularySize: 500, specialTokens: special)
    #expect(tokenizer.specialTokens == ["<|endoftext|>": 498, "<|user|>": 499])
    let others = try TestFiles.withFolder { folder in
      try tokenizer.save(folder: folder)
      try tokenizer.save(to: folder + "/t.json")
      return [
        try BytePairTokenizer(folder: folder), try BytePairTokenizer(contentsOf: folder + "/t.json"),
        try #require(makeTokenizer(jsonText: tokenizer.jsonText(), source: "t") as? BytePairTokenizer),
      ]
    }
    let sample = proseLike(words: 500, seed: 7) + "<|user|>\u{1F30D}"
    for other in others {
      #expect(other.encode(sample) == tokenizer.encode(sample))
      #expect(other.encode(sample, recognizingSpecialTokens: true).suffix(5).first == 499)
      #expect(other.jsonText() == tokenizer.jsonText())
    }
  }

  @Test func specialTokensAreNotTrainedOn() throws {
    let texts = [String](repeating: "abab", count: 50)
    let tokenizer = try BytePairTokenizer(
      trainingOn: texts.joined(separator: "</s>"), vocabularySize: 300, specialTokens: ["</s>", "</s>>"])
    #expect(try merges(of: tokenizer) == [["a", "b"], ["ab", "ab"]])
    #expect(tokenizer.encode("abab</s>ab</s>>", recognizingSpecialTokens: true) == [257, 258, 256, 259])
    try TestFiles.withFolder { folder in
      try tokenizer.save(folder: folder)
      let again = try BytePairTokenizer(folder: folder, specialTokens: ["</s>", "</s>>"])
      #expect(again.specialTokens == tokenizer.specialTokens)
    }
  }

  @Test func requestsThatCannotBeMet() {
    let rows: [(Int, [String], String)] = [
      (
        256, ["<|a|>"],
        "Expected a vocabulary of at least 257 tokens, which are the bytes and the special tokens, found 256."
      ),
      (300, [""], "The special token \"\" is empty."),
      (300, ["<|a|>", "<|a|>"], "The special token \"<|a|>\" is also another token."),
      (300, ["a"], "The special token \"a\" is also another token."),
      (300, ["Ġ"], "The special token \"Ġ\" is what another token looks like in a file."),
    ]
    for (size, special, expected) in rows {
      let found = tokenizerMessage {
        _ = try BytePairTokenizer(trainingOn: "a", vocabularySize: size, specialTokens: special)
      }
      #expect(found == expected)
    }
  }

  @Test func textsWithNothingToMerge() throws {
    for text in ["", "a", "abc", " "] {
      let tokenizer = try BytePairTokenizer(trainingOn: text, vocabularySize: 1_000)
      #expect(tokenizer.vocabularySize == 256)
      #expect(try tokenizer.decode(tokenizer.encode("any text")) == "any text")
    }
  }
}
