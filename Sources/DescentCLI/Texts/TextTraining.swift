import ArgumentParser
import Descent

/// `descent train` on a text.
struct TextTraining {
  let command: TrainCommand
  let configuration: TextConfiguration

  func run() throws {
    let output = try command.outputPath()
    let page = try command.pagePath(besides: output)
    let (text, source) = try failing { () throws(TextError) in try TextFile.read(command.input.path) }
    var listener = listener
    Interruption.listen()
    let (model, report) = try failing { () throws(TextError) in
      let trained = try TextModel.train(
        text, configuration: configuration, source: source, isCancelled: { Interruption.isWished },
        progress: { listener.hear($0) })
      try trained.model.save(to: output.path)
      return trained
    }
    if let page {
      let html = TextReportPage(model, report, text: text)
        .html(
          source: OutputPath.stem(of: command.input.path), command: shellText(["descent"] + TrainCommand.words))
      try command.write(html, to: page)
    }
    listener.finish(model, report, path: output.path, page: page?.path)
    if report.wasCancelled { throw ExitCode(Interruption.exitCode) }
  }

  private var listener: any TextListener {
    if command.json { return TextJSONListener(isQuiet: command.quiet) }
    return command.quiet ? SilentTextListener() : TextProseListener(isTerminal: Output.isTerminal)
  }
}

/// What becomes of training on its way to the reader.
protocol TextListener {
  mutating func hear(_ event: TextEvent)
  mutating func finish(_ model: TextModel, _ report: TextReport, path: String, page: String?)
}

struct SilentTextListener: TextListener {
  func hear(_ event: TextEvent) {}
  func finish(_ model: TextModel, _ report: TextReport, path: String, page: String?) {}
}
