import DescentCore
import DescentRules

/// What training on a text reports while it runs.
public enum TextEvent: Sendable {
  /// The losses of counting, for contexts of 0 to 5 characters, measured on the end of the text.
  case counted([TextBaseline])
  case planned(TextPlan)
  case progressed(Progress)
  /// A text the model wrote after a step.
  case sampled(step: Int, text: String)
  case trained(History, wasCancelled: Bool)
}

/// What counting characters comes to.
public struct TextBaseline: Codable, Hashable, Sendable {
  /// The characters of context.
  public let context: Int
  /// Nats a character.
  public let loss: Double
}

/// What training on a text gave, beside the model.
public struct TextReport: Sendable {
  public let plan: TextPlan
  public let baselines: [TextBaseline]
  public let history: History
  public let wasCancelled: Bool
  /// The loss of the best weights on the end of the text, which was not trained on.
  public let loss: TextLoss
  public let samples: [(step: Int, text: String)]
}

extension TextModel {
  /// Trains a GPT to predict the next token of a text.
  ///
  /// The end of the text is kept for measuring. Without a number of steps the network and the steps are chosen so that
  /// training fills the time: a few steps are made first to see how fast the machine is.
  ///
  /// - Parameters:
  ///   - source: what the provenance calls the text.
  ///   - path: what messages and the plan call it; nil takes the name of the source.
  ///   - isCancelled: asked after each step; true ends training with the best weights so far, those of the last step
  ///     among them.
  public static func train(
    _ text: String, configuration: TextConfiguration = TextConfiguration(),
    source: TabularProvenance.Source = TabularProvenance.Source(name: "the text"), path: String? = nil,
    isCancelled: () -> Bool = { false }, progress: (TextEvent) -> Void = { _ in }
  ) throws(TextError) -> (model: TextModel, report: TextReport) {
    try configuration.check()
    let data = try TextData(text, source: path ?? source.name, configuration: configuration)
    let counts = NGramModel(data.trainText, order: 5)
    let baselines = counts.losses(data.validationText).enumerated().map { TextBaseline(context: $0, loss: $1) }
    progress(.counted(baselines))
    var training = try TextTraining(data, configuration)
    progress(.planned(training.plan))
    let (history, wasCancelled) = try training.run(isCancelled: isCancelled, progress: progress)
    progress(.trained(history, wasCancelled: wasCancelled))
    let loss = try TextLoss(of: training.network, data.validation, characters: data.validationText.count)
    let provenance = TextProvenance(
      library: "Descent \(descentVersion)", source: source, characterCount: data.characterCount,
      configuration: configuration, steps: training.stepCount, loss: loss)
    return (
      TextModel(network: training.network, tokenizer: data.tokenizer, provenance: provenance),
      TextReport(
        plan: training.plan, baselines: baselines, history: history, wasCancelled: wasCancelled, loss: loss,
        samples: training.samples)
    )
  }
}

/// Training of one network on one text.
struct TextTraining {
  let data: TextData
  let plan: TextPlan
  let network: GPT
  private(set) var samples: [(step: Int, text: String)] = []
  private(set) var stepCount = 0

  init(_ data: TextData, _ c: TextConfiguration) throws(TextError) {
    self.data = data
    let speed = c.steps == nil ? try Self.measuredSpeed(data, c) : nil
    var (shape, batchSize) = data.network(c, operations: speed.map { $0 * c.seconds })
    try shape.checkMemory(c, batchSize: batchSize)
    let tokensOfStep = Double(batchSize * shape.context)
    let steps: Int
    if let wanted = c.steps {
      steps = wanted
    } else {
      // A twelfth of the time goes into measuring and samples.
      let seconds = try Self.secondsPerStep(shape, data, c, batchSize: batchSize)
      steps = max(20, Int(c.seconds * 11 / 12 / seconds))
    }
    let passes = Double(steps) * tokensOfStep / Double(data.train.count)
    if c.dropout == nil && passes > 10 { shape.dropout = 0.1 }
    network = Self.makeNetwork(shape, c)
    plan = TextPlan(
      source: data.source, characterCount: data.characterCount, validationCharacterCount: data.validationText.count,
      tokenCount: data.train.count, validationTokenCount: data.validation.count, network: shape,
      parameterCount: network.parameterCount, batchSize: batchSize, steps: steps,
      interval: Self.interval(ofSteps: steps), warmUp: c.warmUp ?? min(100, steps / 20),
      learningRate: c.learningRate ?? min(3e-3, 0.384 / Double(shape.width)), passes: passes, configuration: c)
  }

