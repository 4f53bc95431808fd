import Descent
import DescentPlots

/// What training on a text gave, as a page: how it learned, what it writes, and what it looks at.
struct TextReportPage {
  private let model: TextModel
  private let report: TextReport
  private let example: [Int]

  private static let shownTokens = 32

  /// - Parameter text: what was trained on, of which the end is shown under attention.
  init(_ model: TextModel, _ report: TextReport, text: String) {
    self.model = model
    self.report = report
    let end = String(text.unicodeScalars.suffix(8 * Self.shownTokens))
    example = ((try? model.tokenizer.encode(end)) ?? []).suffix(
      min(Self.shownTokens, model.network.configuration.context))
  }

  func html(source: String, words: [String]) -> String {
    let best = report.baselines.map(\.loss).min() ?? .nan
    let loss = report.loss
    let blocks: [any ReportBlock] = [
      KeyFacts([
        "nats a character": shortText(loss.perCharacter), "bits a character": shortText(loss.bitsPerCharacter),
        "the best of counting, nats": shortText(best), "parameters": "\(report.plan.parameterCount)",
        "steps": "\(model.provenance.steps)", "times through the text": shortText(report.plan.passes),
      ]),
      Points(TextPlanText(report.plan).points), Prose(Verdict.text(report)), learning, written, attention,
      Section("Once more") {
        CodeBlock(
          shellText(["descent"] + repeating(words)),
          caption: report.wasCancelled
            ? Repetition.interrupted("after \(counted(model.provenance.steps, "step"))")
            : "With the number of steps the same seed gives the same model:")
      },
    ]
    return Report(
      source, subtitle: "A language model that predicts the next token", footer: "Made by \(model.provenance.library).",
      blocks: blocks
    ).html()
  }

  /// The words of the command with what fixes the number of steps, where the time did.
  private func repeating(_ words: [String]) -> [String] {
    let plan = report.plan, network = plan.network
    if report.wasCancelled { return words }
    guard plan.configuration.steps == nil else { return Repetition.words(words, with: [], without: ["--time"]) }
    return Repetition.words(
      words,
      with: [
        ("--steps", "\(plan.steps)"), ("--layers", "\(network.layers)"), ("--heads", "\(network.heads)"),
        ("--width", "\(network.width)"), ("--context", "\(network.context)"), ("--batch-size", "\(plan.batchSize)"),
        ("--dropout", "\(network.dropout)"),
      ], without: ["--time"])
  }

  private var learning: Section {
    let steps = report.history.epochs.indices.map {
      Double(min(($0 + 1) * report.plan.interval, model.provenance.steps))
    }
    let isOfCharacters = report.loss.tokens == report.loss.characters
    let counts = report.baselines.filter {
      [1, 3].contains($0.context) || $0.loss == report.baselines.map(\.loss).min()
    }
    let marks = counts.map { PlotMark.horizontal($0.loss, "\($0.context) before, counted") }
    return Section("Learning") {
      LineChart(
        "Loss", x: Axis("step", isWhole: true), y: Axis("nats a token"),
        series: [
          PlotSeries("training", x: steps, y: report.history["loss"]),
          PlotSeries("end of the text, a part of it", x: steps, y: report.history["validationLoss"]),
        ], marks: isOfCharacters ? marks : [],
        note: "Training loss is the mean since the point before.")
      DataTable(
        LossTable.header, rows: LossTable(report).rows,
        caption:
          "On the last \(counted(report.loss.characters, "character")), which were not trained on. Counting is a table of what "
          + "followed so many characters before, falling back on fewer where they are rare.")
    }
  }

  private var written: Section {
    Section("What it writes") {
      TextSamples(report.samples.map { (title: "after step \($0.step)", text: $0.text) })
    }
  }

  private var attention: Section {
    let names = example.map { token in
      let text = (try? model.tokenizer.decode([token])) ?? "?"
      return text == "\n" ? "↵" : text == " " ? "␣" : text
    }
    let maps = model.network.attentionWeights(Tensor(example.map { Int32($0) }, shape: [1, example.count]))
    let charts = maps.enumerated().map { layer, weights -> any ReportBlock in
      // The mean over heads, so that a layer is one picture.
      let mean = weights.mean(axes: [0, 1]).array(of: Float.self)
      let rows = names.indices.map { row in names.indices.map { Double(mean[row * names.count + $0]) } }
      return HeatMap(
        "Layer \(layer + 1), mean of its heads", rowTitle: "from", rows: names, columnTitle: "to", columns: names,
        values: rows, texts: rows.map { $0.map { _ in "" } }, range: 0...1)
    }
    return Section(
      "What it looks at",
      blocks: [Prose("How much each token at the end of the text attends to those before it: a row sums to 1.")]
        + charts)
  }
}
