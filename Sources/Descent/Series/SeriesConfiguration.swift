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
    let counts = [horizon, window ?? 1, season ?? 1, epochs, batchSize, patience, testCount ?? 1] + hidden
    guard counts.allSatisfy({ 1...1_000_000_000 ~= $0 }) else {
      throw .configuration(
        ConfigurationProblem(
          "expected a horizon, window, season, epochs, batchSize, patience, testCount and sizes of hidden layers from 1 to "
            + "1000000000",
          of: "horizon", "window", "season", "epochs", "batchSize", "patience", "testCount", "hidden"))
    }
    guard testShare > 0, validationShare > 0, testShare + validationShare < 1 else {
      throw .configuration(
        ConfigurationProblem(
          "expected validationShare and testShare above 0 that leave values for training, found \(validationShare) and "
            + "\(testShare)", of: "testShare", "validationShare"))
    }
    guard learningRate > 0, learningRate.isFinite, weightDecay >= 0, weightDecay.isFinite else {
      throw .configuration(
        ConfigurationProblem(
          "expected a learningRate above 0 and a weightDecay of at least 0, found \(learningRate) and \(weightDecay)",
          of: "learningRate", "weightDecay"))
    }
  }
}
