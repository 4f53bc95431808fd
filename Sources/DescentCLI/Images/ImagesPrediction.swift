import Descent

/// `descent predict` on images: files, and all those in folders.
struct ImagesPrediction {
  let model: ImageModel
  let paths: [String]
  let output: OutputPath?
  let json: Bool

  func run() throws {
    let files = try failing { () throws(ModelFileError) in try ImageFolder.files(at: paths) }
    let answers = try failing { () throws(ImageModelError) in try model.predict(files: files) }
    do {
      if json {
        let lines = zip(files, answers).map { JSONLine.text(ImagePredictionLine($0, model.classes, $1)) }
        try OutputPath.write(lines.joined(), to: output)
      } else {
        try OutputPath.write(table(files, answers), to: output)
      }
    } catch {
      throw CommandFailure.fault("\(error)")
    }
  }

  private func table(_ files: [String], _ answers: [[Double]]) -> Table {
    Table(
      columns: [Column("file", texts: files)]
        + TabularPredictions.columns(model.classes, answers, target: "class"))
  }
}

private struct ImagePredictionLine: Encodable {
  var event = "prediction"
  let file: String
  let label: String
  let probabilities: [String: Double]

  init(_ file: String, _ classes: [String], _ answer: [Double]) {
    self.file = file
    label = classes[answer.indices.max { answer[$0] < answer[$1] } ?? 0]
    probabilities = Dictionary(uniqueKeysWithValues: zip(classes, answer))
  }
}
