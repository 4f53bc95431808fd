import ArgumentParser
import Descent

/// `descent train` on a series.
struct SeriesTraining {
  let command: TrainCommand
  let column: String
  let configuration: SeriesConfiguration

  func run() throws {
    try command.refuseOptionsOfOthers()
    guard command.forecasting.horizon != nil else {
      throw CommandFailure.usage("expected how many values ahead to forecast, as in --horizon 12.")
    }
    let output = try command.outputPath()
    let page = try command.pagePath(besides: output)
    let (table, source) = try command.input.read()
    var listener = command.listener(SeriesTextListener(isTerminal: Output.isTerminal), json: .series)
    Interruption.listen(announces: !command.quiet)
    let (model, report) = try failing { () throws(SeriesError) in
      let trained = try SeriesModel.train(
        table, series: column, configuration: configuration, source: source,
        isCancelled: { Interruption.isWished }, progress: { listener.hear($0) })
      try trained.model.save(to: output.path)
      return trained
    }
    if let page {
      try command.write(
        SeriesReportPage(model, report).html(command: shellText(["descent"] + TrainCommand.words)), to: page)
    }
    listener.finish(model, report, path: output.path, page: page?.path)
    try Interruption.passOn()
  }
}
