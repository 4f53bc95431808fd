import ArgumentParser
import Descent

/// `descent train` on a table.
struct TableTraining {
  let command: TrainCommand
  let configuration: TabularConfiguration

  func run() throws {
    let output = try command.outputPath()
    let page = try command.pagePath(besides: output)
    let (table, source) = try command.input.read(hint: InputKind.textHint(command.input.path))
    guard let predict = command.predict else {
      let names = table.columns.prefix(12).map { "\"\($0.name)\"" }.joined(separator: ", ")
      let rest = table.columns.count > 12 ? " and \(table.columns.count - 12) more" : ""
      throw CommandFailure.usage(
        "expected the column to predict, as in --predict NAME; \(table.source) has \(names)\(rest).")
    }
    var listener = command.listener(TableTextListener(isTerminal: Output.isTerminal), json: .tables)
    Interruption.listen(announces: !command.quiet)
    let (model, report) = try failing { () throws(TabularError) in
      let trained = try TabularModel.train(
        table, predicting: predict, configuration: configuration, source: source,
        isCancelled: { Interruption.isWished }, progress: { listener.hear($0) })
      try trained.model.save(to: output.path)
      return trained
    }
    if let page {
      try command.write(TableReportPage(model, report, of: table).html(command: TrainCommand.words), to: page)
    }
    listener.finish(model, report, path: output.path, page: page?.path)
    try Interruption.passOn()
  }
}

extension TrainCommand {
  /// The options of tables.
  func tabularConfiguration() throws -> TabularConfiguration {
    var result = TabularConfiguration()
    if let hidden { result.hidden = try OptionReading("--hidden").layerSizes(hidden) }
    if let epochs { result.epochs = try OptionReading("--epochs").whole(epochs, in: 1...1_000_000_000) }
    if let batchSize { result.batchSize = try OptionReading("--batch-size").whole(batchSize, in: 1...1_000_000_000) }
    if let learningRate {
      result.learningRate = try OptionReading("--learning-rate")
        .number(learningRate, in: 1e-12...1000, "a number from 1e-12 to 1000 such as 0.003")
    }
    if let precision {
      result.precision = try OptionReading("--precision").choice(precision, among: Precision.allCases)
    }
    if let testShare {
      result.testShare = try OptionReading("--test-share").number(testShare, in: 0.01...0.8, "a share from 0.01 to 0.8")
    }
    if let task { result.task = try OptionReading("--task").choice(task, among: [.regression, .classification]) }
    if let seed { result.seed = try OptionReading("--seed").seed(seed) }
    result.ignoredColumns = ignore
    return result
  }
}
