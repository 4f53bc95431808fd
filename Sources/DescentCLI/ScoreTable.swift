import Descent

/// Scores side by side, for people.
struct ScoreTable: CustomStringConvertible {
  let description: String

  /// The network beside what it has to beat.
  init(_ test: TabularTest, task: PredictionTask) { self.init(Self.rivals(test, task)) }

  /// The network and what it has to beat, by name.
  static func rivals(_ test: TabularTest, _ task: PredictionTask) -> [(name: String, scores: TabularScores)] {
    let isRegression = task == .regression
    return [
      ("network", test.network), (isRegression ? "linear regression" : "logistic regression", test.linear),
      (isRegression ? "mean" : "majority class", test.trivial),
    ]
  }

  /// The network beside what it has to beat; these give no probabilities.
  init(_ test: ImageTest) { self.init(Self.rivals(test)) }

  static func rivals(_ test: ImageTest) -> [(name: String, scores: TabularScores)] {
    [
      ("network", test.network), ("ridge regression on pixels", test.ridge), ("nearest class mean", test.nearestMean),
      ("majority class", test.majority),
    ]
  }

  init(_ scores: [(name: String, scores: TabularScores)]) {
    let names = scores.first?.scores.all.map(\.name) ?? []
    description = alignedText(
      header: [""] + names.map(Self.title),
      rows: scores.map { row in [row.name] + names.map { row.scores[$0].map(shortText) ?? "–" } },
      rightAligned: [false] + names.map { _ in true })
  }

  static func title(_ name: String) -> String {
    switch name {
    case "rSquared": "R²"
    case "meanAbsoluteError": "mean absolute error"
    case "rootMeanSquaredError": "root mean squared error"
    case "balancedAccuracy": "balanced accuracy"
    case "logLoss": "log loss"
    case "rocAUC": "ROC AUC"
    default: name
    }
  }
}
