import ArgumentParser
import Descent

extension TrainCommand {
  /// What belongs to series alone.
  struct SeriesArguments: ParsableArguments {
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("For a series: the column to forecast instead of predicting one.", valueName: "column"))
    var series: String?

    @Option(
      parsing: .unconditional, help: ArgumentHelp("For a series: how many values ahead. (required)", valueName: "n"))
    var horizon: String?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "For a series: how many of the last values are seen. (default: its season decides)", valueName: "n"))
    var window: String?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "For a series: after how many values it repeats itself, 1 for never. (default: found out)", valueName: "n"))
    var season: String?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("For a series: the column of dates. (default: the first that is one)", valueName: "column"))
    var dates: String?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("For a series: test on the last so many values. (default: --test-share)", valueName: "n"))
    var testCount: String?

    /// Those that say nothing without a series, and whether they are given.
    var isGiven: [(name: String, isGiven: Bool)] {
      [
        ("--horizon", horizon != nil), ("--window", window != nil), ("--season", season != nil),
        ("--dates", dates != nil), ("--test-count", testCount != nil),
      ]
    }
  }

  /// Refuses options that say nothing of a series.
  func refuseOptionsOfOthers() throws(CommandFailure) {
    let options: [(name: String, isGiven: Bool)] =
      [
        ("--predict", predict != nil), ("--task", task != nil), ("--ignore", !ignore.isEmpty),
        ("--precision", precision != nil), ("--time", time != nil), ("--network", network != nil),
        ("--size", size != nil), ("--augment", augment != nil), ("--no-augment", noAugment),
      ] + textOptions
    guard let option = options.first(where: \.isGiven) else { return }
    throw .usage("\(option.name): with --series there is no such option.")
  }

  /// The options of a series.
  func seriesConfiguration() throws -> SeriesConfiguration {
    let counts = 1...1_000_000
    var result = SeriesConfiguration(horizon: 1)
    if let horizon = forecasting.horizon { result.horizon = try OptionReading("--horizon").whole(horizon, in: counts) }
    if let window = forecasting.window { result.window = try OptionReading("--window").whole(window, in: counts) }
    if let season = forecasting.season { result.season = try OptionReading("--season").whole(season, in: counts) }
    if let count = forecasting.testCount {
      result.testCount = try OptionReading("--test-count").whole(count, in: 1...1_000_000_000)
    }
    result.dates = forecasting.dates
    if let hidden { result.hidden = try OptionReading("--hidden").layerSizes(hidden) }
    if let epochs { result.epochs = try OptionReading("--epochs").whole(epochs, in: 1...1_000_000_000) }
    if let batchSize { result.batchSize = try OptionReading("--batch-size").whole(batchSize, in: 1...1_000_000_000) }
    if let learningRate {
      result.learningRate = try OptionReading("--learning-rate")
        .number(learningRate, in: 1e-12...1000, "a number from 1e-12 to 1000 such as 0.003")
    }
    if let testShare {
      result.testShare = try OptionReading("--test-share").number(testShare, in: 0.01...0.8, "a share from 0.01 to 0.8")
    }
    if let seed { result.seed = try OptionReading("--seed").seed(seed) }
    return result
  }
}
