import DescentCPU
import DescentCore

/// A series with its parts by time and the windows in each.
struct SeriesData {
  let series: TimeSeries
  let configuration: SeriesConfiguration
  let season: Season?
  let transform: SeriesTransform
  /// The numbers of the values to train, validate and test on, in this order.
  let training: Range<Int>
  let validation: Range<Int>
  let test: Range<Int>
  let prepared: [Double]

  /// Fewer windows teach nothing.
  private static let fewestWindows = 10
  private static let longestSeasonSeen = 64

  init(_ series: TimeSeries, _ configuration: SeriesConfiguration) throws(SeriesError) {
    let values = series.values
    let horizon = configuration.horizon
    let testCount = configuration.testCount ?? max(horizon, Int(configuration.testShare * Double(values.count)))
    let validationCount = max(horizon, Int(configuration.validationShare * Double(values.count)))
    guard testCount >= horizon else {
      throw .configuration(
        ConfigurationProblem(
          "expected at least as many values to test on as the horizon of \(horizon), found \(testCount)",
          of: "testCount", "horizon"))
    }
    let trainingCount = values.count - testCount - validationCount
    let fewest = 2 + horizon + Self.fewestWindows - 1
    guard trainingCount >= fewest else {
      throw .tooShort(
        source: series.source, found: values.count, expected: testCount + validationCount + fewest,
        purpose: "in column \"\(series.name)\" to train, validate and test forecasts of "
          + counted(horizon, "step"))
    }
    training = 0..<trainingCount
    validation = trainingCount..<trainingCount + validationCount
    test = trainingCount + validationCount..<values.count
    let known = Array(values[training])
    guard known.contains(where: { $0 != known[0] }) else {
      throw .constant(source: series.source, column: series.name, value: known[0])
    }
    season = configuration.season.map { Season.given($0) } ?? Season.detected(in: known)
    if let window = configuration.window {
      let windows = trainingCount - window + 1 - horizon
      guard windows >= Self.fewestWindows else {
        throw .tooShort(
          source: series.source, found: values.count, expected: values.count + Self.fewestWindows - windows,
          purpose: "in column \"\(series.name)\" for a window of \(window) and a horizon of \(horizon)")
      }
    }
    if let season = configuration.season, season >= trainingCount {
      throw .tooShort(
        source: series.source, found: values.count, expected: values.count + season + 1 - trainingCount,
        purpose: "in column \"\(series.name)\" for a season of \(season)")
    }
    let lags = Self.lags(configuration, season, trainingCount: trainingCount)
    transform = SeriesTransform(
      training: known, lags: lags, areAllPositive: values.allSatisfy { $0 > 0 },
      block: max(4, min(season?.length ?? 12, trainingCount / 4)))
    prepared = transform.prepared(values)
    self.series = series
    self.configuration = configuration
  }

  /// Two seasons, or one and a value, if the series is long enough; and of a long season the values that are a season
  /// before those to forecast.
  private static func lags(
    _ configuration: SeriesConfiguration, _ season: Season?, trainingCount: Int
  ) -> [Int] {
    if let window = configuration.window { return Array(0..<window) }
    // So that there are windows to learn from.
    let spare = trainingCount - configuration.horizon - fewestWindows + 1
    let most = max(1, min(spare, (trainingCount - configuration.horizon) / 3))
    guard let length = season?.length else { return Array(0..<min(24, most)) }
    if length > longestSeasonSeen {
      let recent = min(32, most)
      let seasonal = (1...configuration.horizon).map { length - ($0 - 1) % length - 1 }
      let reaches = length <= (trainingCount - configuration.horizon) / 2
      return Array(Set(Array(0..<recent) + (reaches ? seasonal : []))).sorted()
    }
    return Array(0..<(2 * length <= most ? 2 * length : min(length + 1, most)))
  }

  // MARK: - Windows

  /// The times from which all values to forecast are in the part.
  func times(_ part: Range<Int>) -> [Int] {
    let first = max(transform.windowCount - 1, part.lowerBound - 1)
    return first < part.upperBound - configuration.horizon
      ? Array(first..<part.upperBound - configuration.horizon) : []
  }

  func inputs(_ times: [Int], dtype: DType = .float32) -> Tensor {
    Tensor(
      times.flatMap { transform.inputs(prepared, at: $0) }, shape: [times.count, transform.lags.count], dtype: dtype)
  }

  func dataset(_ part: Range<Int>) -> Dataset {
    let times = times(part)
    let targets = times.flatMap { transform.targets(prepared, at: $0, horizon: configuration.horizon) }
    return Dataset(
      inputs: inputs(times),
      targets: Tensor(targets, shape: [times.count, configuration.horizon], dtype: .float32))
  }

  // MARK: - Forecasters

  /// Linear regression on what the network sees, by least squares, for each step ahead by itself. It has no use for
  /// validation values, so it learns from these too; the comparison favours it.
  func linear() -> SeriesForecaster {
    let times = times(training.lowerBound..<validation.upperBound)
    let features = inputs(times, dtype: .float64)
    let targets = times.map { transform.targets(prepared, at: $0, horizon: configuration.horizon) }
    let models = LeastSquares.fits(
      features: features, targets: (0..<configuration.horizon).map { step in targets.map { $0[step] } })
    return SeriesForecaster("linear") { [self] times in
      let features = inputs(times, dtype: .float64)
      let answers = models.map { $0.predictions(for: features) }
      return times.indices.map { row in
        transform.forecasts(answers.map { $0[row] }, prepared, at: times[row])
      }
    }
  }

  func plan(for network: Sequential) -> SeriesPlan {
    SeriesPlan(
      column: series.name, source: series.source, valueCount: series.values.count,
      dates: series.dates.map {
        (series.dateColumn ?? "", series.labels.first ?? "", series.labels.last ?? "", $0.stepText)
      },
      irregularStepCount: series.dates?.irregularCount ?? 0, forecastsHaveDates: series.dates?.isRegular ?? false,
      season: season, transform: transform,
      trainingCount: training.count, validationCount: validation.count, testCount: test.count,
      windowCount: times(training).count, configuration: configuration,
      layerSizes: [transform.lags.count] + configuration.hidden + [configuration.horizon],
      parameterCount: network.parameterCount)
  }
}
