import ArgumentParser
import Descent

struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Let a language model write on.",
    discussion: """
      Writes the prompt and what the model makes of it, token by token as it is drawn.

      descent generate shakespeare.safetensors --prompt "ROMEO:" --temperature 0.8
      echo "Once upon a time" | descent generate tales.safetensors --prompt - --tokens 500 --top-k 40

      Ctrl-C stops.
      """)

  @Argument(help: "A model file that descent train wrote of a text.")
  var model: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("What comes before; - reads it from standard input. (default: nothing)", valueName: "text"))
  var prompt: String = ""

  @Option(
    parsing: .unconditional, help: ArgumentHelp("How many tokens to write. (default: 500)", valueName: "n"))
  var tokens: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Below 1 likelier tokens become likelier still; 0 always takes the likeliest. (default: 1)", valueName: "x"))
  var temperature: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Draw among so many of the likeliest tokens only.", valueName: "n"))
  var topK: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Draw among the likeliest tokens that together have this probability.", valueName: "x"))
  var topP: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Same seed, same text. (default: 0)", valueName: "n"))
  var seed: String?

  @Flag(help: "Write one JSON object with the text and the speed instead, when all is written.")
  var json = false

  func validate() throws { _ = try settings() }

  func run() throws {
    let settings = try settings()
    guard case .text(let model) = try TrainedModel(contentsOf: model) else {
      throw CommandFailure.badData("\(model): expected a language model, found another kind of model.")
    }
    let prompt = try promptText()
    let generator = try failing { () throws(TextError) in
      do throws(TextError) {
        return try model.generator(after: prompt, sampling: settings.sampling, seed: settings.seed)
      } catch {
        throw error.located(in: "the prompt")
      }
    }
    show(prompt)
    Interruption.listen()
    let start = ContinuousClock.now
    let (text, count) = try write(model, generator, tokens: settings.tokens)
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    if json {
      let elapsed = Double(seconds) + Double(attoseconds) * 1e-18
      JSONLine.write(
        GenerationLine(
          prompt: prompt, text: text, tokens: count, seconds: elapsed,
          tokensPerSecond: elapsed > 0 ? Double(count) / elapsed : 0))
    } else if !text.hasSuffix("\n") {
      Output.write("\n")
    }
    try Interruption.passOn()
  }

  private func write(
    _ model: TextModel, _ generator: TokenGenerator, tokens: Int
  ) throws -> (text: String, count: Int) {
    var written = TokenText(model.tokenizer)
    var text = ""
    func add(_ piece: String) {
      text += piece
      show(piece)
    }
    var count = 0
    while count < tokens && !Interruption.isWished {
      let piece = try failing { () throws(TextError) in
        let token: Int
        do throws(EvaluationError) { token = try generator.next() } catch { throw .evaluation(error) }
        return try written.append(token)
      }
      count += 1
      add(piece)
    }
    add(written.rest())
    return (text, count)
  }

  /// Writes a piece of text, to a terminal without what would steer it.
  private func show(_ piece: String) {
    guard !json && !piece.isEmpty else { return }
    guard Output.isTerminal else { return Output.write(piece) }
    let layout = "\n\t".unicodeScalars
    Output.write(piece.unicodeScalars.map { layout.contains($0) ? String($0) : printable(String($0)) }.joined())
  }

  private func promptText() throws(CommandFailure) -> String {
    guard prompt == "-" else { return prompt }
    var text = try failing { () throws(TextError) in try TextFile.read("/dev/stdin").text }
    // The end of the line that a shell adds is not meant.
    if text.hasSuffix("\n") { text.removeLast() }
    return text
  }

  private func settings() throws -> (sampling: Sampling, tokens: Int, seed: UInt64) {
    var sampling = Sampling()
    if let temperature {
      sampling.temperature = try OptionReading("--temperature").number(
        temperature, in: 0...100, "a number from 0 to 100")
    }
    if let topK { sampling.topK = try OptionReading("--top-k").whole(topK, in: 1...1_000_000_000) }
    if let topP {
      sampling.topP = try OptionReading("--top-p").number(topP, in: 1e-9...1, "a share above 0, at most 1")
    }
    let count = try tokens.map { try OptionReading("--tokens").whole($0, in: 0...1_000_000_000) } ?? 500
    return (sampling, count, try seed.map { try OptionReading("--seed").seed($0) } ?? 0)
  }
}

private struct GenerationLine: Encodable {
  var event = "generation"
  let prompt: String
  let text: String
  let tokens: Int
  let seconds: Double
  let tokensPerSecond: Double
}
