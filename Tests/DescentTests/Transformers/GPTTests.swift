import Descent
import DescentCPU
import DescentCore
import Synchronization
import Testing

@Suite struct GPTTests {
  static let shapes: [GPT.Configuration] = [
    .init(vocabulary: 17, context: 24, layers: 2, heads: 2, width: 16),
    .init(vocabulary: 17, context: 24, layers: 2, heads: 4, width: 16, keyValueHeads: 2, rotaryBase: 10_000),
    .init(
      vocabulary: 9, context: 24, layers: 1, heads: 1, width: 8, hidden: 12, bias: false, isTied: false,
      gelu: .tanh),
    .init(vocabulary: 9, context: 24, layers: 2, heads: 4, width: 16, keyValueHeads: 1, dropout: 0.5),
  ]

  /// With weights larger than the first ones, which are so small that mistakes would hardly show.
  static func model(_ configuration: GPT.Configuration) throws -> GPT {
    let model = withSeed(5) { GPT(configuration) }
    let larger = model.parameters.map { (path: $0.path, value: $0.value.rank > 1 ? $0.value * 8 : $0.value) }
    try model.load(ModuleValues(larger))
    return model
  }

  static func tokens(_ count: Int, below vocabulary: Int) -> [Int32] {
    (0..<count).map { Int32(($0 * $0 + 3 * $0 + 1) % vocabulary) }
  }

  @Test(arguments: shapes)
  func tokenByTokenEqualsTheFullPass(_ configuration: GPT.Configuration) throws {
    let model = try Self.model(configuration)
    let (time, vocabulary) = (configuration.context, configuration.vocabulary)
    let tokens = Self.tokens(time, below: vocabulary)
    let whole: [Float] = try CompiledModel(model)(Tensor(tokens, shape: [1, time])).array()
    for piece in [1, 5, time] {
      let reader = CompiledModel(CachedGPT(model))
      var read = 0
      for start in stride(from: 0, to: time, by: piece) {
        let part = Array(tokens[start..<min(start + piece, time)])
        let answer: [Float] = try reader(Tensor(part, shape: [1, part.count])).array()
        read += part.count
        let expected = whole[((read - 1) * vocabulary)..<(read * vocabulary)]
        let difference = zip(answer, expected).map { Swift.abs($0 - $1) }.max()!
        #expect(difference < 1e-5, "after \(read) tokens in pieces of \(piece)")
      }
      #expect(whole.contains { $0 > 0.1 })
    }
  }

  /// What reads a token is one program of fixed shapes, whatever was read before.
  @Test func aTokenCostsTheSameHoweverManyWereRead() throws {
    let compiled = Mutex(0)
    let engine = Engine(name: "watched") { program, precision in
      compiled.withLock { $0 += 1 }
      return Engine.cpu.compile(program, precision: precision)
    }
    let configuration = Self.shapes[1]
    let reader = CompiledModel(CachedGPT(try Self.model(configuration)), engine: engine)
    _ = try reader(Tensor([[Int32(3)]]))
    let first = compiled.withLock { $0 }
    for _ in 1..<configuration.context { _ = try reader(Tensor([[Int32(3)]])) }
    #expect(first > 0 && compiled.withLock { $0 } == first)
  }

  @Test func ofALongPromptTheEndIsSeen() throws {
    let model = try Self.model(Self.shapes[1])
    let context = model.configuration.context
    let prompt = Self.tokens(3 * context, below: 17).map(Int.init)
    /// What is expected after the prompt, and after a token more, for which there is no place left.
    func answers(_ prompt: some Sequence<Int>) throws -> [[Float]] {
      let generator = try TokenGenerator(model, after: Array(prompt), sampling: .greedy)
      let first = try generator.logits()
      _ = try generator.next()
      return [first, try generator.logits()]
    }
    let seen = try answers(prompt)
    #expect(try seen == answers(prompt.suffix(context)) && seen != answers(prompt.prefix(context)))
  }

