import DescentCore
import DescentRules

extension ImageModel {
  /// Does what a careful practitioner does with labelled images: keeps some for validation and, if the data does not,
  /// for a test, fits the normalisation on the training images alone, trains with augmentation and early stopping, and
  /// scores the best weights on the test images beside the majority class, the nearest class mean and ridge regression
  /// on the pixels.
  ///
  /// - Parameters:
  ///   - isCancelled: asked after each step; true ends training with the best weights so far, those of the last step
  ///     among them.
  ///   - progress: called with the plan, during each epoch and at its end.
  public static func train(
    _ data: ImageData, configuration: ImageConfiguration = ImageConfiguration(),
    isCancelled: () -> Bool = { false }, progress: (ImageEvent) -> Void = { _ in }
  ) throws(ImageModelError) -> (model: ImageModel, report: ImageReport) {
    try configuration.check()
    let parts = try ImageParts(data, configuration)
    let (kind, shape, classes) = (configuration.network ?? .convolutional, data.training.shape, data.training.classes)
    // Images in arrays keep their size.
    let settings = data.form == .folder ? ["network", "size"] : ["network"]
    if let problem = kind.problem(shape) { throw .configuration(ConfigurationProblem(problem, of: settings)) }
    let network = kind.make(shape, classes: classes.count, seed: configuration.seed)
    // What could not be read again must not be trained in vain.
    if let problem = network.problem(shape, classes: classes.count) {
      throw .configuration(ConfigurationProblem("\(problem); smaller images help", of: settings))
    }
    try checkMemory(
      kind, network, shape, classes: classes.count,
      batchSize: min(configuration.batchSize(forImages: parts.training.count), parts.training.count),
      measured: max(parts.validation.count, parts.test.count), configuration,
      settings: settings.reversed())
    let normalization = try imageFiles { () throws(ModelFileError) in try ImageNormalization(fitting: parts.training) }
    let plan = ImagePlan(data, parts, configuration, kind, parameterCount: network.parameterCount)
    if let problem = plan.augmentation.problem(height: plan.shape.height, width: plan.shape.width) {
      throw .configuration(ConfigurationProblem(problem, of: "augmentation"))
    }
    progress(.planned(plan))
    let fit = try ImageFit(network, plan, parts, normalization, isCancelled, progress)
    progress(.trained(fit.history, wasCancelled: fit.wasCancelled, wasOutOfTime: fit.wasOutOfTime))

    let probabilities = try ImageLogits(of: parts.test, network, normalization).probabilities
    let test = try ImageTest(
      network: probabilities, on: parts.test, baselinesOf: [parts.training, parts.validation])
    let model = ImageModel(
      network: network,
      preprocessing: Preprocessing(shape: plan.shape, normalization: normalization, classes: plan.classes),
      provenance: ImageProvenance(data, plan, fit.history, test: test))
    return (
      model,
      ImageReport(
        plan: plan, history: fit.history, wasCancelled: fit.wasCancelled, wasOutOfTime: fit.wasOutOfTime, test: test,
        testImages: parts.test, testProbabilities: probabilities)
    )
  }
}
