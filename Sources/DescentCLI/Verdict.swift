import Descent

/// Whether the network is worth having, in one sentence.
enum Verdict {
  /// By accuracy, which all that it is compared with have.
  static func text(_ test: ImageTest) -> String {
    let rivals = ScoreTable.rivals(test).map { ($0.name, $0.scores["accuracy"] ?? 0) }
    // The first of those that are equal: it takes more of the images into account than those behind it.
    guard
      let best = rivals.dropFirst().enumerated().max(by: { ($0.element.1, -$0.offset) < ($1.element.1, -$1.offset) })
    else { return "" }
    return text(
      isBetter: rivals[0].1 > best.element.1, than: best.element.0,
      otherwise: ", by accuracy: \(advice(isLast: best.element.0 == rivals.last?.0))")
  }

  /// - Parameter isLast: whether the best of the others is the last one, which looks at nothing that it is given.
  private static func advice(isLast: Bool) -> String { isLast ? "it is of no use yet" : "that is what to use" }

  /// By the log loss, which tells those apart that are right as often, or of numbers by the root mean squared error.
  static func text(_ test: TabularTest, _ task: PredictionTask) -> String {
    let measure = task == .regression ? "rootMeanSquaredError" : "logLoss"
    let rivals = ScoreTable.rivals(test, task).map { (name: $0.name, loss: $0.scores[measure] ?? .infinity) }
    // The first of equal ones is the linear model, which takes the columns into account.
    guard let best = rivals.dropFirst().min(by: { $0.loss < $1.loss }) else { return "" }
    return text(
      isBetter: rivals[0].loss < best.loss, than: best.name,
      otherwise: ", by \(ScoreTable.title(measure)): \(advice(isLast: best.name == rivals.last?.name))")
  }

  static func text(_ report: TextReport) -> String {
    guard let best = report.baselines.min(by: { $0.loss < $1.loss }) else { return "" }
    return text(
      isBetter: report.loss.perCharacter < best.loss,
      than: "counting with \(counted(best.context, "character")) before",
      otherwise: ": it needs more steps, or more text")
  }

  static func text(_ test: SeriesTest) -> String {
    let best = test.scores.dropFirst().min {
      $0.overall.rootMeanSquaredError < $1.overall.rootMeanSquaredError
    }
    guard let best else { return "" }
    return text(
      isBetter: test.network.overall.rootMeanSquaredError < best.overall.rootMeanSquaredError, than: best.name,
      otherwise: ": that is what to use")
  }

  private static func text(isBetter: Bool, than best: String, otherwise advice: String) -> String {
    isBetter
      ? "The network is better than the best of the others, \(best)."
      : "The network is not better than \(best)\(advice)."
  }
}
