import ArgumentParser
import Descent

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Score a trained model on data whose answers are known.",
    discussion: """
      descent evaluate fish.safetensors known.csv
      descent evaluate flowers.safetensors other-flowers/
      descent evaluate airline.safetensors newer.csv
      descent evaluate shakespeare.safetensors sonnets.txt

      Of a series, every value that enough others stand before and behind begins a forecast; of a text, the loss is in \
      nats and bits a character. Of images that keep some apart for a test, those are scored.
      """)

  @Argument(help: "A model file that descent train wrote.")
  var model: String

  @OptionGroup var input: DataArguments

  @Flag(help: "Write one JSON object to standard output.")
  var json = false

  func run() throws {
    switch try TrainedModel(contentsOf: model) {
    case .table(let model): try TableEvaluation(model: model, input: input, json: json).run()
    case .images(let model):
      try InputKind.images.refuse([("--delimiter", input.delimiter != nil)], input.data)
      try ImagesEvaluation(model: model, input: input, json: json).run()
    case .series(let model): try SeriesEvaluation(model: model, input: input, json: json).run()
    case .text(let model):
      try InputKind.text.refuse([("--delimiter", input.delimiter != nil)], input.data)
      try TextEvaluation(model: model, path: input.path, json: json).run()
    }
  }
}
