import ArgumentParser
import Descent

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a network to predict a column of a CSV file.",
    discussion: """
      Reads the file, decides what each column is and whether the target is a number or a class, splits the rows, trains \
      with early stopping, and scores the best network on rows it has not seen, beside a trivial and a linear model. \
      Writes one file that holds all that predicting needs.

      descent train fish.csv --predict Weight
      descent train iris.csv --predict species --hidden 32,16 --seed 7
      descent train data.csv --predict y --json | jq 'select(.event == "result")'

      Ctrl-C stops after the current epoch, writes the best network so far, and ends with exit code 130.
      """)

  @OptionGroup var input: DataArguments

  @Option(parsing: .unconditional, help: ArgumentHelp("The column to predict. (required)", valueName: "column"))
  var predict: String?

  @Option(help: ArgumentHelp("The model file. (default: <data>.safetensors)", valueName: "file"))
  var output: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The sizes of the hidden layers, or none for a linear model. (default: 64,64)", valueName: "sizes"))
  var hidden: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("At most so many passes over the training rows. (default: 300)", valueName: "n"))
  var epochs: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Rows in a step. (default: 32; 128 from 5,000 rows, 256 from 50,000)", valueName: "n"))
  var batchSize: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The learning rate of AdamW. (default: 0.003)", valueName: "x"))
  var learningRate: String?

  @Option(
    help: ArgumentHelp(
      "What matrix products multiply in training, float32 or bfloat16. (default: float32)", valueName: "type"))
  var precision: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The share of the rows to test on. (default: 0.2)", valueName: "x"))
  var testShare: String?

  @Option(help: ArgumentHelp("regression or classification; the target decides if not given.", valueName: "task"))
  var task: String?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A column not to use; may be repeated.", valueName: "column"))
  var ignore: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Same seed, same model, to the byte. (default: 0)", valueName: "n"))
  var seed: String?

  @Flag(help: "Replace the output file whatever it is.")
  var force = false

  @Flag(help: "Write one JSON object a line, and nothing else, to standard output.")
  var json = false

  @Flag(help: "Write nothing but errors; with --json, only the result.")
  var quiet = false

  func validate() throws { _ = try tabularConfiguration() }

  func run() throws {
    let configuration = try tabularConfiguration()
    let output = try OutputPath(
      output ?? OutputPath.modelName(for: input.path), inputs: [input.path],
      mayReplace: force ? nil : { (try? TabularModel(contentsOf: $0)) != nil })
    let (table, source) = try input.read()
    guard let predict else {
      let names = table.columns.prefix(12).map { "\"\($0.name)\"" }.joined(separator: ", ")
      let rest = table.columns.count > 12 ? " and \(table.columns.count - 12) more" : ""
      throw CommandFailure.usage(
        "expected the column to predict, as in --predict NAME; \(table.source) has \(names)\(rest).")
    }
    var listener = listener
    Interruption.listen()
    let (model, report) = try failing { () throws(TabularError) in
      let trained = try TabularModel.train(
        table, predicting: predict, configuration: configuration, source: source,
        isCancelled: { Interruption.isWished }, progress: { listener.hear($0) })
      try trained.model.save(to: output.path)
      return trained
    }
    listener.finish(model, report, path: output.path)
    if report.wasCancelled { throw ExitCode(Interruption.exitCode) }
  }

  private var listener: any TrainingListener {
    if json { return JSONListener(isQuiet: quiet) }
    return quiet ? SilentListener() : TextListener(isTerminal: Output.isTerminal)
  }

  private func tabularConfiguration() throws -> TabularConfiguration {
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

/// What becomes of training on its way to the reader.
protocol TrainingListener {
  mutating func hear(_ event: TabularEvent)
  mutating func finish(_ model: TabularModel, _ report: TabularReport, path: String)
}

struct SilentListener: TrainingListener {
  func hear(_ event: TabularEvent) {}
  func finish(_ model: TabularModel, _ report: TabularReport, path: String) {}
}
