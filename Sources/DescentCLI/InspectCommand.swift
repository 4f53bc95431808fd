import ArgumentParser
import Descent

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract:
      "Say what is in a model file: what it predicts, from what, and where it came from; or what images there are.",
    discussion: """
      descent inspect fish.safetensors
      descent inspect flowers/
      """)

  @Argument(help: "A model file that descent train wrote, or images that it can be trained on.")
  var model: String

  @Flag(help: "Write one JSON object to standard output.")
  var json = false

  func run() throws {
    if InputKind(of: model) == .images {
      try ImageDataInspection(path: model, json: json).run()
      return
    }
    switch try TrainedModel(contentsOf: model) {
    case .table(let table): TableInspection(path: model, model: table, json: json).run()
    case .images(let images): ImageInspection(path: model, model: images, json: json).run()
    case .series(let series): SeriesInspection(path: model, model: series, json: json).run()
    case .text(let text): TextInspection(path: model, model: text, json: json).run()
    }
  }
}
