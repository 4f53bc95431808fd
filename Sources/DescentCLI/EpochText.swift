import Descent

/// The course of training in words: a bar on a terminal, elsewhere lines, and how it ended.
struct EpochText {
  /// What ended training.
  enum End { case done, cancelled, outOfTime }

  let isTerminal: Bool
  /// Whether each epoch has a line, if there are not many.
  var showsAll = false
  private var mostEpochs = 0
  private var bar = ProgressBar()

  init(isTerminal: Bool, showsAll: Bool = false) {
    self.isTerminal = isTerminal
    self.showsAll = showsAll
  }

  mutating func show(_ progress: Progress) {
    mostEpochs = progress.epochs
    if isTerminal {
      bar.draw(progress)
    } else if progress.isEpochEnd, isShown(progress.epoch, of: progress.epochs) {
      Output.write(Self.line(progress.epoch, progress.loss, progress.validationLoss, progress.metrics) + "\n")
    }
  }

  /// What is to be said of the end of training.
  mutating func end(_ history: History, _ end: End) {
    if isTerminal { bar.clear() }
    if !isTerminal, let last = history.epochs.last, !isShown(last.number, of: mostEpochs) {
      Output.write(Self.line(last.number, last.loss, last.validationLoss, last.metrics) + "\n")
    }
    Output.write(Self.ending(history, end) + "\n")
  }

  /// Every epoch where they are few and long; else 1, 2, 5, 10, 20, 50, …: enough to see the course of training.
  private func isShown(_ epoch: Int, of epochs: Int) -> Bool {
    if showsAll && epochs <= 50 { return true }
    var rest = epoch
    while rest % 10 == 0 { rest /= 10 }
    return rest == 1 || rest == 2 || rest == 5
  }

  private static func line(
    _ epoch: Int, _ loss: Double, _ validationLoss: Double?, _ metrics: [String: Double]
  ) -> String {
    let number = String(repeating: " ", count: max(0, 5 - "\(epoch)".count)) + "\(epoch)"
    return "  epoch \(number)   loss \(shortText(loss))"
      + (validationLoss.map { "   validation \(shortText($0))" } ?? "")
      + metrics.sorted { $0.key < $1.key }.map { "   \($0.key) \(shortText($0.value))" }.joined()
  }

  private static func ending(_ history: History, _ end: End) -> String {
    let done = history.epochs.count
    let reason =
      switch end {
      case .cancelled: "Interrupted in epoch \(done)"
      case .outOfTime: "Out of time in epoch \(done)"
      case .done: history.stoppedEarly ? "Stopped after epoch \(done)" : "Done after \(counted(done, "epoch"))"
      }
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