  @Test func sequencesAreReadSideBySide() throws {
    let configuration = Self.shapes[1]
    let model = try Self.model(configuration)
    let tokens = [Self.tokens(6, below: 17), Self.tokens(12, below: 17).suffix(6).map { $0 }]
    let together = CompiledModel(CachedGPT(model, batch: 2))
    _ = try together(Tensor(tokens.flatMap { $0.prefix(5) }, shape: [2, 5]))
    let last = try together(Tensor(tokens.map { $0[5] }, shape: [2, 1]))
    for row in 0..<2 {
      let alone = try CompiledModel(CachedGPT(model))(Tensor(tokens[row], shape: [1, 6]))
      let difference: Float = (alone[0] - last[row]).abs().max().scalar()
      #expect(difference < 1e-5)
    }
  }

  @Test func noPlaceSeesALaterOne() throws {
    for configuration in Self.shapes {
      let model = try Self.model(configuration)
      var tokens = Self.tokens(10, below: configuration.vocabulary)
      let before = model(Tensor(tokens, shape: [1, 10]))[0]
      tokens[7] = (tokens[7] + 1) % Int32(configuration.vocabulary)
      let after = model(Tensor(tokens, shape: [1, 10]))[0]
      #expect(before[0..<7].array(of: Float.self) == after[0..<7].array(of: Float.self))
      #expect(before[7].array(of: Float.self) != after[7].array(of: Float.self))
    }
  }

