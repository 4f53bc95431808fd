import ArgumentParser
import Descent

struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Predict the rows of a CSV file with a trained model.",
    discussion: """
      Writes the rows with the prediction as a further column, and for classes the probability of each. The columns may \
      come in any order and with others besides; the column to predict may be there or not. What was filled in or \
      unknown is said on standard error.

      descent predict fish.safetensors new.csv
      descent predict fish.safetensors new.csv --output predicted.csv
      """)

  @Argument(help: "A model file that descent train wrote.")
  var model: String

  @OptionGroup var input: DataArguments

  @Option(
    help: ArgumentHelp(
      "The CSV file to write; one that exists is replaced. (default: standard output)", valueName: "file"))
  var output: String?

  @Flag(help: "Write one JSON object a row instead.")
  var json = false

  func run() throws {
    let output = try output.map { path throws(CommandFailure) in
      try OutputPath(path, inputs: [input.path, self.model], mayReplace: nil)
    }
    let model = try readModel(model)
    let table = try input.spelledTable()
    let predictions = try failing { () throws(TabularError) in try model.predict(table) }
    for sentence in predictions.report.sentences { Output.writeError(printable(sentence) + "\n") }
    let replaced = json ? [] : predictions.replacedColumns(of: table)
    if !replaced.isEmpty {
      let names = printable(listed(replaced))
      Output.writeError("\(table.source): \(counted(replaced.count, "column")) replaced in the output (\(names)).\n")
    }
    do {
      if json {
        let text = PredictionLine.lines(predictions).map { JSONLine.text($0) }.joined()
        if let output {
          try AtomicFile.write(Array(text.utf8), to: output.path)
        } else {
          Output.write(text)
        }
        return
      }
      let predicted = predictions.adding(to: table)
      if let output {
        try predicted.write(csv: output.path)
      } else {
        Output.write(try predicted.csvText())
      }
    } catch {
      throw CommandFailure.fault("\(error)")
    }
  }
}

private struct PredictionLine: Encodable {
  var event = "prediction"
  /// Counted from 1, without the header.
  let row: Int
  var number: Double?
  var label: String?
  var probabilities: [String: Double]?

  static func lines(_ predictions: TabularPredictions) -> [PredictionLine] {
    switch predictions.values {
    case .numbers(let numbers):
      numbers.enumerated().map { PredictionLine(row: $0 + 1, number: $1) }
    case .classes(let names, let probabilities):
      zip(predictions.labels, probabilities).enumerated().map { row, answer in
        PredictionLine(
          row: row + 1, label: answer.0, probabilities: Dictionary(uniqueKeysWithValues: zip(names, answer.1)))
      }
    }
  }
}
