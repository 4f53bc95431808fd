import DescentCPU
import DescentCore

/// A network that forecasts the next values of a series, with all it needs for that, and where it came from.
///
/// ```swift
/// let table = try Table(csv: "airline.csv")
/// let (model, report) = try SeriesModel.train(
///   table, series: "Passengers", configuration: SeriesConfiguration(horizon: 12))
/// print(report.test.network.overall.rootMeanSquaredError)
/// let next = try model.forecast(table).values
/// ```
public struct SeriesModel: Sendable {
  public let network: Sequential
  public let transform: SeriesTransform
  public let season: Season?
  public let provenance: SeriesProvenance

  /// The column whose values it forecasts, and how many of them.
  public var column: String { provenance.column }
  public var horizon: Int { provenance.configuration.horizon }

  /// Forecasts the values after the last of a table.
  public func forecast(_ table: Table) throws(SeriesError) -> SeriesForecast {
    let series = try series(in: table, atLeast: transform.windowCount, purpose: "to forecast the next ones from")
    let last = series.values.count - 1
    // Later values alone decide, so that a long table takes no more time.
    let window = Array(series.values.suffix(transform.windowCount))
    let values = try forecasts(transform.prepared(window), times: [window.count - 1], source: table.source)[0]
    let labels = series.nextLabels(horizon)
    return SeriesForecast(
      column: column, labels: labels.texts, dateColumn: labels.areDates ? series.dateColumn : nil,
      irregularDateColumn: labels.areDates ? nil : series.dateColumn, values: last >= 0 ? values : [])
  }

  /// Scores forecasts from every value of a table that enough others stand before and behind, beside those of the
  /// baselines that need no learning.
  public func evaluate(_ table: Table) throws(SeriesError) -> SeriesTest {
    let first = max(transform.windowCount, season?.length ?? 1)
    let series = try series(
      in: table, atLeast: first + horizon, purpose: "to forecast from and to compare forecasts with")
    let values = series.values
    let prepared = transform.prepared(values)
    let network = SeriesForecaster("network") { times throws(SeriesError) in
      try forecasts(prepared, times: times, source: table.source)
    }
    return try SeriesForecasts(
      [network] + SeriesForecaster.naive(values, horizon: horizon, season: season),
      times: Array(first - 1..<values.count - horizon)
    ).test(values: values, horizon: horizon, unit: provenance.unit)
  }

  private func series(
    in table: Table, atLeast count: Int, purpose: String
  ) throws(SeriesError) -> TimeSeries {
    let dates = provenance.configuration.dates ?? provenance.dateColumn
    let series = try TimeSeries(table, column: column, dates: dates)
    guard series.values.count >= count else {
      throw .tooShort(source: table.source, found: series.values.count, expected: count, purpose: purpose)
    }
    if transform.usesLogarithm, let row = series.values.firstIndex(where: { $0 <= 0 }) {
      throw .expectedPositive(place: table.place(row: row, column: column), found: series.values[row])
    }
    return series
  }

  func forecasts(_ prepared: [Double], times: [Int], source: String) throws(SeriesError) -> [[Double]] {
    let inputs = times.flatMap { transform.inputs(prepared, at: $0) }
    let answers: [Double]
    do {
      answers = try network.predict(Tensor(inputs, shape: [times.count, transform.lags.count], dtype: .float32))
        .array(of: Double.self)
    } catch {
      throw .evaluation(error)
    }
    let forecasts = times.enumerated().map { row, time in
      transform.forecasts(answers[row * horizon..<(row + 1) * horizon], prepared, at: time)
    }
    guard forecasts.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
      throw .nonFiniteForecast(source: source, column: column)
    }
    return forecasts
  }
}

/// Where a model of a series came from: all that is needed to make it again, and how good it was.
public struct SeriesProvenance: Sendable, Hashable, Codable {
  public let library: String
  public let source: TabularProvenance.Source
  public let column: String
  public let dateColumn: String?
  public let valueCount: Int
  public let trainingCount: Int
  public let validationCount: Int
  public let testCount: Int
  public let configuration: SeriesConfiguration
  public let epochs: Int
  public let bestEpoch: Int
  /// What `SeriesScores.scaledError` is a share of.
  public let unit: Double
  public let test: SeriesTest
}
