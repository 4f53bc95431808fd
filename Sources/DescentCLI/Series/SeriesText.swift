import Descent

/// What was understood of a series, for people.
struct SeriesPlanText: CustomStringConvertible {
  private let plan: SeriesPlan

  init(_ plan: SeriesPlan) { self.plan = plan }

  var description: String {
    [
      "\(plan.source), column \"\(plan.column)\": \(counted(plan.valueCount, "value")), \(dates)", "",
      "Season    \(season)", "Window    \(SeriesTransformText(plan.transform).description)",
      "Split     the first \(plan.trainingCount) values to train, the next \(plan.validationCount) to validate, the last "
        + "\(plan.testCount) to test",
      "Network   \(network)", "Training  \(training)", "",
    ].map(printable).joined(separator: "\n")
  }

  private var dates: String {
    guard let dates = plan.dates else { return "in the order of the rows, as no column holds dates" }
    guard plan.forecastsHaveDates || plan.irregularStepCount == 0 else {
      return "\(dates.first) to \(dates.last) by steps that differ (\(dates.step) most often, "
        + "\(counted(plan.irregularStepCount, "other")) of \(plan.valueCount - 1)): forecasts have numbers, not dates"
    }
    let others =
      plan.irregularStepCount == 0
      ? "" : ", but for \(counted(plan.irregularStepCount, "step")), which count as any other"
    return "\(dates.first) to \(dates.last) by steps of \(dates.step)\(others)"
  }

  private var season: String {
    guard let season = plan.season else { return "none found" }
    let reason = season.autocorrelation.map { "found by the autocorrelation of \(shortText($0))" } ?? "as given"
    return "\(season.length) values, \(reason)"
  }

  private var network: String {
    let sizes = plan.layerSizes.map { "\($0)" }.joined(separator: " → ")
    let activation = plan.configuration.hidden.isEmpty ? "" : ", SiLU, beside a linear layer"
    return "\(sizes)\(activation), \(counted(plan.parameterCount, "parameter")); it forecasts "
      + "\(counted(plan.configuration.horizon, "value")) at once"
  }

  private var training: String {
    let settings = plan.configuration
    return "\(counted(plan.windowCount, "window")), AdamW, learning rate \(numberText(settings.learningRate)), batches "
      + "of \(settings.batchSize), at most \(counted(settings.epochs, "epoch")), patience \(settings.patience), seed "
      + "\(settings.seed)"
  }
}

/// What the network sees, for people.
struct SeriesTransformText: CustomStringConvertible {
  let description: String

  init(_ transform: SeriesTransform) {
    let lags = transform.lags
    let isWhole = lags == Array(0..<lags.count)
    let seen =
      isWhole
      ? "the last \(counted(lags.count, "value"))"
      : "\(counted(lags.count, "value")) of the last \((lags.last ?? 0) + 1)"
    let logarithm = transform.usesLogarithm ? ", as logarithms, since they vary the more the larger they are" : ""
    let base =
      transform.isRelative
      ? ", as changes from the last one, since there is a trend" : ", less the mean of the training values"
    description = seen + logarithm + base + ", in units of their deviation"
  }
}

/// Scores side by side, for people.
struct SeriesScoreTable: CustomStringConvertible {
  let description: String

  init(_ test: SeriesTest) {
    let steps = test.network.byStep.count
    // The first, the last, and some between.
    let shown = steps == 1 ? [] : Array(Set([1, 2, 3, 6, 12, 24, steps].filter { $0 <= steps })).sorted()
    description = alignedText(
      header: ["", "MAE", "RMSE", "MASE"] + shown.map { "RMSE \($0) ahead" },
      rows: test.scores.map { row in
        [row.name] + Self.texts(row.overall) + shown.map { shortText(row.byStep[$0 - 1].rootMeanSquaredError) }
      }, rightAligned: [false, true, true, true] + shown.map { _ in true })
  }

  static func texts(_ scores: SeriesScores) -> [String] {
    [
      shortText(scores.meanAbsoluteError), shortText(scores.rootMeanSquaredError),
      scores.scaledError.map(shortText) ?? "–",
    ]
  }
}

/// Training on a series in words.
struct SeriesTextListener: TrainingListener {
  private var epochs: EpochText

  init(isTerminal: Bool) { epochs = EpochText(isTerminal: isTerminal) }

  mutating func hear(_ event: SeriesEvent) {
    switch event {
    case .planned(let plan): Output.write(SeriesPlanText(plan).description + "\n")
    case .progressed(let progress): epochs.show(progress)
    case .trained(let history, let wasCancelled): epochs.end(history, wasCancelled ? .cancelled : .done)
    }
  }

  mutating func finish(_ model: SeriesModel, _ report: SeriesReport, path: String, page: String?) {
    let steps = counted(model.horizon, "value")
    Output.write(
      """

      \(counted(report.test.forecastCount, "forecast")) of \(steps) among the last \(report.plan.testCount), which nothing \
      was fitted to
      \(SeriesScoreTable(report.test).description)
      \(Verdict.text(report.test))

      Next      \(next(report.forecast))
      Wrote \(path)\(page.map { " and \($0)" } ?? "").
      Next: descent predict \(shellText([path])) NEW.csv

      """)
  }

  private func next(_ forecast: SeriesForecast) -> String {
    let shown = zip(forecast.labels, forecast.values).prefix(12).map { "\($0) \(shortText($1))" }
    return printable(shown.joined(separator: ", ") + (forecast.values.count > 12 ? ", …" : ""))
  }
}
