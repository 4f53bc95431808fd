import Descent

extension JSONListener where Event == SeriesEvent, Model == SeriesModel, Report == SeriesReport {
  static var series: JSONListener {
    JSONListener { event in
      switch event {
      case .planned(let plan): SeriesPlanLine(plan)
      case .progressed(let progress): progress.isEpochEnd ? EpochLine(progress) : nil
      case .trained: nil
      }
    } result: {
      SeriesResultLine($0, $1, path: $2, page: $3)
    }
  }
}

private struct SeriesPlanLine: Encodable {
  var event = "plan"
  let source: String
  let column: String
  let values: Int
  let season: Season?
  let transform: SeriesTransform
  let trainingValues: Int
  let validationValues: Int
  let testValues: Int
  let windows: Int
  let layerSizes: [Int]
  let parameters: Int

  init(_ plan: SeriesPlan) {
    source = plan.source
    column = plan.column
    values = plan.valueCount
    season = plan.season
    transform = plan.transform
    trainingValues = plan.trainingCount
    validationValues = plan.validationCount
    testValues = plan.testCount
    windows = plan.windowCount
    layerSizes = plan.layerSizes
    parameters = plan.parameterCount
  }
}

private struct SeriesResultLine: Encodable {
  var event = "result"
  let column: String
  let epochs: Int
  let bestEpoch: Int
  let interrupted: Bool
  let test: SeriesTest
  let forecast: [SeriesForecastLine]
  let model: String
  let report: String?

  init(_ model: SeriesModel, _ report: SeriesReport, path: String, page: String?) {
    column = model.column
    epochs = report.history.epochs.count
    bestEpoch = report.history.bestEpoch
    interrupted = report.wasCancelled
    test = report.test
    forecast = SeriesForecastLine.lines(report.forecast)
    self.model = path
    self.report = page
  }
}

/// One value to come.
struct SeriesForecastLine: Encodable {
  var event = "forecast"
  let label: String
  let number: Double

  static func lines(_ forecast: SeriesForecast) -> [SeriesForecastLine] {
    zip(forecast.labels, forecast.values).map { SeriesForecastLine(label: $0, number: $1) }
  }
}