  private static func makeNetwork(_ shape: GPT.Configuration, _ c: TextConfiguration) -> GPT {
    var network = withSeed(c.seed) { GPT(shape) }
    network.recomputesBlocks = c.recomputes
    return network
  }

  /// Steps from one measurement to the next: at least eight measurements, and one every 250 steps.
  static func interval(ofSteps steps: Int) -> Int {
    let intervals = max(min(8, steps), (steps + 249) / 250)
    return (steps + intervals - 1) / intervals
  }

  mutating func run(
    isCancelled: () -> Bool, progress: (TextEvent) -> Void
  ) throws(TextError) -> (History, wasCancelled: Bool) {
    let trainer: Trainer<GPT>
    do { trainer = try makeTrainer() } catch { throw .training(error) }
    var (wasCancelled, quarter) = (false, 0)
    while stepCount < plan.steps && !wasCancelled {
      var report: Progress?
      do {
        report = try trainer.advance()
        stepCount = trainer.step.stepCount
        wasCancelled = stepCount < plan.steps && isCancelled()
        // The last interval may be a shorter one, whose steps count all the same.
        if wasCancelled {
          report = try trainer.stopWithinEpoch() ?? report
          // The last step is undone where it has gone astray.
          stepCount = trainer.step.stepCount
        } else if stepCount == plan.steps {
          report = try trainer.endEpoch() ?? report
        }
      } catch {
        throw .training(error)
      }
      if let report { progress(.progressed(report)) }
      let reached = 4 * stepCount / plan.steps
      guard report?.isEpochEnd ?? false, reached > quarter else { continue }
      quarter = reached
      let sample = try network.continuation(
        of: "", tokens: 160, data.tokenizer, sampling: Sampling(temperature: 0.8), seed: plan.configuration.seed)
      samples.append((stepCount, sample))
      progress(.sampled(step: stepCount, text: sample))
    }
    trainer.stop()
    return (trainer.history, wasCancelled)
  }

  private func makeTrainer() throws(TrainingError) -> Trainer<GPT> {
    let c = plan.configuration, context = plan.network.context
    let windows = TokenWindows(data.train, context: context, drawing: plan.interval * plan.batchSize, seed: c.seed)
    // An estimate while training: the whole end of the text is measured once, at the end.
    let measured = TokenWindows(data.validation, context: context, limit: max(1, 20_000 / context))
    let epochs = (plan.steps + plan.interval - 1) / plan.interval
    let schedule: Schedule = .warmUp(
      max(1, plan.warmUp),
      then: .cosine(
        plan.learningRate, period: max(1, plan.steps - plan.warmUp), minimum: plan.learningRate / 10))
    return try Trainer(
      network, on: Dataset(windows), validation: Dataset(measured),
      optimizer: .adamW(
        learningRate: schedule, beta2: 0.99, weightDecay: c.weightDecay, clipping: .globalNorm(c.clipping)),
      options: TrainingOptions(
        epochs: epochs, batchSize: plan.batchSize, shuffles: false, seed: c.seed,
        earlyStopping: EarlyStopping(patience: epochs), accumulation: min(c.accumulation, plan.batchSize),
        precision: c.precision, reportInterval: 10),
      loss: tokenLoss)
  }

  // MARK: - How fast the machine is

  /// Floating-point operations a second in steps of a small network.
  private static func measuredSpeed(_ data: TextData, _ c: TextConfiguration) throws(TextError) -> Double {
    var probe = c
    (probe.layers, probe.width, probe.heads) = (2, 128, 4)
    let (shape, batchSize) = data.network(probe, operations: nil)
    let seconds = try secondsPerStep(shape, data, c, batchSize: batchSize)
    // Vectors of places are added, which takes next to nothing.
    let parameters = shape.parameterCount - Double(shape.context * shape.width)
    return 6 * parameters * Double(batchSize * shape.context) / seconds
  }

