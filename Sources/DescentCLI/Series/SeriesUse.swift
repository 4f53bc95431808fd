import Descent

/// `descent predict` with the model of a series: the values after the last of a file.
struct SeriesPrediction {
  let model: SeriesModel
  let input: DataArguments
  let output: OutputPath?
  let json: Bool

  func run() throws {
    let (table, _) = try input.read()
    let forecast = try failing { () throws(SeriesError) in try model.forecast(table) }
    if let column = forecast.irregularDateColumn {
      Output.writeError(
        "\(table.source), column \"\(printable(column))\": the steps between dates differ too much to go on with them, "
          + "so forecasts have the numbers of rows.\n")
    }
    do {
      if json {
        try OutputPath.write(SeriesForecastLine.lines(forecast).map { JSONLine.text($0) }.joined(), to: output)
      } else {
        let label = forecast.dateColumn ?? (model.column == "row" ? "number" : "row")
        let columns = [Column(label, texts: forecast.labels), Column(model.column, numbers: forecast.values)]
        try OutputPath.write(Table(columns: columns), to: output)
      }
    } catch {
      throw CommandFailure.fault("\(error)")
    }
  }
}

/// `descent evaluate` with the model of a series.
struct SeriesEvaluation {
  let model: SeriesModel
  let input: DataArguments
  let json: Bool

  func run() throws {
    let (table, source) = try input.read()
    if let known = model.provenance.source.sha256, known == source.sha256 {
      Output.writeError(
        "\(table.source) is the file the model was trained on: it has seen most of it, so the scores flatter it.\n")
    }
    let test = try failing { () throws(SeriesError) in try model.evaluate(table) }
    if json {
      JSONLine.write(SeriesEvaluationLine(column: model.column, test: test))
      return
    }
    Output.write(
      """
      \(counted(test.forecastCount, "forecast")) of \(counted(model.horizon, "value")) of "\(printable(model.column))"
      \(SeriesScoreTable(test).description)
      """)
  }
}

private struct SeriesEvaluationLine: Encodable {
  var event = "evaluation"
  let column: String
  let test: SeriesTest
}

/// `descent inspect` on the model of a series.
struct SeriesInspection {
  let path: String
  let model: SeriesModel
  let json: Bool

  func run() {
    let origin = model.provenance
    if json {
      JSONLine.write(SeriesModelLine(transform: model.transform, season: model.season, provenance: origin))
      return
    }
    let hash = origin.source.sha256.map { ", SHA-256 \($0)" } ?? ""
    Output.write(
      """
      \(path): forecasts \(counted(model.horizon, "value")) of "\(printable(model.column))" from \
      \(SeriesTransformText(model.transform).description)

      \(model.network.summary(input: [model.transform.lags.count]))

      Data      \(printable(origin.source.name)), \(counted(origin.valueCount, "value"))\(hash)
      Season    \(model.season.map { counted($0.length, "value") } ?? "none")
      Training  \(origin.trainingCount) values, \(origin.validationCount) to validate, seed \
      \(origin.configuration.seed), epoch \(origin.bestEpoch) of \(origin.epochs)
      Made by   \(origin.library)

      \(counted(origin.test.forecastCount, "forecast")) among the last \(counted(origin.testCount, "value"))
      \(SeriesScoreTable(origin.test).description)
      """)
  }
}

private struct SeriesModelLine: Encodable {
  var event = "model"
  let transform: SeriesTransform
  let season: Season?
  let provenance: SeriesProvenance
}
