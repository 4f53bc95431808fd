import Descent

/// Training on images in words: what was understood, how it goes, how good the result is, and what to do next.
struct ImageTextListener: TrainingListener {
  private var epochs: EpochText

  init(isTerminal: Bool) { epochs = EpochText(isTerminal: isTerminal, showsAll: true) }

  mutating func hear(_ event: ImageEvent) {
    switch event {
    case .planned(let plan): Output.write(ImagePlanText(plan).description + "\n")
    case .progressed(let progress): epochs.show(progress)
    case .trained(let history, let wasCancelled, let wasOutOfTime):
      epochs.end(history, wasCancelled ? .cancelled : wasOutOfTime ? .outOfTime : .done)
    }
  }

  mutating func finish(_ model: ImageModel, _ report: ImageReport, path: String, page: String?) {
    Output.write(
      """

      Scores on the \(counted(report.test.imageCount, "test image")), which nothing was fitted to
      \(ScoreTable(report.test).description)
      \(Verdict.text(report.test))

      Wrote \(path)\(page.map { " and \($0)" } ?? "").
      Next: descent predict \(shellText([path])) IMAGE.png

      """)
  }
}

/// What was understood of the images, for people.
struct ImagePlanText: CustomStringConvertible {
  private let plan: ImagePlan

  init(_ plan: ImagePlan) { self.plan = plan }

  var description: String {
    let lines = rows.map { $0.name + String(repeating: " ", count: 10 - $0.name.count) + $0.text }
    return ([summary, ""] + lines + [""]).map(printable).joined(separator: "\n")
  }

  /// The same for a page, a sentence each.
  var facts: [String] { ["\(summary)."] + rows.map { "\($0.name): \($0.text)" } }

  private var summary: String {
    let count = plan.trainingCount + plan.validationCount + plan.testCount
    let others =
      plan.otherFileCount == 0 ? "" : ", \(counted(plan.otherFileCount, "other file")) passed over"
    return "\(plan.source): \(counted(count, "image")) in \(counted(plan.classes.count, "class", "classes"))\(others)"
  }

  private var rows: [(name: String, text: String)] {
    let equal = plan.equalImages.map { $0.all.count > 0 ? EqualImagesText($0).lines : [] } ?? []
    return [
      ("Images", plan.shapeExplanation), ("Classes", ClassText.counts(plan.classes, plan.classCounts)),
    ] + (equal.isEmpty ? [] : [("Equal", equal.joined(separator: "; "))]) + [
      ("Split", split), ("Network", "\(plan.network.rawValue), \(counted(plan.parameterCount, "parameter"))"),
      ("Training", training),
    ]
  }

  private var split: String {
    let drawn = [plan.hasOwnValidation ? nil : "validation", plan.hasOwnTest ? nil : "test"].compactMap(\.self)
    let how =
      drawn.isEmpty
      ? "as the folders say"
      : "\(drawn.joined(separator: " and ")) drawn, seed \(plan.configuration.seed), the same shares of each class"
    return
      "\(plan.trainingCount) images to train, \(plan.validationCount) to validate, \(plan.testCount) to test (\(how))"
  }

  private var training: String {
    let configuration = plan.configuration
    let rate = shortText(configuration.learningRate)
    let end = configuration.seconds.map { ", at most \(shortText($0)) seconds" }
    let parts = [
      "AdamW, learning rate \(rate)\(configuration.hasKnownEnd ? " along a cosine" : "")",
      "batches of \(plan.batchSize)", plan.augmentation.text,
      configuration.precision == .float32 ? nil : "products in \(configuration.precision.rawValue)",
    ]
    let most = end != nil && configuration.epochs == nil ? "" : ", at most \(counted(plan.epochs, "epoch"))"
    return parts.compactMap(\.self).joined(separator: ", ") + (end ?? "") + most
      + ", patience \(configuration.patience)"
  }
}

/// Classes in words.
enum ClassText {
  private static let mostShown = 12

  static func counts(_ classes: [String], _ counts: [Int]) -> String {
    let shown = zip(classes, counts).prefix(mostShown).map { "\($0) (\($1))" }.joined(separator: ", ")
    return classes.count > mostShown ? "\(shown) and \(classes.count - mostShown) more" : shown
  }
}

extension Augmentation {
  /// What is changed at random, in words; nil if nothing is.
  var text: String? {
    var parts = steps.map { step in
      switch step {
      case .shift(let pixels): "shifts up to \(counted(pixels, "pixel"))"
      case .flipHorizontally: "flips left to right"
      case .flipVertically: "flips top to bottom"
      case .rotate(let degrees): "rotations up to \(shortText(degrees))°"
      case .crop(let share): "crops down to \(shortText(share)) of the area"
      case .cutout(let side): "cutouts of \(side) × \(side)"
      case .brightness(let range): "brightness ± \(shortText(range))"
      case .contrast(let range): "contrast ± \(shortText(range))"
      }
    }
    if let mixup { parts.append("mixup \(shortText(mixup))") }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}