  @Test func attentionLooksBackOnly() throws {
    for configuration in Self.shapes {
      let model = try Self.model(configuration)
      let tokens = Tensor(Self.tokens(6, below: configuration.vocabulary), shape: [1, 6])
      let maps = model.attentionWeights(tokens)
      #expect(maps.count == configuration.layers)
      for map in maps {
        #expect(map.shape == [1, configuration.heads, 6, 6])
        let sums = map.sum(axis: -1).array(of: Float.self)
        #expect(sums.allSatisfy { (0.9999...1.0001).contains($0) })
        let values = map[0, 0].array(of: Float.self)
        for row in 0..<6 { for column in (row + 1)..<max(6, row + 1) { #expect(values[row * 6 + column] == 0) } }
      }
    }
  }

  @Test func startsAsGPT2Does() {
    let model = withSeed(1) { GPT(.init(vocabulary: 100, context: 64, layers: 8, heads: 4, width: 128)) }
    func deviation(_ x: Tensor) -> Double { x.squared().mean().sqrt().scalar(of: Double.self) }
    #expect(abs(deviation(model.tokens.weight) - 0.02) < 0.001)
    #expect(abs(deviation(model.blocks[3].attention.projection.weight) - 0.02) < 0.001)
    #expect(abs(deviation(model.blocks[3].attention.output.weight) - 0.005) < 0.0005)
    #expect(abs(deviation(model.blocks[3].feedForward.down.weight) - 0.005) < 0.0005)
    // 124,439,808 in GPT-2's smallest model, whose shapes these are.
    let layer = 12 * 768 * 768 + 13 * 768
    let count = 50_257 * 768 + 1024 * 768 + 12 * layer + 2 * 768
    #expect(count == 124_439_808)
    let small = GPT(.init(vocabulary: 57, context: 24, layers: 2, heads: 2, width: 16))
    let expected = 57 * 16 + 24 * 16 + 2 * (12 * 256 + 13 * 16) + 32
    #expect(small.parameterCount == expected)
  }

  @Test func comesBackFromAFile() throws {
    try TestFiles.withFolder { folder in
      for configuration in Self.shapes {
        let model = try Self.model(configuration)
        try model.save(to: "\(folder)/gpt.safetensors")
        let loaded = try #require(try ModelFile(contentsOf: "\(folder)/gpt.safetensors").model as? GPT)
        let tokens = Tensor(Self.tokens(8, below: configuration.vocabulary), shape: [2, 4])
        #expect(loaded(tokens).array(of: Float.self) == model(tokens).array(of: Float.self))
        #expect(loaded.configuration == configuration)
      }
    }
  }

  @Test func generatesTheSameFromTheSameSeed() throws {
    let model = try Self.model(Self.shapes[0])
    func text(_ sampling: Sampling, seed: UInt64) throws -> [Int] {
      let generator = try TokenGenerator(model, after: [1, 2, 3], sampling: sampling, seed: seed)
      for _ in 0..<60 { _ = try generator.next() }
      return generator.tokens
    }
    let wild = Sampling(temperature: 1.5)
    #expect(try text(wild, seed: 1) == text(wild, seed: 1))
    #expect(try text(wild, seed: 1) != text(wild, seed: 2))
    #expect(try text(.greedy, seed: 1) == text(.greedy, seed: 2))
    #expect(try text(Sampling(topK: 1), seed: 1) == text(.greedy, seed: 2))
    #expect(try text(Sampling(topP: 1e-9), seed: 1) == text(.greedy, seed: 2))
    #expect(try text(wild, seed: 1).prefix(3) == [1, 2, 3])
  }

  /// Looking at what is expected reads nothing twice.
  @Test func logitsMayBeLookedAtBeforeATokenIsDrawn() throws {
    let model = try Self.model(Self.shapes[0])
    let (looking, other) = (try TokenGenerator(model, after: [1, 2, 3]), try TokenGenerator(model, after: [1, 2, 3]))
    for _ in 0..<6 {
      let logits = try looking.logits()
      #expect(try looking.logits() == logits)
      #expect(try looking.next() == other.next())
    }
    #expect(try looking.logits() == other.logits())
  }

  @Test(arguments: [
    (GPT.Configuration(vocabulary: 28, context: 32, layers: 1, heads: 2, width: 1_000_000_000), "a width and hidden"),
    (GPT.Configuration(vocabulary: 1 << 40, context: 32, layers: 1, heads: 2, width: 32), "a vocabulary and a width"),
    (
      GPT.Configuration(vocabulary: 28, context: 1 << 21, layers: 1, heads: 2, width: 32),
      "a context of at most 1048576"
    ),
    (GPT.Configuration(vocabulary: 28, context: 32, layers: 0, heads: 2, width: 32), "from 1 to 1000 layers"),
    (
      GPT.Configuration(vocabulary: 28, context: 32, layers: 1, heads: 2, width: 1 << 20, hidden: 8),
      "a width and a projection"
    ),
  ])
  func refusesSizesThatNothingHas(_ configuration: GPT.Configuration, problem: String) {
    let error = #expect(throws: ConfigurationError.self) { try GPT(configuration: configuration) }
    #expect(error?.description.contains("expected \(problem)") == true)
  }

  /// Greedy writing must agree with full passes over what the model sees, also beyond the context.
  @Test func writesWhatFullPassesWouldWrite() throws {
    let model = try Self.model(Self.shapes[1])
    let context = model.configuration.context
    let generator = try TokenGenerator(model, after: [4, 4], sampling: .greedy)
    var seen = [4, 4]
    for _ in 0..<70 {
      let logits = model(Tensor(seen.map { Int32($0) }, shape: [1, seen.count]))[0, -1]
      let token = try generator.next()
      let scores = logits.array(of: Float.self)
      #expect(scores[token] > scores.max()! - 1e-4)
      seen.append(token)
      if seen.count > context { seen = Array(seen.suffix(context / 2)) }
    }
  }

  @Test func refusesPromptsItCannotRead() throws {
    let model = try Self.model(Self.shapes[0])
    #expect(throws: EvaluationError("expected a prompt of at least one token, found none")) {
      try TokenGenerator(model, after: [])
    }
    #expect(throws: EvaluationError("expected tokens below 17, found 17")) {
      try TokenGenerator(model, after: [3, 17])
    }
  }
}
