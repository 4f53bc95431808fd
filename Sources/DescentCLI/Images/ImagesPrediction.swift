import Descent

/// `descent predict` on images: files, all those in folders, and arrays of images.
struct ImagesPrediction {
  let model: ImageModel
  let paths: [String]
  let output: OutputPath?
  let json: Bool

  func run() throws {
    let images = try failing { () throws(ModelFileError) in try ImageList(paths) }
    try output?.check(inputs: images.entries.map(\.file))
    let answers = try failing { () throws(ImageModelError) in try model.predict(images) }
    do {
      if json {
        let lines = zip(images.entries, answers).map { JSONLine.text(ImagePredictionLine($0, model.classes, $1)) }
        try OutputPath.write(lines.joined(), to: output)
      } else {
        try OutputPath.write(table(images.entries, answers), to: output)
      }
    } catch {
      throw CommandFailure.fault("\(error)")
    }
  }

  /// With a column of numbers where there are arrays, in which images have no other name.
  private func table(_ entries: [ImageList.Entry], _ answers: [[Double]]) -> Table {
    let hasNumbers = entries.contains { $0.number != nil }
    return Table(
      columns: [Column("file", texts: entries.map(\.file))]
        + (hasNumbers ? [Column("image", texts: entries.map { $0.number.map(String.init) })] : [])
        + TabularPredictions.columns(model.classes, answers, target: "class"))
  }
}

private struct ImagePredictionLine: Encodable {
  var event = "prediction"
  let file: String
  let image: Int?
  let label: String
  let probabilities: [String: Double]

  init(_ entry: ImageList.Entry, _ classes: [String], _ answer: [Double]) {
    file = entry.file
    image = entry.number
    label = classes[answer.indices.max { answer[$0] < answer[$1] } ?? 0]
    probabilities = Dictionary(uniqueKeysWithValues: zip(classes, answer))
  }
}
