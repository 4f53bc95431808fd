/// How far forecasts are from what came, in the unit of the series.
public struct SeriesScores: Sendable, Hashable, Codable {
  /// Σ|forecast − value| / n
  public let meanAbsoluteError: Double
  /// √(Σ(forecast − value)² / n)
  public let rootMeanSquaredError: Double
  /// The mean absolute error as a share of that which repeating the value of a season ago, or without a season the last
  /// value, makes on the training values; nil where that makes none. (Hyndman and Koehler, 2006)
  public let scaledError: Double?

  init(errors: [Double], unit: Double) {
    let count = Double(errors.count)
    meanAbsoluteError = errors.reduce(0) { $0 + $1.magnitude } / count
    rootMeanSquaredError = (errors.reduce(0) { $0 + $1 * $1 } / count).squareRoot()
    scaledError = unit > 0 ? meanAbsoluteError / unit : nil
  }
}

/// The scores of one way to forecast, over all steps ahead and for each.
public struct SeriesForecasterScores: Sendable, Hashable, Codable {
  public let name: String
  public let overall: SeriesScores
  /// One step ahead first.
  public let byStep: [SeriesScores]
}

/// The scores of the network and of what it has to beat, from the same values for the same ones.
public struct SeriesTest: Sendable, Hashable, Codable {
  /// The number of forecasts, of as many steps as the horizon each; every value that allows it begins one.
  public let forecastCount: Int
  /// The network first.
  public let scores: [SeriesForecasterScores]

  public var network: SeriesForecasterScores { scores[0] }
  public subscript(name: String) -> SeriesForecasterScores? { scores.first { $0.name == name } }
}
