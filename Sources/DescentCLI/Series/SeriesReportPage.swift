import Descent
import DescentPlots

/// What training on a series gave, as a page: the series with the forecasts, how good they are, and how it learned.
struct SeriesReportPage {
  private let model: SeriesModel
  private let report: SeriesReport

  /// So many values before the test part are drawn beside it, at least.
  private static let shownBefore = 60

  init(_ model: SeriesModel, _ report: SeriesReport) {
    self.model = model
    self.report = report
  }

  func html(command: String) -> String {
    let test = report.test
    let facts = test.scores.map { row in
      (name: "RMSE, \(row.name)", value: shortText(row.overall.rootMeanSquaredError))
    }
    let blocks: [any ReportBlock] = [
      KeyFacts(facts + [(name: "parameters", value: "\(report.plan.parameterCount)")]),
      Prose(SeriesPlanText(report.plan).description + "\n\n" + Verdict.text(test)), series, scores, learning,
      Section("Once more") {
        CodeBlock(
          command,
          caption: report.wasCancelled
            ? Repetition.interrupted("in epoch \(report.history.epochs.count)") : Repetition.same)
      },
    ]
    return Report(
      model.column, subtitle: "A network that forecasts the next \(counted(model.horizon, "value"))",
      footer: "Made by \(model.provenance.library).", blocks: blocks
    ).html()
  }

  private var axis: Axis { Axis(report.plan.dates.map { "steps of \($0.step)" } ?? "row", isWhole: true) }

  private var series: Section {
    let values = report.values
    let testStart = values.count - report.plan.testCount
    let all = PlotSeries(model.column, values)
    let next = PlotSeries(
      "forecast", x: report.forecast.values.indices.map { Double(values.count + 1 + $0) }, y: report.forecast.values,
      style: .lineWithDots)
    let from = max(0, testStart - Self.shownBefore)
    let recent = PlotSeries(
      model.column, x: (from..<values.count).map { Double($0 + 1) }, y: Array(values[from...]))
    let forecasts = report.oneStepForecasts.map { name, forecasts in
      PlotSeries(name, x: forecasts.indices.map { Double(report.forecastStart + 1 + $0) }, y: forecasts)
    }
    return Section("The series") {
      LineChart(
        model.column, x: axis, y: Axis(model.column), series: [all, next],
        marks: [.vertical(Double(testStart + 1), "where the test begins")],
        note: "\(report.labels.first ?? "") to \(report.forecast.labels.last ?? "").")
      LineChart(
        "One step ahead", x: axis, y: Axis(model.column), series: [recent] + forecasts,
        marks: [.vertical(Double(testStart + 1), "where the test begins")],
        note: "Each forecast is made from the values before it.")
      DataTable(
        [report.forecast.dateColumn ?? "row", "forecast"],
        rows: zip(report.forecast.labels, report.forecast.values).map { [$0, shortText($1)] },
        caption: "After the last value.")
    }
  }

  private var scores: Section {
    let test = report.test
    return Section("Test") {
      DataTable(
        ["", "MAE", "RMSE", "MASE"], rows: test.scores.map { [$0.name] + SeriesScoreTable.texts($0.overall) },
        caption: "\(counted(test.forecastCount, "forecast")) of values that nothing was fitted to.")
      if model.horizon > 1 {
        LineChart(
          "Error by steps ahead", x: Axis("steps ahead", isWhole: true), y: Axis("root mean squared error"),
          series: test.scores.map { PlotSeries($0.name, $0.byStep.map(\.rootMeanSquaredError)) })
      }
    }
  }

  private var learning: Section {
    let history = report.history
    return Section("Learning") {
      LineChart(
        "Loss", x: Axis("epoch", isWhole: true), y: Axis("squared error", scale: .automatic),
        series: [PlotSeries("training", history["loss"]), PlotSeries("validation", history["validationLoss"])],
        marks: [.vertical(Double(history.bestEpoch), "best epoch, \(history.bestEpoch)")])
    }
  }
}
