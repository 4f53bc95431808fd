import ArgumentParser
import Descent

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract:
      "Train a network to predict a column of a table, classes of images, what follows a series, or a text's next token.",
    discussion: """
      Of a CSV file: reads it, decides what each column is and whether the target is a number or a class, splits the rows, trains \
      with early stopping, and scores the best network on rows it has not seen, beside a trivial and a linear model. \
      Writes one file that holds all that predicting needs.

      descent train fish.csv --predict Weight
      descent train iris.csv --predict species --hidden 32,16 --seed 7
      descent train data.csv --predict y --json | jq 'select(.event == "result")'

      Of images: a folder with a folder of PNG or JPEG files for each class, or with folders train and test of such; a \
      folder with the IDX files of MNIST and its kin, or one of them; or a .npz file with x_train and y_train. Trains a \
      convolutional network, beside the nearest class mean and ridge regression.

      descent train flowers/
      descent train mnist/ --network convolutional --time 120 --augment shift,rotate

      Of a series: a column of numbers in the order of time, with --series and --horizon. Trains a network on windows of \
      past values to forecast the next ones, beside the last value, that of a season ago, the drift, and a linear model.

      descent train airline.csv --series Passengers --horizon 12

      Of a text, a file that ends in .txt, .text or .md: trains a GPT to predict the next character or token, measures it \
      on the end of the text beside counted n-grams, and lets it write.

      descent train shakespeare.txt --time 10m --report shakespeare.html
      descent train shakespeare.txt --layers 4 --heads 4 --width 128 --context 64 --batch-size 12 --steps 2000

      Ctrl-C stops after the current step, tests and writes the best network so far, and ends with exit code 130.
      """)

  @OptionGroup var input: DataArguments

  @OptionGroup var forecasting: SeriesArguments

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The column to predict. (required for a table)", valueName: "column"))
  var predict: String?

  @Option(help: ArgumentHelp("The model file. (default: <data>.safetensors)", valueName: "file"))
  var output: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "For a table or a series: the sizes of the hidden layers, or none for a linear model. (default: 64,64; for a "
        + "series 32)", valueName: "sizes"))
  var hidden: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "At most so many passes over the training data. (default: 300; for images 20, more if they are few; for a "
        + "series 500)",
      valueName: "n"))
  var epochs: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Rows in a step. (default: 32; 128 from 5,000 rows, 256 from 50,000; 64 from 5,000 images; for a text 16)",
      valueName: "n"))
  var batchSize: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The learning rate of AdamW. (default: 0.003; for images 0.002; for wide networks of a text less)", valueName: "x"
    ))
  var learningRate: String?

  @Option(
    help: ArgumentHelp(
      "What matrix products multiply in training, float32 or bfloat16. (default: float32)", valueName: "type"))
  var precision: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The share of the data to test on. (default: 0.2; for a text 0.1)", valueName: "x"))
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

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "For images: stop after this time, as 90, 10m or 1h. For a text: what training is fitted to. (default: 5m)",
      valueName: "time"))
  var time: String?

  @Option(
    help: ArgumentHelp(
      "For images: \(ImageNetwork.allCases.map(\.rawValue).joined(separator: ", ")); their size decides if not given.",
      valueName: "name"))
  var network: String?

  @Option(
    help: ArgumentHelp(
      "For images in files: the size they are brought to, as 64 or 48x64. (default: their own, if it is one)",
      valueName: "pixels"))
  var size: String?

  @Option(
    help: ArgumentHelp(
      "For images: how they are changed at random, a list of shift, flip, flip-vertically, rotate, crop, cutout, "
        + "brightness, contrast, mixup. (default: shift)", valueName: "list"))
  var augment: String?

  @Option(
    help: ArgumentHelp(
      "The page of HTML with curves, scores and more. (default: beside the model, <model>.html)", valueName: "file"))
  var report: String?

  @Flag(help: "Write no page of HTML.")
  var noReport = false

  @Option(
    help: ArgumentHelp(
      "For a text: characters, or byte-pairs:N for N tokens. (default: characters where there are few)",
      valueName: "kind"))
  var tokens: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("For a text: the blocks of the network.", valueName: "n"))
  var layers: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("For a text: the heads of attention.", valueName: "n"))
  var heads: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("For a text: the features of a token.", valueName: "n"))
  var width: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("For a text: the most tokens seen at once.", valueName: "n"))
  var context: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("For a text: steps of training, instead of a time.", valueName: "n"))
  var steps: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "For a text: the share set to 0 in training. (default: 0, or 0.1 for more than ten times through the text)",
      valueName: "x"))
  var dropout: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "For a text: compute the gradient of a step in so many parts, to save memory. (default: 1)", valueName: "n"))
  var accumulate: String?

  @Flag(help: "For a text that is a list: take each different line once, in random order.")
  var shuffleLines = false

  @Flag(help: "For a text: compute again for the gradient what is between blocks, to save memory.")
  var recompute = false

  @Flag(help: "For images: do not change them.")
  var noAugment = false

  @Flag(help: "Replace the output file whatever it is.")
  var force = false

  @Flag(help: "Write one JSON object a line, and nothing else, to standard output.")
  var json = false

  @Flag(help: "Write nothing but errors; with --json, only the result.")
  var quiet = false

  func validate() throws {
    if noReport && report != nil { throw ValidationError("--report and --no-report exclude each other.") }
    if steps != nil && time != nil { throw ValidationError("--steps and --time exclude each other.") }
    _ = try tabularConfiguration()
    _ = try imageOptions()
    _ = try seriesConfiguration()
    _ = try textConfiguration()
  }

  func run() throws {
    // A folder without classes is the matter, whatever the options are.
    if input.kind == .images { _ = try failing { () throws(ModelFileError) in try ImageData.form(of: input.path) } }
    switch input.kind {
    case .table where forecasting.series != nil:
      try SeriesTraining(command: self, column: forecasting.series ?? "", configuration: seriesConfiguration()).run()
    case .table:
      try input.kind.refuse(textOptions, input.path, hint: InputKind.textHint(input.path))
      try input.kind.refuse(
        [
          ("--time", time != nil), ("--network", network != nil), ("--size", size != nil),
          ("--augment", augment != nil), ("--no-augment", noAugment),
        ] + forecasting.isGiven, input.path)
      try TableTraining(command: self, configuration: tabularConfiguration()).run()
    case .images:
      try input.kind.refuse(
        [
          ("--predict", predict != nil), ("--hidden", hidden != nil), ("--task", task != nil),
          ("--ignore", !ignore.isEmpty), ("--delimiter", input.delimiter != nil),
          ("--series", forecasting.series != nil),
        ] + forecasting.isGiven + textOptions, input.path)
      try ImageTraining(command: self, options: imageOptions()).run()
    case .text:
      try input.kind.refuse(
        [
          ("--predict", predict != nil), ("--hidden", hidden != nil), ("--task", task != nil),
          ("--ignore", !ignore.isEmpty), ("--delimiter", input.delimiter != nil), ("--epochs", epochs != nil),
          ("--network", network != nil), ("--size", size != nil), ("--augment", augment != nil),
          ("--no-augment", noAugment), ("--series", forecasting.series != nil),
        ] + forecasting.isGiven, input.path)
      try TextTraining(command: self, configuration: textConfiguration()).run()
    }
  }

  /// The options of texts.
  var textOptions: [(name: String, isGiven: Bool)] {
    [
      ("--tokens", tokens != nil), ("--layers", layers != nil), ("--heads", heads != nil), ("--width", width != nil),
      ("--context", context != nil), ("--steps", steps != nil), ("--dropout", dropout != nil),
      ("--accumulate", accumulate != nil), ("--recompute", recompute), ("--shuffle-lines", shuffleLines),
    ]
  }

  /// Where the model is written to.
  func outputPath() throws(CommandFailure) -> OutputPath {
    try OutputPath(
      output ?? OutputPath.modelName(for: input.path), inputs: [input.path],
      mayReplace: force ? nil : { TrainedModel.isThere($0) })
  }
}
