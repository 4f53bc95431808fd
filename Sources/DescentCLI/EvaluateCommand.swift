import ArgumentParser
import Descent

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Score a trained model on a CSV file whose answers are known.",
    discussion: "descent evaluate fish.safetensors known.csv")

  @Argument(help: "A model file that descent train wrote.")
  var model: String

  @OptionGroup var input: DataArguments

  @Flag(help: "Write one JSON object to standard output.")
  var json = false

  func run() throws {
    let model = try readModel(model)
    let (table, source) = try input.read()
    if let known = model.provenance.source.sha256, known == source.sha256 {
      Output.writeError(
        "\(table.source) is the file the model was trained on: it has seen these rows, so the scores flatter it.\n")
    }
    let evaluation = try failing { () throws(TabularError) in try model.evaluate(table) }
    for sentence in evaluation.report.sentences { Output.writeError(printable(sentence) + "\n") }
    if json {
      JSONLine.write(EvaluationLine(model, evaluation))
      return
    }
    let dropped = evaluation.droppedCount
    let without = dropped == 0 ? "" : ", \(dropped) without a value in it left out"
    Output.write("Predictions of \"\(printable(model.target))\" for \(counted(evaluation.rowCount, "row"))\(without)\n")
    Output.write(ScoreTable([("network", evaluation.scores)]).description)
  }
}

private struct EvaluationLine: Encodable {
  var event = "evaluation"
  let task: PredictionTask
  let target: String
  let rows: Int
  let scores: TabularScores

  init(_ model: TabularModel, _ evaluation: TabularEvaluation) {
    task = model.task
    target = model.target
    rows = evaluation.rowCount
    scores = evaluation.scores
  }
}
