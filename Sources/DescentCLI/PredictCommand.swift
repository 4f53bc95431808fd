import ArgumentParser
import Descent

struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract:
      "Predict the rows of a CSV file, what follows a series, or the classes of images, with a trained model.",
    discussion: """
      Writes the rows with the prediction as a further column, and for classes the probability of each. The columns may \
      come in any order and with others besides; the column to predict may be there or not. What was filled in or \
      unknown is said on standard error.

      descent predict fish.safetensors new.csv
      descent predict fish.safetensors new.csv --output predicted.csv

      Of a series, writes the values after the last of the file.

      descent predict airline.safetensors airline.csv

      Of images, files and folders of any number, writes a line each: the file, its class, and the probability of each. \
      IDX files, plain or packed, and .npy and .npz files hold many, so that their lines have the number in the file too.

      descent predict flowers.safetensors rose.jpg garden/
      descent predict mnist.safetensors t10k-images-idx3-ubyte.gz

      A language model writes with descent generate.
      """)

  @Argument(help: "A model file that descent train wrote.")
  var model: String

  @Argument(help: "A CSV file with a header line, or - for standard input; or images, folders and arrays of images.")
  var data: [String]

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("What separates fields: one character, or tab. Found by itself if not given.", valueName: "c"))
  var delimiter: String?

  @Option(
    help: ArgumentHelp(
      "The CSV file to write; one that exists is replaced. (default: standard output)", valueName: "file"))
  var output: String?

  @Flag(help: "Write one JSON object a row, value or image instead.")
  var json = false

  func validate() throws {
    if data.isEmpty { throw ValidationError("Missing expected argument '<data>'.") }
    try DataArguments.check(data[0], delimiter: delimiter)
  }

  func run() throws {
    let output = try output.map { path throws(CommandFailure) in
      try OutputPath(path, inputs: data + [self.model], mayReplace: nil)
    }
    switch try TrainedModel(contentsOf: model) {
    case .table(let model):
      guard data.count == 1 else { throw CommandFailure.usage("Unexpected argument '\(data[1])'.") }
      let input = DataArguments(data[0], delimiter: delimiter)
      try TablePrediction(model: model, input: input, output: output, json: json).run()
    case .series(let model):
      guard data.count == 1 else { throw CommandFailure.usage("Unexpected argument '\(data[1])'.") }
      let input = DataArguments(data[0], delimiter: delimiter)
      try SeriesPrediction(model: model, input: input, output: output, json: json).run()
    case .images(let model):
      try InputKind.images.refuse([("--delimiter", delimiter != nil)], data[0])
      try ImagesPrediction(model: model, paths: data, output: output, json: json).run()
    case .text:
      throw CommandFailure.usage("\(model) is a language model; let it write with descent generate.")
    }
  }
}
