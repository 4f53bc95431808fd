import Descent

/// `descent inspect` on the model of images.
struct ImageInspection {
  let path: String
  let model: ImageModel
  let json: Bool

  func run() {
    if json {
      JSONLine.write(ImageModelLine(model))
      return
    }
    let origin = model.provenance
    let precision = origin.configuration.precision
    let products = precision == .float32 ? "" : ", products in \(precision.rawValue)"
    let hash = origin.source.sha256.map { ", SHA-256 \($0)" } ?? ""
    let rules = model.preprocessing.normalization
    Output.write(
      """
      \(printable(path)): tells \(model.classes.count) classes of images of \(model.shape) (\(printable(listed(model.classes))))

      \(model.network.summary(input: model.shape.axes))

      Pixels    (value / 255 − \(rules.means.map(shortText).joined(separator: ", "))) / \
      \(rules.deviations.map(shortText).joined(separator: ", "))
      Data      \(printable(origin.source.name))\(hash)
      Training  \(origin.network.rawValue), \(origin.trainingImages) images, \(origin.validationImages) to validate, \
      \(origin.augmentation.text ?? "no augmentation"), seed \(origin.configuration.seed), \
      epoch \(origin.bestEpoch) of \(origin.epochs)\(products)
      Made by   \(origin.library)

      Scores on the \(counted(origin.test.imageCount, "test image"))
      \(ScoreTable(origin.test).description)
      """)
  }
}

private struct ImageModelLine: Encodable {
  var event = "model"
  let task = PredictionTask.classification
  let classes: [String]
  let shape: [Int]
  let normalization: ImageNormalization
  let provenance: ImageProvenance

  init(_ model: ImageModel) {
    classes = model.classes
    shape = model.shape.axes
    normalization = model.preprocessing.normalization
    provenance = model.provenance
  }
}

/// `descent inspect` on images, all of which are read.
struct ImageDataInspection {
  let path: String
  let json: Bool

  private static let mostDamaged = 20

  func run() throws {
    let data = try failing { () throws(ModelFileError) in try ImageData(surveying: path) }
    let survey = ImageSurvey(of: data)
    let parts = [("train", data.training), ("validate", data.validation), ("test", data.test)].compactMap { name, set in
      set.map { (name: name, set: $0) }
    }
    var counts = [Int](repeating: 0, count: data.training.classes.count)
    for part in parts { for label in part.set.labels { counts[label] += 1 } }
    if json {
      JSONLine.write(ImageDataLine(data, survey, parts.map { ($0.name, $0.set.count) }, counts))
      return
    }
    let whole = counted(parts.reduce(0) { $0 + $1.set.count }, "image")
    let kept = parts.count > 1 ? ": " + parts.map { "\($0.set.count) to \($0.name)" }.joined(separator: ", ") : ""
    Output.write(
      """
      \(printable(path)): \(whole) in \(counted(data.training.classes.count, "class", "classes"))\(kept)
      Images    \(data.shapeExplanation)
      Classes   \(printable(ClassText.counts(data.training.classes, counts)))
      Pixels    \(pixels(survey))
      Damaged   \(damaged(survey))
      Equal     \(EqualImagesText(survey.equal).lines.joined(separator: "\n  "))
      Others    \(counted(data.otherFileCount, "other file"))
      SHA-256   \(data.source.sha256 ?? "–")

      """)
  }

  private func pixels(_ survey: ImageSurvey) -> String {
    guard let pixels = survey.pixels else { return "–" }
    let channels = pixels.means.count == 1 ? "" : " of red, green and blue"
    return "mean \(pixels.means.map(shortText).joined(separator: ", ")), deviation "
      + "\(pixels.deviations.map(shortText).joined(separator: ", "))\(channels), as shares of 255"
  }

  /// How many there are, and what is wrong with each on a line of its own.
  private func damaged(_ survey: ImageSurvey) -> String {
    guard !survey.damaged.isEmpty else { return "none" }
    let shown = survey.damaged.prefix(Self.mostDamaged).map { "\n  \(printable($0.description))" }.joined()
    let rest = survey.damaged.count - Self.mostDamaged
    return counted(survey.damaged.count, "image") + shown + (rest > 0 ? "\n  and \(rest) more" : "")
  }
}

private struct ImageDataLine: Encodable {
  var event = "images"
  let classes: [String]
  /// In the order of the classes.
  let counts: [Int]
  let shape: [Int]
  let reason: String
  let parts: [String: Int]
  let means: [Double]?
  let deviations: [Double]?
  let damaged: [String]
  /// Those that are equal to an earlier one; of these, with another label, or in another part; each with an example.
  let equal: [String: Int]
  let equalExamples: [String: EqualImages.Example]
  let otherFiles: Int
  let sha256: String?

  init(_ data: ImageData, _ survey: ImageSurvey, _ parts: [(name: String, count: Int)], _ counts: [Int]) {
    classes = data.training.classes
    self.counts = counts
    shape = data.training.shape.axes
    reason = data.shapeExplanation
    self.parts = Dictionary(uniqueKeysWithValues: parts.map { ($0.name, $0.count) })
    means = survey.pixels?.means
    deviations = survey.pixels?.deviations
    damaged = survey.damaged.map(\.description)
    equal = survey.equal.kinds.mapValues(\.count)
    equalExamples = survey.equal.kinds.compactMapValues(\.example)
    otherFiles = data.otherFileCount
    sha256 = data.source.sha256
  }
}
