import Descent

/// `descent evaluate` on images.
struct ImagesEvaluation {
  let model: ImageModel
  let input: DataArguments
  let json: Bool

  func run() throws {
    try InputKind.images.refuse([("--delimiter", input.delimiter != nil)], input.path)
    let data = try failing { () throws(ModelFileError) in
      try ImageData(input.path, shape: model.shape, classes: model.classes)
    }
    let images = data.test ?? data.training
    if data.test == nil, data.source.sha256 == model.provenance.source.sha256 {
      Output.writeError(
        "\(data.path) is the data the model was trained on: it has seen most of these images, so the scores "
          + "flatter it.\n")
    }
    let evaluation = try failing { () throws(ImageModelError) in try model.evaluate(images) }
    if json {
      JSONLine.write(ImageEvaluationLine(model, evaluation))
      return
    }
    let part = data.test == nil ? "" : ", those to test"
    Output.write("Predictions of the classes of \(counted(images.count, "image"))\(part)\n")
    Output.write(ScoreTable([("network", evaluation.scores)]).description)
  }
}

private struct ImageEvaluationLine: Encodable {
  var event = "evaluation"
  let task = PredictionTask.classification
  let images: Int
  let scores: TabularScores

  init(_ model: ImageModel, _ evaluation: ImageEvaluation) {
    images = evaluation.labels.count
    scores = evaluation.scores
  }
}
