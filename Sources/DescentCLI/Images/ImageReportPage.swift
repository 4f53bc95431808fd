import Descent
import DescentPlots

/// What training on images gave, as a page: how it learned, how good it is, where it errs, and what it looks at.
struct ImageReportPage {
  private let model: ImageModel
  private let report: ImageReport
  private let images: ImageSet
  private let answers: [Answer]

  /// What the network says of a test image.
  private struct Answer {
    let position: Int
    let actual: Int
    let predicted: Int
    let probability: Double

    var isRight: Bool { actual == predicted }
  }

  private static let mostClassesDrawn = 40

  init(_ model: ImageModel, _ report: ImageReport) {
    self.model = model
    self.report = report
    images = report.testImages
    answers = zip(report.testProbabilities, report.testImages.labels).enumerated().map { position, answer in
      let predicted = answer.0.indices.max { answer.0[$0] < answer.0[$1] } ?? 0
      return Answer(position: position, actual: answer.1, predicted: predicted, probability: answer.0[predicted])
    }
  }

  /// - Throws: `ModelFileError` if an image to be shown cannot be read any more.
  func html(source: String, command: String) throws(ModelFileError) -> String {
    let right = answers.count(where: \.isRight)
    let blocks: [any ReportBlock] = [
      KeyFacts([
        "accuracy on test images": percent(report.test.network["accuracy"]),
        "right of \(answers.count)": "\(right)", "majority class": percent(report.test.majority["accuracy"]),
        "ridge regression": percent(report.test.ridge["accuracy"]),
        "parameters": "\(report.plan.parameterCount)",
        "best epoch": "\(report.history.bestEpoch) of \(report.history.epochs.count)",
      ]),
      Points(ImagePlanText(report.plan).facts), Prose(Verdict.text(report.test)), learning, try scores(),
      try mistakes(), try insides(),
      Section("Once more") {
        CodeBlock(command, caption: repetition)
      },
    ]
    return Report(
      source, subtitle: "A network that tells \(model.classes.count) classes of images",
      footer: "Made by \(model.provenance.library).", blocks: blocks
    ).html()
  }

  /// Neither an interruption nor the speed of the machine can be had again by a number of epochs, along which the rate
  /// would fall otherwise.
  private var repetition: String {
    let epochs = report.history.epochs.count
    if report.wasCancelled { return Repetition.interrupted("in epoch \(epochs)") }
    return report.wasOutOfTime
      ? "The time ended training in epoch \(epochs). How far it comes depends on the machine, so that this may give another "
        + "model:"
      : Repetition.same
  }

  private func percent(_ share: Double?) -> String { share.map { "\(shortText(100 * $0)) %" } ?? "–" }

  // MARK: - Learning

  private var learning: Section {
    let history = report.history
    let best = PlotMark.vertical(Double(history.bestEpoch), "best epoch, \(history.bestEpoch)")
    let baselines = [("ridge regression", report.test.ridge), ("majority class", report.test.majority)].compactMap {
      name, scores in scores["accuracy"].map { PlotMark.horizontal($0, "\(name), test") }
    }
    return Section("Learning") {
      LineChart(
        "Loss", x: Axis("epoch", isWhole: true), y: Axis("cross-entropy", scale: .automatic),
        series: [PlotSeries("training", history["loss"]), PlotSeries("validation", history["validationLoss"])],
        marks: [best], note: "Training images are augmented, so that their loss may be the higher one.")
      LineChart(
        "Accuracy", x: Axis("epoch", isWhole: true), y: Axis("accuracy"),
        series: [PlotSeries("validation", history["accuracy"])], marks: [best] + baselines)
    }
  }

  // MARK: - The test

  private func scores() throws(ModelFileError) -> Section {
    let test = report.test
    let rows = ScoreTable.rivals(test).map { name, scores in
      [name] + ["accuracy", "balancedAccuracy", "logLoss"].map { scores[$0].map(shortText) ?? "–" }
    }
    var counts = model.classes.map { _ in [Int](repeating: 0, count: model.classes.count) }
    for answer in answers { counts[answer.actual][answer.predicted] += 1 }
    let classes = model.classes.indices.map { label in
      let (found, actual) = (counts[label][label], counts[label].reduce(0, +))
      let predicted = counts.reduce(0) { $0 + $1[label] }
      return [
        model.classes[label], "\(actual)", actual == 0 ? "–" : shortText(Double(found) / Double(actual)),
        predicted == 0 ? "–" : shortText(Double(found) / Double(predicted)),
      ]
    }
    return Section("Test") {
      DataTable(
        ["", "accuracy", "balanced accuracy", "log loss"], rows: rows, caption: "Nothing was fitted to these images.")
      if model.classes.count <= Self.mostClassesDrawn {
        HeatMap(confusion: "Confusion", counts: counts, classNames: model.classes)
      } else {
        confusions(counts)
      }
      ReliabilityDiagram(
        "Calibration", probabilities: answers.map(\.probability), outcomes: answers.map(\.isRight),
        note: "Of the class that is predicted.")
      DataTable(["class", "images", "found", "right of those predicted"], rows: classes)
    }
  }

  /// Of a matrix too large to be drawn what stands beside its diagonal, the most frequent first.
  private func confusions(_ counts: [[Int]]) -> DataTable {
    let places = counts.indices.flatMap { actual in
      counts.indices.filter { $0 != actual && counts[actual][$0] > 0 }.map { (actual, $0, counts[actual][$0]) }
    }
    let most = places.sorted { ($1.2, $0.0, $0.1) < ($0.2, $1.0, $1.1) }.prefix(40)
    return DataTable(
      ["class", "taken for", "images"], rows: most.map { [model.classes[$0.0], model.classes[$0.1], "\($0.2)"] },
      caption: "The most frequent confusions, \(most.count) of \(places.count).")
  }

