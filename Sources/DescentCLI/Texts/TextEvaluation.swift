import Descent

/// `descent evaluate` of a language model.
struct TextEvaluation {
  let model: TextModel
  let path: String
  let json: Bool

  func run() throws {
    let loss = try failing { () throws(TextError) in
      let (text, source) = try TextFile.read(path)
      if let known = model.provenance.source.sha256, known == source.sha256 {
        Output.writeError(
          "\(printable(path)) is the file the model was trained on: it has seen most of it, so the loss flatters it.\n")
      }
      do throws(TextError) { return try model.loss(text) } catch { throw error.located(in: path) }
    }
    if json {
      JSONLine.write(TextEvaluationLine(loss))
    } else {
      Output.write(
        "\(printable(path)): \(counted(loss.characters, "character")), \(shortText(loss.perCharacter)) nats a character, "
          + "\(shortText(loss.bitsPerCharacter)) bits\n")
    }
  }
}

private struct TextEvaluationLine: Encodable {
  var event = "evaluation"
  let characters: Int
  let tokens: Int
  let nats: Double
  let bits: Double
  let natsPerToken: Double

  init(_ loss: TextLoss) {
    characters = loss.characters
    tokens = loss.tokens
    nats = loss.perCharacter
    bits = loss.bitsPerCharacter
    natsPerToken = loss.perToken
  }
}

/// `descent inspect` of a language model.
struct TextInspection {
  let path: String
  let model: TextModel
  let json: Bool

  func run() {
    let provenance = model.provenance, network = model.network.configuration
    if json {
      JSONLine.write(
        TextModelLine(
          model: path, network: network, parameters: model.network.parameterCount, provenance: provenance))
      return
    }
    let heads = counted(network.heads, "head")
    Output.write(
      [
        "\(path): a language model, \(counted(model.network.parameterCount, "parameter"))", "",
        "Network   GPT of \(counted(network.layers, "layer")), \(heads), \(network.width) wide, context "
          + "\(network.context)", "Tokens    \(network.vocabulary)",
        "Trained   on \(provenance.source.name), \(counted(provenance.characterCount, "character")), "
          + "\(counted(provenance.steps, "step")), by "
          + provenance.library,
        "Loss      \(shortText(provenance.loss.perCharacter)) nats a character, "
          + "\(shortText(provenance.loss.bitsPerCharacter)) bits, on the \(provenance.loss.characters) at the end",
      ].map { printable($0) + "\n" }.joined())
  }
}

private struct TextModelLine: Encodable {
  var event = "model"
  var kind = "text"
  let model: String
  let network: GPT.Configuration
  let parameters: Int
  let provenance: TextProvenance
}
