/// What was understood of a series before training on it.
public struct SeriesPlan: Sendable {
  public let column: String
  public let source: String
  public let valueCount: Int
  /// The column of dates, the first and the last of them, and what most often lies between two, such as `1 month`.
  public let dates: (column: String, first: String, last: String, step: String)?
  /// How many steps between dates are others than most.
  public let irregularStepCount: Int
  /// Whether forecasts go on with the dates: not where more than a twentieth of the steps differ from most.
  public let forecastsHaveDates: Bool
  public let season: Season?
  public let transform: SeriesTransform
  public let trainingCount: Int
  public let validationCount: Int
  public let testCount: Int
  /// The windows to train on.
  public let windowCount: Int
  public let configuration: SeriesConfiguration
  /// The sizes of the layers from the lags to the steps of the forecast.
  public let layerSizes: [Int]
  public let parameterCount: Int
}

/// What training gave, beside the model.
public struct SeriesReport: Sendable {
  public let plan: SeriesPlan
  public let history: History
  /// Whether it was asked to stop before its time.
  public let wasCancelled: Bool
  public let test: SeriesTest
  /// For pictures: the values with their names, and of each forecaster its forecasts of the test part, one step ahead.
  public let values: [Double]
  public let labels: [String]
  public let oneStepForecasts: [(name: String, values: [Double])]
  /// The number of the first value that these forecasts are of.
  public let forecastStart: Int
  /// What the model forecasts after the last value.
  public let forecast: SeriesForecast
}

/// Values that are still to come.
public struct SeriesForecast: Sendable {
  public let column: String
  /// The dates of the values, or the numbers of their rows.
  public let labels: [String]
  /// The column whose dates the labels go on with; nil where they are numbers.
  public let dateColumn: String?
  /// The column of dates whose steps differ too much to go on with; else nil.
  public let irregularDateColumn: String?
  public let values: [Double]
}

/// What training on a series reports while it runs.
public enum SeriesEvent: Sendable {
  case planned(SeriesPlan)
  case progressed(Progress)
  case trained(History, wasCancelled: Bool)
}
