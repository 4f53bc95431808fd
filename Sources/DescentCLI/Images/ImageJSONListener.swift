import Descent

extension JSONListener where Event == ImageEvent, Model == ImageModel, Report == ImageReport {
  static var images: JSONListener {
    JSONListener { event in
      switch event {
      case .planned(let plan): ImagePlanLine(plan)
      case .progressed(let progress): progress.isEpochEnd ? EpochLine(progress) : nil
      case .trained: nil
      }
    } result: {
      ImageResultLine($0, $1, path: $2, page: $3)
    }
  }
}

private struct ImagePlanLine: Encodable {
  var event = "plan"
  let source: String
  let images: Int
  let classes: [String]
  let shape: [Int]
  let reason: String
  let trainingImages: Int
  let validationImages: Int
  let testImages: Int
  let network: ImageNetwork
  let parameters: Int
  /// Images equal to an earlier one; of these, with another label, or in another part. Not there for files.
  let equal: [String: Int]?
  let batchSize: Int
  let augmentation: Augmentation

  init(_ plan: ImagePlan) {
    source = plan.source
    images = plan.trainingCount + plan.validationCount + plan.testCount
    classes = plan.classes
    shape = plan.shape.axes
    reason = plan.shapeExplanation
    trainingImages = plan.trainingCount
    validationImages = plan.validationCount
    testImages = plan.testCount
    network = plan.network
    parameters = plan.parameterCount
    equal = plan.equalImages?.kinds.mapValues(\.count)
    batchSize = plan.batchSize
    augmentation = plan.augmentation
  }
}

private struct ImageResultLine: Encodable {
  struct Baselines: Encodable {
    let ridge: TabularScores
    let nearestMean: TabularScores
    let majority: TabularScores
  }

  var event = "result"
  let task = PredictionTask.classification
  let classes: [String]
  let epochs: Int
  let bestEpoch: Int
  let interrupted: Bool
  let outOfTime: Bool
  let testImages: Int
  let test: TabularScores
  let baselines: Baselines
  let model: String
  let report: String?

  init(_ model: ImageModel, _ report: ImageReport, path: String, page: String?) {
    classes = model.classes
    epochs = report.history.epochs.count
    bestEpoch = report.history.bestEpoch
    interrupted = report.wasCancelled
    outOfTime = report.wasOutOfTime
    testImages = report.test.imageCount
    test = report.test.network
    baselines = Baselines(
      ridge: report.test.ridge, nearestMean: report.test.nearestMean, majority: report.test.majority)
    self.model = path
    self.report = page
  }
}
