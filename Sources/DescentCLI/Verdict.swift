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
    let name = best.element.0
    return rivals[0].1 > best.element.1
      ? "The network is better than the best of the others, \(name)."
      : "The network is not better than \(name), by accuracy: it is of no use yet."
  }

  static func text(_ report: TextReport) -> String {
    guard let best = report.baselines.min(by: { $0.loss < $1.loss }) else { return "" }
    let name = "counting with \(counted(best.context, "character")) before"
    return report.loss.perCharacter < best.loss
      ? "The network is better than the best of the others, \(name)."
      : "The network is not better than \(name): it needs more steps, or more text."
  }

  static func text(_ test: SeriesTest) -> String {
    let best = test.scores.dropFirst().min {
      $0.overall.rootMeanSquaredError < $1.overall.rootMeanSquaredError
    }
    guard let best else { return "" }
    let network = test.network.overall.rootMeanSquaredError
    return network < best.overall.rootMeanSquaredError
      ? "The network is better than the best of the others, \(best.name)."
      : "The network is not better than \(best.name): that is what to use."
  }
}