  /// The time of a step, of steps whose result is thrown away.
  private static func secondsPerStep(
    _ shape: GPT.Configuration, _ data: TextData, _ c: TextConfiguration, batchSize: Int
  ) throws(TextError) -> Double {
    do {
      let step = try CompiledStep(
        makeNetwork(shape, c), .adamW(), accumulation: min(c.accumulation, batchSize), precision: c.precision,
        loss: tokenLoss)
      let batch = Dataset(TokenWindows(data.train, context: shape.context, drawing: batchSize, seed: 1))
        .batches(of: batchSize)[0]
      for _ in 0..<2 { try step(batch) }
      let start = ContinuousClock.now
      var (count, elapsed) = (0, Duration.zero)
      while elapsed < .milliseconds(min(500, 20 * c.seconds)) || count < 2 {
        try step(batch)
        count += 1
        elapsed = .now - start
      }
      let (seconds, attoseconds) = elapsed.components
      return (Double(seconds) + Double(attoseconds) * 1e-18) / Double(count)
    } catch {
      throw .training(error)
    }
  }
}

extension GPT.Configuration {
  /// The number of parameters of such a network, as a real number, because that of sizes nobody has need not be whole.
  package var parameterCount: Double {
    let (width, hidden) = (Double(width), Double(hidden))
    let keyValueWidth = Double(keyValueHeads) * (width / Double(heads)).rounded(.down)
    let projections = width * (2 * width + 2 * keyValueWidth + 2 * hidden)
    let biases = bias ? 3 * width + 2 * keyValueWidth + hidden : 0
    let tables = Double(vocabulary) * (isTied ? 1 : 2) + (rotaryBase == nil ? Double(context) : 0)
    return Double(layers) * (projections + biases + 4 * width) + width * tables + 2 * width
  }

  /// Refuses what cannot be made, or would not fit into the free memory of this machine while it is trained.
  fileprivate func checkMemory(_ c: TextConfiguration, batchSize: Int) throws(TextError) {
    do {
      try check()
    } catch {
      let isDivided = heads > 0 && width % heads == 0
      throw .configuration(
        ConfigurationProblem(
          error.description, of: isDivided ? ["width", "context", "layers", "tokens"] : ["heads", "width"]))
    }
    // Weights, their best values and those to go back to, gradients, and what the optimizer remembers of both kinds.
    let bytes = 4 * 7 * parameterCount, most = AvailableMemory.bytes
    let free = "\(AvailableMemory.text(ofBytes: most)) that are free on this machine"
    guard bytes < most else {
      throw .configuration(
        ConfigurationProblem(
          "expected a network that can be trained in the \(free), found one of "
            + "\(shortText(parameterCount)) parameters, which takes \(AvailableMemory.text(ofBytes: bytes))",
          of: "width", "layers", "tokens"))
    }
    // Computed one after the other, parts of a batch take the memory of one.
    let sequences = (batchSize + c.accumulation - 1) / c.accumulation
    let batchBytes = Double(sequences) * Double(context) * leastBytesOfToken(recomputes: c.recomputes)
    guard bytes + batchBytes < most else {
      throw .configuration(
        ConfigurationProblem(
          "expected a batch that fits into the \(free), found one of "
            + "\(counted(sequences, "sequence")), which takes at least "
            + "\(AvailableMemory.text(ofBytes: bytes + batchBytes)) with the network; a smaller one, or one in more parts, "
            + "helps", of: "batchSize", "context", "accumulation"))
    }
  }

  /// What the gradient needs of each token at the least: what goes into the products of a block, and the logits.
  private func leastBytesOfToken(recomputes: Bool) -> Double {
    let block = 6 * Double(width) + 2 * Double(hidden)
    let blocks = recomputes ? Double(layers) * Double(width) + block : Double(layers) * block
    return 4 * (blocks + 2 * Double(vocabulary))
  }
}

/// The cross-entropy of each next token.
func tokenLoss(_ model: GPT, _ batch: Batch) -> Tensor {
  softmaxCrossEntropy(logits: model(batch.inputs), targets: batch.targets)
}
