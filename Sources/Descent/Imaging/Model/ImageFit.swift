import DescentCore
import DescentRules

/// One training of a network on images.
struct ImageFit {
  let history: History
  let wasCancelled: Bool
  let wasOutOfTime: Bool

  init(
    _ network: Sequential, _ plan: ImagePlan, _ parts: ImageParts, _ normalization: ImageNormalization,
    _ isCancelled: () -> Bool, _ progress: (ImageEvent) -> Void
  ) throws(ImageModelError) {
    let failure = ImageFailure()
    let train = parts.training.dataset(
      normalization, augmentation: plan.augmentation, seed: plan.configuration.seed, failure: failure)
    let validation = parts.validation.dataset(normalization, augmentation: .none, seed: 0, failure: failure)
    do {
      let trainer = try network.trainer(
        on: train, validation: validation, loss: .softmaxCrossEntropy(),
        optimizer: .adamW(learningRate: Self.schedule(plan), weightDecay: plan.configuration.weightDecay),
        options: Self.options(plan, evaluationBatchSize: network.batchSize(forImagesOf: plan.shape)))
      (history, wasCancelled, wasOutOfTime) = try Self.run(trainer, plan, isCancelled, progress)
    } catch {
      throw failure.error.map { .file($0) } ?? .training(error)
    }
  }

  /// A first tenth of an epoch of rising rates keeps the first steps from spoiling what batch normalisation learns.
  /// Where the time alone ends training, nobody knows when the rate should reach 0.
  private static func schedule(_ plan: ImagePlan) -> Schedule {
    let steps = (plan.trainingCount + plan.batchSize - 1) / plan.batchSize
    let rate = plan.configuration.learningRate
    let warmUp = min(max(1, steps / 10), 100)
    guard plan.configuration.hasKnownEnd else { return .warmUp(warmUp, then: rate) }
    return .warmUp(warmUp, then: .cosine(rate, period: max(1, steps * plan.epochs)))
  }

  private static func options(_ plan: ImagePlan, evaluationBatchSize: Int) -> TrainingOptions {
    TrainingOptions(
      epochs: plan.epochs, batchSize: plan.batchSize,
      // Batch normalisation has nothing to say of one image.
      dropsPartialBatch: plan.trainingCount % plan.batchSize == 1 && plan.trainingCount > plan.batchSize,
      seed: plan.configuration.seed, metrics: [.accuracy],
      earlyStopping: EarlyStopping(patience: plan.configuration.patience), precision: plan.configuration.precision,
      evaluationBatchSize: evaluationBatchSize, reportInterval: 16)
  }

  private static func run(
    _ trainer: Trainer<Sequential>, _ plan: ImagePlan, _ isCancelled: () -> Bool, _ progress: (ImageEvent) -> Void
  ) throws(TrainingError) -> (history: History, wasCancelled: Bool, wasOutOfTime: Bool) {
    let end = plan.configuration.seconds.map { ContinuousClock.now + .seconds($0) }
    var (wasCancelled, wasOutOfTime) = (false, false)
    try trainer.run {
      wasCancelled = isCancelled()
      wasOutOfTime = !wasCancelled && end.map { $0 <= .now } ?? false
      return wasCancelled || wasOutOfTime
    } progress: {
      progress(.progressed($0))
    }
    return (trainer.history, wasCancelled, wasOutOfTime)
  }
}
