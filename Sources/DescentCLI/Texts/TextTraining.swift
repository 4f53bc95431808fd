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
    var listener = command.listener(TextProseListener(isTerminal: Output.isTerminal), json: .texts)
    Interruption.listen(announces: !command.quiet)
    let (model, report) = try failing { () throws(TextError) in
      let trained = try TextModel.train(
        text, configuration: configuration, source: source, path: command.input.path,
        isCancelled: { Interruption.isWished }, progress: { listener.hear($0) })
      try trained.model.save(to: output.path)
      return trained
    }
    if let page {
      let html = TextReportPage(model, report, text: text)
        .html(
          source: OutputPath.stem(of: command.input.path), words: TrainCommand.words)
      try command.write(html, to: page)
    }
    listener.finish(model, report, path: output.path, page: page?.path)
    try Interruption.passOn()
  }
}
