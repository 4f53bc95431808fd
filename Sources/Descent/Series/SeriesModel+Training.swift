import DescentCore
import DescentRules

extension SeriesModel {
  /// Does what a careful practitioner does with a series: splits it by time, decides on the training part alone what to
  /// learn from, trains a network on windows of past values with early stopping on the values that follow, and scores
  /// it on the last ones beside baselines.
  ///
  /// - Parameters:
  ///   - source: what the provenance says of the data; nil takes the table's source.
  ///   - isCancelled: asked after each step; true ends training with the best weights so far, those of the last step
  ///     among them.
  ///   - progress: called with the plan, during each epoch and at its end.
  public static func train(
    _ table: Table, series column: String, configuration: SeriesConfiguration,
    source: TabularProvenance.Source? = nil, isCancelled: () -> Bool = { false },
    progress: (SeriesEvent) -> Void = { _ in }
  ) throws(SeriesError) -> (model: SeriesModel, report: SeriesReport) {
    try configuration.check()
    let data = try SeriesData(
      TimeSeries(table, column: column, dates: configuration.dates), configuration)
    let network = makeNetwork(data)
    let plan = data.plan(for: network)
    progress(.planned(plan))
    let (history, wasCancelled) = try fit(network, to: data, isCancelled: isCancelled, progress: progress)
    progress(.trained(history, wasCancelled: wasCancelled))

    let values = data.series.values
    let unit = seasonalUnit(values[data.training], season: data.season)
    func model(_ test: SeriesTest) -> SeriesModel {
      SeriesModel(
        network: network, transform: data.transform, season: data.season,
        provenance: SeriesProvenance(
          library: "Descent \(descentVersion)", source: source ?? TabularProvenance.Source(name: table.source),
          column: column, dateColumn: data.series.dateColumn, valueCount: values.count,
          trainingCount: data.training.count, validationCount: data.validation.count, testCount: data.test.count,
          configuration: configuration, epochs: history.epochs.count, bestEpoch: history.bestEpoch, unit: unit,
          test: test))
    }
    let untested = model(SeriesTest(forecastCount: 0, scores: []))
    let own = SeriesForecaster("network") { times throws(SeriesError) in
      try untested.forecasts(data.prepared, times: times, source: table.source)
    }
    let all =
      [own, data.linear()]
      + SeriesForecaster.naive(values, horizon: configuration.horizon, season: data.season)
    let forecasts = try SeriesForecasts(all, times: data.times(data.test))
    let test = forecasts.test(values: values, horizon: configuration.horizon, unit: unit)
    let trained = model(test)
    return (
      trained,
      SeriesReport(
        plan: plan, history: history, wasCancelled: wasCancelled, test: test, values: values,
        labels: data.series.labels, oneStepForecasts: forecasts.byName.map { ($0.name, $0.forecasts.map { $0[0] }) },
        forecastStart: (forecasts.times.first ?? 0) + 1,
        forecast: try trained.forecast(table))
    )
  }

  /// A linear forecast, to which hidden layers add what is not linear. Most of what series repeat is linear, and a
  /// network that has to find that through hidden layers ends worse. Both begin at 0, the mean or the last value: what
  /// initial weights say where the data say nothing stays in the forecasts.
  private static func makeNetwork(_ data: SeriesData) -> Sequential {
    let (inputs, outputs) = (data.transform.lags.count, data.configuration.horizon)
    return withSeed(data.configuration.seed) {
      let linear = Dense(inputs, outputs, initializer: .zeros)
      guard !data.configuration.hidden.isEmpty else { return Sequential([linear]) }
      var layers: [any Layer] = []
      var width = inputs
      for size in data.configuration.hidden {
        layers += [Dense(width, size), SiLU()] as [any Layer]
        width = size
      }
      layers.append(Dense(width, outputs, initializer: .zeros))
      return Sequential([Residual(Sequential(layers), shortcut: linear)])
    }
  }

  private static func fit(
    _ network: Sequential, to data: SeriesData, isCancelled: () -> Bool, progress: (SeriesEvent) -> Void
  ) throws(SeriesError) -> (history: History, wasCancelled: Bool) {
    let configuration = data.configuration
    let options = TrainingOptions(
      epochs: configuration.epochs, batchSize: configuration.batchSize, seed: configuration.seed,
      earlyStopping: EarlyStopping(patience: configuration.patience), reportInterval: 16)
    do {
      let trainer = try network.trainer(
        on: data.dataset(data.training), validation: data.dataset(data.validation), loss: .meanSquaredError,
        optimizer: .adamW(learningRate: configuration.learningRate, weightDecay: configuration.weightDecay),
        options: options)
      let wasCancelled = try trainer.run(until: isCancelled) { progress(.progressed($0)) }
      return (trainer.history, wasCancelled)
    } catch {
      throw .training(error)
    }
  }
}
