// Trains a small GPT on a text, beside which it counts, and lets it write.
//
//   swift run -c release example-language-model [TEXTFILE [STEPS]]

import Descent

@main
struct LanguageModel {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    let (text, source) = try TextFile.read(arguments.first ?? "Documentation/CommandLine.md")
    var configuration = TextConfiguration()
    (configuration.layers, configuration.heads, configuration.width, configuration.context) = (4, 4, 128, 64)
    (configuration.batchSize, configuration.warmUp) = (12, 100)
    configuration.steps = arguments.dropFirst().first.flatMap { Int($0) } ?? 200

    let (model, report) = try TextModel.train(
      text, configuration: configuration, source: source,
      progress: { event in
        if case .progressed(let progress) = event, progress.isEpochEnd {
          print("step \(progress.step)  loss \(progress.loss)  validation \(progress.validationLoss ?? .nan)")
        }
      })
    for baseline in report.baselines { print("\(baseline.context) characters counted: \(baseline.loss) nats") }
    print("network: \(report.loss.perCharacter) nats, \(report.loss.bitsPerCharacter) bits a character")
    print(try model.text(after: "The ", tokens: 300, sampling: Sampling(temperature: 0.8), seed: 1))
  }
}
