import Descent

/// Training on a text in words: what was understood, how it goes, how good the result is, and what to do next.
struct TextProseListener: TrainingListener {
  private let isTerminal: Bool
  private var bar = ProgressBar()
  private var stepsOfEpoch = 0

  init(isTerminal: Bool) { self.isTerminal = isTerminal }

  mutating func hear(_ event: TextEvent) {
    switch event {
    case .counted: return
    case .planned(let plan): Output.write(TextPlanText(plan).description + "\n")
    case .progressed(let progress): show(progress)
    case .sampled(let step, let text):
      if isTerminal { bar.clear() }
      let lines = text.split(separator: "\n", omittingEmptySubsequences: true).prefix(6)
      Output.write("  after step \(step) it writes:\n")
      for line in lines { Output.write("    \(printable(String(line)))\n") }
    case .trained(_, let wasCancelled):
      if isTerminal { bar.clear() }
      if wasCancelled { Output.write("Interrupted; the best weights so far are kept.\n") }
    }
  }

  mutating func finish(_ model: TextModel, _ report: TextReport, path: String, page: String?) {
    Output.write(
      """

      Loss on the last \(counted(report.loss.characters, "character")), which were not trained on
      \(LossTable(report).description)
      \(Verdict.text(report))

      Wrote \(path)\(page.map { " and \($0)" } ?? "").
      Next: descent generate \(shellText([path]))\(Self.prompt(for: model.tokenizer)) --temperature 0.8

      """)
  }

  /// A beginning the model can read, as an option; nothing where it knows other characters.
  private static func prompt(for tokenizer: any Tokenizer) -> String {
    let beginning = "Once upon a time"
    return (try? tokenizer.encode(beginning)) == nil ? "" : " --prompt \"\(beginning)\""
  }

  private mutating func show(_ progress: Progress) {
    if isTerminal {
      bar.draw(progress)
    } else if progress.isEpochEnd {
      let step = String(repeating: " ", count: max(0, 6 - "\(progress.step)".count)) + "\(progress.step)"
      Output.write(
        "  step \(step)   loss \(shortText(progress.loss))"
          + (progress.validationLoss.map { "   validation \(shortText($0))" } ?? "") + "\n")
    }
  }
}

/// What was decided before training on a text, for people.
struct TextPlanText: CustomStringConvertible {
  private let plan: TextPlan

  init(_ plan: TextPlan) { self.plan = plan }

  var description: String {
    let lines = [source, "", "Split     \(split)", "Network   \(network)", "Training  \(training)", ""]
    return lines.map(printable).joined(separator: "\n")
  }

  /// The same as sentences.
  var points: [String] { [source, "\(split).", "A \(network).", "\(training)."] }

  private var source: String {
    let network = plan.network
    let tokens = plan.tokenCount + plan.validationTokenCount
    let kind =
      tokens == plan.characterCount
      ? counted(network.vocabulary, "different character")
      : "\(counted(tokens, "token")), \(counted(network.vocabulary, "different one"))"
    return "\(plan.source): \(counted(plan.characterCount, "character")), \(kind)"
  }

  private var split: String {
    let trained = plan.characterCount - plan.validationCharacterCount
    return
      (plan.configuration.shufflesLines
      ? "each different line once, shuffled (seed \(plan.configuration.seed)); " : "")
      + "the first \(counted(trained, "character")) to train, the last \(plan.validationCharacterCount) to measure"
  }

  private var network: String {
    let network = plan.network
    return "GPT of \(counted(network.layers, "layer")), \(counted(network.heads, "head")), \(network.width) wide, "
      + "context \(network.context)" + (network.dropout > 0 ? ", dropout \(shortText(network.dropout))" : "")
      + ", \(counted(plan.parameterCount, "parameter"))"
  }

  private var training: String {
    let c = plan.configuration
    let warmUp = plan.warmUp == 0 ? "" : " after \(counted(plan.warmUp, "step")), then"
    var parts = [
      "AdamW, learning rate \(shortText(plan.learningRate))\(warmUp) along a cosine",
      "\(counted(plan.steps, "step")) of \(plan.batchSize) × \(plan.network.context) tokens, "
        + "\(shortText(plan.passes)) times through the text",
    ]
    let partCount = min(c.accumulation, plan.batchSize)
    if partCount > 1 { parts.append("in \(partCount) parts") }
    if c.recomputes { parts.append("blocks computed again for the gradient") }
    if c.precision != .float32 { parts.append("products in \(c.precision.rawValue)") }
    return parts.joined(separator: ", ")
  }
}

/// The loss of the network beside those of counting.
struct LossTable: CustomStringConvertible {
  static let header = ["", "nats/character", "bits/character"]
  let rows: [[String]]

  init(_ report: TextReport) {
    let counts = report.baselines.map { ("\($0.context) before, counted", $0.loss) }
    rows = ([("network", report.loss.perCharacter)] + counts).map { name, loss in
      [name, shortText(loss), shortText(loss / 0.6931471805599453)]
    }
  }

  var description: String {
    alignedText(header: Self.header, rows: rows, rightAligned: [false, true, true])
  }
}
