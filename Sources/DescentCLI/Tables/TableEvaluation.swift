import Descent

/// `descent evaluate` on a table.
struct TableEvaluation {
  let model: TabularModel
  let input: DataArguments
  let json: Bool

  func run() throws {
    let (table, source) = try input.read()
    if let known = model.provenance.source.sha256, known == source.sha256 {
      Output.writeError(
        "\(table.source) is the file the model was trained on: it has seen these rows, so the scores flatter it.\n")
    }
    let evaluation = try failing { () throws(TabularError) in try model.evaluate(table) }
    for sentence in evaluation.report.sentences { Output.writeError(printable(sentence) + "\n") }
    if json {
      JSONLine.write(TableEvaluationLine(model, evaluation))
      return
    }
    let dropped = evaluation.droppedCount
    let without = dropped == 0 ? "" : ", \(dropped) without a value in it left out"
    Output.write("Predictions of \"\(printable(model.target))\" for \(counted(evaluation.rowCount, "row"))\(without)\n")
    Output.write(ScoreTable([("network", evaluation.scores)]).description)
  }
}

private struct TableEvaluationLine: Encodable {
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