  // MARK: - Images

  /// So wide are pictures on the page, and their bytes few: the browser enlarges them.
  private static let pictureWidth = 96

  private func picture(_ answer: Answer) throws(ModelFileError) -> ImageGrid.Picture {
    let share = percent(answer.probability)
    let caption =
      answer.isRight
      ? "\(model.classes[answer.actual]) (\(share))"
      : "\(model.classes[answer.actual]), taken for \(model.classes[answer.predicted]) (\(share))"
    return ImageGrid.Picture(
      png: try images.image(answer.position).pngBytes(), caption: caption,
      description: "\(images.name(of: answer.position)): \(caption)", isHighlighted: !answer.isRight)
  }

  /// Of each class the first image that is taken for it.
  private var found: [Answer] {
    model.classes.indices.compactMap { label in answers.first { $0.actual == label && $0.isRight } }
  }

  private func mistakes() throws(ModelFileError) -> Section {
    let wrong = answers.filter { !$0.isRight }.sorted {
      ($0.probability, $1.position) > ($1.probability, $0.position)
    }
    let surest = try wrong.prefix(24).map { (answer) throws(ModelFileError) in try picture(answer) }
    let firsts = try found.prefix(24).map { (answer) throws(ModelFileError) in try picture(answer) }
    return Section("Images") {
      ImageGrid(
        surest, width: Self.pictureWidth,
        caption: wrong.isEmpty
          ? "" : "The \(surest.count == 1 ? "mistake" : "\(surest.count) mistakes") it is surest of, of \(wrong.count)."
      )
      if wrong.isEmpty { Prose("There is no mistake among the test images.") }
      ImageGrid(firsts, width: Self.pictureWidth, caption: "Of each class the first image that is found.")
    }
  }

  // MARK: - Inside the network

  private func insides() throws(ModelFileError) -> Section {
    let shown = found.prefix(10)
    var looks: [ImageGrid.Picture] = []
    for answer in shown {
      let image = try images.image(answer.position)
      looks.append(try picture(answer))
      looks.append(
        ImageGrid.Picture(
          png: Image(shades: model.saliency(of: image, class: answer.predicted)).pngBytes(), caption: "what counts",
          description: "The pixels that count for \(model.classes[answer.predicted]), the brighter the more"))
    }
    let example = try shown.first.map { (answer) throws(ModelFileError) in try images.image(answer.position) }
    let maps = (example.map { model.featureMaps(of: $0) } ?? []).filter { layer in
      ["ReLU", "GELU", "SiLU", "Tanh", "ResidualBlock"].contains { layer.layer.hasSuffix($0) }
    }
    // Of those that are of one size the last: what becomes of the image step by step.
    func size(_ place: Int) -> [Int] { [maps[place].maps[0].count, maps[place].maps[0][0].count] }
    let shownMaps = maps.indices.filter { $0 == maps.count - 1 || size($0) != size($0 + 1) }.prefix(4).map { maps[$0] }
    return Section("What it looks at") {
      ImageGrid(
        looks, width: Self.pictureWidth,
        caption: "Beside each image how much the answer changes with each pixel: the brighter, the more.")
      filters
      for layer in shownMaps {
        ImageGrid(
          layer.maps.map { map in
            ImageGrid.Picture(
              png: Image(shades: map).pngBytes(), caption: "", description: "a channel of layer \(layer.layer)")
          }, width: 64,
          caption: "What layer \(layer.layer) makes of the first of them, a picture a channel, of up to 16.")
      }
    }
  }

  private var filters: [any ReportBlock] {
    let all = model.firstFilters()
    guard let first = all.first else { return [] }
    let isWhole = first.count == model.shape.height && first[0].count == model.shape.width
    let title = isWhole ? "The weights of the first layer at their pixels" : "The windows of the first convolution"
    let windows = all.prefix(isWhole ? 24 : 64)
    let count = windows.count < all.count ? ", \(windows.count) of \(all.count)" : ""
    guard model.shape.channels == 3 || isWhole else {
      return [
        FilterGrid(
          title + count, pictures: windows.map { $0.map { $0.map { $0[0] } } },
          note: "One colour above 0, another below.")
      ]
    }
    let reach = windows.flatMap { $0.flatMap { $0.flatMap { $0.map(abs) } } }.max() ?? 1
    let pictures = windows.enumerated().map { place, window in
      let samples = window.flatMap { $0.flatMap { $0.map { UInt8(127.5 + 127.5 * $0 / max(reach, 1e-30)) } } }
      let image = Image(
        height: window.count, width: window[0].count, channels: model.shape.channels, pixels: samples)
      // The outputs of a linear network are the classes.
      let caption = report.plan.network == .linear ? model.classes[place] : ""
      let part = isWhole ? "weights of the first layer" : "a window of the first convolution"
      return ImageGrid.Picture(
        png: image.pngBytes(), caption: caption, description: caption.isEmpty ? part : "\(part): \(caption)")
    }
    let colours = model.shape.channels == 3 ? " as colours" : ""
    return [
      ImageGrid(pictures, width: isWhole ? Self.pictureWidth : 48, caption: "\(title)\(count)\(colours); grey is 0.")
    ]
  }
}

extension Image {
  /// Grey, from black for 0 to white for the largest value.
  fileprivate init(shades: [[Double]]) {
    let most = max(shades.flatMap(\.self).max() ?? 0, 1e-30)
    self.init(
      height: shades.count, width: shades[0].count, channels: 1,
      pixels: shades.flatMap { $0.map { UInt8(255 * min(max($0 / most, 0), 1)) } })
  }
}
