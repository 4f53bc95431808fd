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
    var listener = listener
    Interruption.listen()
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
    if report.wasCancelled { throw ExitCode(Interruption.exitCode) }
  }

  private var listener: any SeriesListener {
    if command.json { return SeriesJSONListener(isQuiet: command.quiet) }
    return command.quiet ? SilentSeriesListener() : SeriesTextListener(isTerminal: Output.isTerminal)
  }
}

/// What becomes of training on its way to the reader.
protocol SeriesListener {
  mutating func hear(_ event: SeriesEvent)
  mutating func finish(_ model: SeriesModel, _ report: SeriesReport, path: String, page: String?)
}

struct SilentSeriesListener: SeriesListener {
  func hear(_ event: SeriesEvent) {}
  func finish(_ model: SeriesModel, _ report: SeriesReport, path: String, page: String?) {}
}

/// Runs library code for series and turns its errors into failures of the command.
func failing<R>(_ body: () throws(SeriesError) -> R) throws(CommandFailure) -> R {
  do {
    return try body()
  } catch {
    throw CommandFailure(error)
  }
}

extension CommandFailure {
  init(_ error: SeriesError) {
    switch error {
    case .configuration: self = .usage(error.description)
    case .training, .evaluation, .unwritable: self = .fault(error.description)
    case .data, .missingValue, .constant, .expectedDate, .unsortedDates, .repeatedDate, .tooShort, .expectedPositive,
      .nonFiniteForecast, .modelFile:
      self = .badData(error.description)
    }
  }
}
