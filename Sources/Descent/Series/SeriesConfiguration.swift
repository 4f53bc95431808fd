/// How a model of a series is made and trained; the defaults suit most series.
public struct SeriesConfiguration: Sendable, Hashable, Codable {
  /// How many values ahead it forecasts.
  public var horizon: Int
  /// How many of the last values it sees; nil chooses by the season and the length of the series.
  public var window: Int?
  /// After how many values the series repeats itself, 1 for never; nil finds out.
  public var season: Int?
  /// The column of dates; nil takes the first that holds dates alone, if there is one.
  public var dates: String?
  /// The sizes of the hidden layers beside the linear one; none makes the model linear.
  public var hidden: [Int] = [32]
  /// At most so many passes over the training windows.
  public var epochs = 500
  public var batchSize = 32
  public var learningRate = 3e-3
  /// Decoupled weight decay (AdamW).
  public var weightDecay = 0.1
  /// Training stops after so many epochs without a lower validation loss.
  public var patience = 50
  /// The last values, to test on; nil takes `testShare` of all.
  public var testCount: Int?
  public var testShare = 0.2
  /// The share of all values, those before the ones to test on, for early stopping.
  public var validationShare = 0.15
  /// What the initial weights and the order of the windows follow from.
  public var seed: UInt64 = 0

  public init(horizon: Int) { self.horizon = horizon }

  func check() throws(SeriesError) {
    let problems: [ConfigurationProblem?] = [
      .outsideCounts([
        "horizon": [horizon], "window": [window], "season": [season], "epochs": [epochs], "batchSize": [batchSize],
        "patience": [patience], "testCount": [testCount], "hidden": hidden,
      ]),
      .ofShares(validation: validationShare, test: testShare, of: "values"),
      .outside(.above0, ["learningRate": [learningRate]]),
      .outside(.atLeast0, ["weightDecay": [weightDecay]]),
    ]
    for case let problem? in problems { throw .configuration(problem) }
  }
}
