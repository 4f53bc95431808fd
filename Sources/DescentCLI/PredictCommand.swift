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

  @Option(help: ArgumentHelp("The CSV file to write. (default: standard output)", valueName: "file"))
  var output: String?

  func run() throws {
    let output = try output.map { path throws(CommandFailure) in
      try OutputPath(path, inputs: [input.path, self.model], mayReplace: nil)
    }
    let model = try readModel(model)
    let table = try input.table()
    let predictions = try failing { () throws(TabularError) in try model.predict(table) }
    for sentence in predictions.report.sentences { Output.writeError(sentence + "\n") }
    do {
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
