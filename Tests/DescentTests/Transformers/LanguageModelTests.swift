import Descent
import Testing

@Suite struct LanguageModelTests {
  static let verse = String(repeating: "the quick brown fox jumps over the lazy dog\n", count: 60)

  private func configuration(_ change: (inout TextConfiguration) -> Void = { _ in }) -> TextConfiguration {
    var result = TextConfiguration()
    (result.layers, result.heads, result.width, result.context) = (2, 2, 32, 32)
    (result.batchSize, result.steps, result.learningRate) = (8, 120, 5e-3)
    change(&result)
    return result
  }

  @Test func learnsAndWritesAVerse() throws {
    var samples = 0
    let (model, report) = try TextModel.train(
      Self.verse, configuration: configuration(),
      progress: { event in
        if case .sampled = event { samples += 1 }
      })
    #expect(report.loss.perCharacter < 0.3)
    #expect(report.loss.perToken == report.loss.perCharacter)
    #expect(samples == report.samples.count && samples > 1)
    #expect(report.baselines.map(\.context) == Array(0...5))
    let text = try model.text(after: "the quick ", tokens: 34, sampling: .greedy)
    #expect(text == "brown fox jumps over the lazy dog\n")
    try TestFiles.withFolder { folder in
      try model.save(to: "\(folder)/verse.safetensors")
      let loaded = try TextModel(contentsOf: "\(folder)/verse.safetensors")
      #expect(try loaded.text(after: "the quick ", tokens: 34, sampling: .greedy) == text)
      #expect(loaded.provenance == model.provenance)
      #expect(try loaded.loss(Self.verse).perToken < 0.3)
    }
  }

  @Test func theSameSeedGivesTheSameModel() throws {
    func bytes(seed: UInt64, steps: Int) throws -> [UInt8] {
      let settings = configuration { ($0.seed, $0.steps, $0.dropout, $0.accumulation) = (seed, steps, 0.1, 2) }
      let (model, _) = try TextModel.train(Self.verse, configuration: settings)
      return try TestFiles.withFolder { folder in
        try model.save(to: "\(folder)/a")
        return try TestFiles.bytes("\(folder)/a")
      }
    }
    let first = try bytes(seed: 1, steps: 12)
    #expect(try bytes(seed: 1, steps: 12) == first)
    #expect(try bytes(seed: 2, steps: 12) != first)
  }

  /// A list in order would tell a line by the one before it.
  @Test func linesOfAListAreShuffledAndTakenOnce() throws {
    let list = (0..<400).map { "w\($0 / 4)\n" }.joined()
    let settings = configuration { ($0.shufflesLines, $0.context, $0.steps) = (true, 16, 4) }
    let (model, report) = try TextModel.train(list, configuration: settings)
    #expect(report.plan.characterCount == (0..<100).map { "w\($0)\n".count }.reduce(0, +))
    let other = try TextModel.train(list, configuration: configuration { ($0.context, $0.steps) = (16, 4) })
    #expect(other.report.plan.characterCount == list.count)
    #expect(model.tokenizer.vocabularySize == 12)
  }

  @Test func bytePairsAreMeasuredByTheCharacter() throws {
    let settings = configuration { ($0.tokens, $0.context, $0.steps) = (.bytePairs(300), 16, 30) }
    let (model, report) = try TextModel.train(Self.verse, configuration: settings)
    #expect((258...300).contains(model.tokenizer.vocabularySize))
    #expect(report.loss.tokens < report.loss.characters)
    let expected = report.loss.perToken * Double(report.loss.tokens) / Double(report.loss.characters)
    #expect(abs(report.loss.perCharacter - expected) < 1e-12)
  }

  @Test(arguments: ["", "too short", String(repeating: "a", count: 120)])
  func refusesTextsThatAreTooShort(_ text: String) {
    let error = #expect(throws: TextError.self) { try TextModel.train(text, configuration: configuration()) }
    #expect(error?.description.contains("expected a text of which the last 10 % have more than 32 tokens") == true)
  }

  @Test func charactersAcrossTokensAreWrittenWhole() throws {
    let tokenizer = try BytePairTokenizer(trainingOn: "plain words", vocabularySize: 257)
    var written = TokenText(tokenizer)
    let pieces = try tokenizer.encode("a🌍é").map { try written.append($0) }
    #expect(pieces.filter { !$0.isEmpty } == ["a", "🌍", "é"])
    #expect(written.rest() == "")
    _ = try written.append(try tokenizer.encode("🌍")[0])
    #expect(written.rest() == "\u{FFFD}")
  }

  /// The figures of counting on tiny Shakespeare, 90 % against the rest.
  @Test(.enabled(if: TestFiles.shared("tinyshakespeare/input.txt") != nil))
  func countingComesToThePublishedLosses() throws {
    let path = try #require(TestFiles.shared("tinyshakespeare/input.txt"))
    let (text, _) = try TextFile.read(path)
    let scalars = text.unicodeScalars
    let cut = scalars.index(scalars.startIndex, offsetBy: 1_003_854)
    let counts = NGramModel(scalars[..<cut], order: 5)
    let losses = (0...5).map { counts.loss(scalars[cut...], length: $0) }
    #expect(abs(losses[0] - 3.3473) < 0.001)
    // Back-off with counts alone: 2.488, 2.053, 1.780, 1.677, 1.690.
    for (loss, published) in zip(losses.dropFirst(), [2.488, 2.053, 1.780, 1.677, 1.690]) {
      #expect(abs(loss - published) < 0.05)
    }
  }
}
