import Descent
import Foundation
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

  /// Exactly so many steps are made, all of them count, and the last are measured.
  @Test(arguments: [1, 3, 8, 19, 20])
  func makesAndMeasuresEveryStep(steps: Int) throws {
    var ends: [Int] = []
    let (model, report) = try TextModel.train(
      Self.verse, configuration: configuration { $0.steps = steps },
      progress: { event in
        if case .progressed(let progress) = event, progress.isEpochEnd { ends.append(progress.step) }
      })
    #expect(model.provenance.steps == steps && report.plan.steps == steps && ends.last == steps)
    #expect(
      ends.count == report.history.epochs.count
        && ends.count == (steps + report.plan.interval - 1) / report.plan.interval)
    #expect(ends.count <= 8 && report.samples.last?.step == steps && report.samples.count <= 4)
    #expect(ends.dropLast().enumerated().allSatisfy { $1 == ($0 + 1) * report.plan.interval })
    #expect(zip(report.history.epochs, ends).allSatisfy { epoch, _ in epoch.validationLoss != nil })
  }

  @Test func stepsThatWereInterruptedCount() throws {
    var asked = 0
    let (model, report) = try TextModel.train(
      Self.verse, configuration: configuration(),
      isCancelled: {
        asked += 1
        return asked == 17
      })
    #expect(report.wasCancelled && model.provenance.steps == 17)
    // Measured after 15 steps, and again after the last.
    #expect(report.plan.interval == 15 && report.history.epochs.count == 2)
  }

  /// The last window may be a shorter one: nothing is left out.
  @Test func everyTokenButTheFirstIsMeasured() throws {
    let (model, _) = try TextModel.train(Self.verse, configuration: configuration { $0.steps = 10 })
    let text = String(Self.verse.prefix(75))
    let tokens = try model.tokenizer.encode(text)
    var total = 0.0
    for (start, end) in [(0, 32), (32, 64), (64, 74)] {
      let inputs = Tensor(tokens[start..<end].map { Int32($0) }, shape: [1, end - start])
      let logits = logSoftmax(model.network(inputs)).array(of: Float.self)
      let vocabulary = model.tokenizer.vocabularySize
      for place in 0..<(end - start) { total -= Double(logits[place * vocabulary + tokens[start + place + 1]]) }
    }
    #expect(abs(try model.loss(text).perToken - total / 74) < 1e-5)
    #expect(try model.loss("the").perToken.isFinite)
    let error = #expect(throws: TextError.self) { try model.loss("t") }
    #expect(error?.description == "Expected a text of at least 2 tokens, found 1.")
  }

  @Test func filesThatNoTrainingWritesAreRefused() throws {
    let (model, _) = try TextModel.train(Self.verse, configuration: configuration { $0.steps = 2 })
    func problem(_ change: (inout [String: String]) -> Void, weights: Float? = nil) throws -> String? {
      try TestFiles.withFolder { folder in
        let path = "\(folder)/m"
        try model.save(to: path)
        let file = try SafeTensors(contentsOf: path)
        var metadata = file.metadata
        change(&metadata)
        let tensors = ModuleValues(
          file.tensors.map { path, value in (path, weights.map { Tensor.full(value.shape, $0) } ?? value) })
        try SafeTensors(tensors: tensors, metadata: metadata).write(to: path)
        do throws(TextError) {
          _ = try TextModel(contentsOf: path).loss("the quick brown fox")
          return nil
        } catch {
          return error.description.replacingOccurrences(of: path, with: "m")
        }
      }
    }
    func changing(_ old: String, _ new: String, in key: String) throws -> String? {
      try problem { metadata in
        #expect(metadata[key]?.contains(old) == true)
        metadata[key] = metadata[key]?.replacing(old, with: new)
      }
    }
    let broken = "the model's loss is not finite; its weights are broken"
    #expect(try problem({ _ in }) == nil)
    #expect(try problem({ _ in }, weights: .nan)?.contains(broken) == true)
    #expect(try problem({ _ in }, weights: 1e30)?.contains(broken) == true)
    let numbers = "m: expected the provenance of a model of a text, found numbers that none has"
    #expect(try changing(#""steps":2,"#, #""steps":-2,"#, in: "descent.provenance")?.hasPrefix(numbers) == true)
    #expect(try changing(#""tokens":264"#, #""tokens":0"#, in: "descent.provenance")?.hasPrefix(numbers) == true)
    #expect(try changing(#""clipping":1"#, #""clipping":-1"#, in: "descent.provenance")?.hasPrefix(numbers) == true)
    let another = "m: expected a model that descent trained on a text, found another"
    #expect(try problem { $0["descent.provenance"] = "" }?.hasPrefix(another) == true)
    #expect(try changing(#""width":32"#, #""width":1000000000"#, in: "descent.architecture")?.hasPrefix("m: ") == true)
    #expect(
      try changing(#""characters":"\n "#, #""characters":" "#, in: "descent.tokenizer")
        == "m: the network knows 28 tokens, the tokenizer 27.")
  }

  @Test func settingsThatCannotBeMeantAreRefused() throws {
    for change in [
      { $0.seconds = .infinity }, { ($0.seconds, $0.steps) = (1e300, nil) }, { $0.steps = .max }, { $0.width = .max },
      { $0.warmUp = .max }, { $0.clipping = .infinity }, { $0.learningRate = .nan }, { $0.validationShare = 1 },
      {
        $0.width = 16_384; $0.heads = 4; $0.layers = 1000
      },
    ] as [(inout TextConfiguration) -> Void] {
      let error = #expect(throws: TextError.self) {
        try TextModel.train(Self.verse, configuration: configuration(change))
      }
      #expect(error?.description.hasPrefix("The configuration: expected ") == true)
    }
  }

  @Test func countsTheParametersOfANetworkBeforeItIsMade() {
    for shape in GPTTests.shapes { #expect(Double(GPT(shape).parameterCount) == shape.parameterCount) }
  }

  /// One pass over the text for all lengths, against the definition.
  @Test func countingFallsBackOnShorterContexts() {
    let counts = NGramModel("abracadabra".unicodeScalars, order: 2)
    // 11 characters, 5 of them different and one for all others: P(c) = (n(c) + 5 / 6) / 16.
    func single(_ count: Double) -> Double { (count + 5 / 6.0) / 16 }
    let losses = counts.losses("ab".unicodeScalars)
    #expect(abs(losses[0] + (Foundation.log(single(5)) + Foundation.log(single(2))) / 2) < 1e-12)
    // After a: 4 characters, of 3 kinds, 2 of them b.
    let second = (2 + 3 * single(2)) / 7
    #expect(abs(losses[1] + (Foundation.log(single(5)) + Foundation.log(second)) / 2) < 1e-12)
    #expect(losses[2] == losses[1])
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
    _ = try written.append(tokenizer.encode("🌍")[0])
    #expect(written.rest() == "\u{FFFD}")
  }

  /// A network draws any bytes, also such as no text has.
  @Test func piecesTogetherAreTheWholeText() throws {
    let tokenizer = try BytePairTokenizer(trainingOn: "🌍🌍é plain words", vocabularySize: 300)
    let whole = ["🌍", "é", "€", "a", "\u{FFFD}", "x"].map { tokenizer.encode($0) }
    var random = RandomSource(3)
    for _ in 0..<2000 {
      var tokens: [Int] = []
      for _ in 0..<6 {
        let character = whole.randomElement(using: &random)!
        switch Int.random(in: 0..<4, using: &random) {
        case 0: tokens.append(Int.random(in: 0..<tokenizer.vocabularySize, using: &random))
        case 1: tokens += character.dropLast()
        case 2: tokens += character.dropFirst()
        default: tokens += character
        }
      }
      var written = TokenText(tokenizer)
      let text = try tokens.map { try written.append($0) }.joined() + written.rest()
      #expect(try text == tokenizer.decode(tokens), "\(tokens)")
    }
  }

  /// The figures of counting on tiny Shakespeare, 90 % against the rest.
  @Test(.needs("tinyshakespeare"))
  func countingComesToThePublishedLosses() throws {
    let path = TestFiles.shared("tinyshakespeare/input.txt")
    let (text, _) = try TextFile.read(path)
    let scalars = text.unicodeScalars
    let cut = scalars.index(scalars.startIndex, offsetBy: 1_003_854)
    let counts = NGramModel(scalars[..<cut], order: 5)
    let losses = counts.losses(scalars[cut...])
    #expect(abs(losses[0] - 3.3473) < 0.001)
    // Back-off with counts alone: 2.488, 2.053, 1.780, 1.677, 1.690.
    for (loss, published) in zip(losses.dropFirst(), [2.488, 2.053, 1.780, 1.677, 1.690]) {
      #expect(abs(loss - published) < 0.05)
    }
  }
}
