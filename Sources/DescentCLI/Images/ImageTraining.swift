import ArgumentParser
import Descent

/// `descent train` on images.
struct ImageTraining {
  let command: TrainCommand
  let options: ImageOptions

  func run() throws {
    let output = try command.outputPath()
    let page = try command.pagePath(besides: output)
    let data = try failing { () throws(ModelFileError) in
      try ImageData(command.input.path, size: options.size)
    }
    guard options.size == nil || data.form == .folder else {
      throw CommandFailure.usage("--size: \(data.path) holds arrays of images, which keep their size.")
    }
    var configuration = options.configuration
    configuration.augmentation = options.augmentation(for: data.training.shape)
    var listener = command.listener(ImageTextListener(isTerminal: Output.isTerminal), json: .images)
    Interruption.listen(announces: !command.quiet)
    let (model, report) = try failing { () throws(ImageModelError) in
      let trained = try ImageModel.train(
        data, configuration: configuration, isCancelled: { Interruption.isWished },
        progress: { listener.hear($0) })
      try trained.model.save(to: output.path)
      return trained
    }
    if let page { try write(ImageReportPage(model, report), to: page) }
    listener.finish(model, report, path: output.path, page: page?.path)
    try Interruption.passOn()
  }

  private func write(_ page: ImageReportPage, to output: OutputPath) throws(CommandFailure) {
    let html = try failing { () throws(ModelFileError) in
      try page.html(
        source: OutputPath.stem(of: command.input.path), command: shellText(["descent"] + TrainCommand.words))
    }
    try command.write(html, to: output)
  }
}
