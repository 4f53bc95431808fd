import Descent

/// Training in words: what was understood, how it goes, how good the result is, and what to do next.
struct TextListener: TrainingListener {
  private let isTerminal: Bool
  private var bar = ProgressBar()

  init(isTerminal: Bool) { self.isTerminal = isTerminal }

  mutating func hear(_ event: TabularEvent) {
    switch event {
    case .planned(let plan): Output.write(PlanText(plan).description + "\n")
    case .progressed(let progress): show(progress)
    case .trained(let history, let wasCancelled):
      if isTerminal { bar.clear() }
      if !isTerminal, let last = history.epochs.last, !Self.isMilestone(last.number) {
        Output.write(Self.line(last.number, of: last.number, last.loss, last.validationLoss) + "\n")
      }
      Output.write(Self.ending(history, wasCancelled: wasCancelled) + "\n")
    }
  }

  mutating func finish(_ model: TabularModel, _ report: TabularReport, path: String) {
    Output.write(
      """

      Scores on the \(counted(report.test.rowCount, "test row")), which nothing was fitted to
      \(ScoreTable(report.test, task: model.task).description)
      Wrote \(path).
      Next: descent predict \(path) NEW.csv

      """)
  }

  private mutating func show(_ progress: Progress) {
    if isTerminal {
      bar.draw(progress)
    } else if progress.isEpochEnd, Self.isMilestone(progress.epoch) {
      Output.write(Self.line(progress.epoch, of: progress.epochs, progress.loss, progress.validationLoss) + "\n")
    }
  }

  /// 1, 2, 5, 10, 20, 50, …: enough to see the course of training, whatever its length.
  private static func isMilestone(_ epoch: Int) -> Bool {
    var rest = epoch
    while rest % 10 == 0 { rest /= 10 }
    return rest == 1 || rest == 2 || rest == 5
  }

  private static func line(_ epoch: Int, of epochs: Int, _ loss: Double, _ validationLoss: Double?) -> String {
    let number = String(repeating: " ", count: max(0, 5 - "\(epoch)".count)) + "\(epoch)"
    return "  epoch \(number)   loss \(shortText(loss))"
      + (validationLoss.map { "   validation \(shortText($0))" } ?? "")
  }

  private static func ending(_ history: History, wasCancelled: Bool) -> String {
    let done = history.epochs.count
    let reason =
      wasCancelled
      ? "Interrupted: stopped after epoch \(done)"
      : history.stoppedEarly
        ? "Stopped after epoch \(done)"
        : "Done after \(counted(done, "epoch"))"
    guard let best = history.epochs.first(where: { $0.number == history.bestEpoch }) else { return reason + "." }
    let loss = best.validationLoss.map { " (validation loss \(shortText($0)))" } ?? ""
    return "\(reason); the best, epoch \(best.number)\(loss), is kept."
  }
}

/// How far training is, in one line that is drawn again in its place.
struct ProgressBar {
  private var lastDrawing: ContinuousClock.Instant?
  private var validationLoss: Double?

  mutating func draw(_ progress: Progress) {
    if let loss = progress.validationLoss { validationLoss = loss }
    let now = ContinuousClock.now
    if let lastDrawing, now - lastDrawing < .milliseconds(50) { return }
    lastDrawing = now
    Output.write("\r\(text(progress).prefix(Output.terminalWidth - 1))\u{1B}[K")
  }

  mutating func clear() { Output.write("\r\u{1B}[K") }

  private func text(_ progress: Progress) -> String {
    let width = 10
    let filled = Int(progress.fraction * Double(width))
    let bar = String(repeating: "━", count: filled) + String(repeating: "─", count: width - filled)
    var parts = ["\(progress.epoch)/\(progress.epochs) \(bar)", "loss \(shortText(progress.loss))"]
    if let validationLoss { parts.append("validation \(shortText(validationLoss))") }
    if progress.seconds > 0, progress.fraction > 0 {
      parts.append("\(wholeText(Double(progress.step) / progress.seconds)) steps/s")
      let left = progress.seconds * (1 - progress.fraction) / progress.fraction
      parts.append("≤ \(left < 90 ? "\(wholeText(left)) s" : "\(wholeText(left / 60)) min")")
    }
    return parts.joined(separator: "  ")
  }

  private func wholeText(_ value: Double) -> String { value < 1e15 ? "\(Int(value.rounded()))" : "\(value)" }
}
