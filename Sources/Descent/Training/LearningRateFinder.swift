import DescentCPU
public import DescentCore
public import DescentRules

/// How the loss changes as the learning rate grows (Smith, "Cyclical learning rates for training neural networks", 2017).
public struct LearningRateCurve: Sendable, Hashable {
  public struct Point: Sendable, Hashable {
    public let learningRate: Double
    /// The loss, smoothed over steps.
    public let loss: Double
  }

  public let points: [Point]

  /// The learning rate at which the loss falls most steeply as the rate grows; nil if it never falls.
  public var suggestion: Double? {
    let slopes = zip(points, points.dropFirst()).map { left, right in (right.loss - left.loss, left.learningRate) }
    guard let steepest = slopes.min(by: { $0.0 < $1.0 }), steepest.0 < 0 else { return nil }
    return steepest.1
  }
}

extension Layer {
  /// Trains with a learning rate that grows exponentially from step to step until the loss is four times its lowest,
  /// and says which rate looks best. The model is left as it was.
  ///
  /// - Parameters:
  ///   - optimizer: its schedule is not used.
  ///   - steps: how many steps the whole range would take.
  ///   - precision: `.bfloat16` rounds the operands of matrix products and convolutions, as training will.
  /// - Throws: `TrainingError`, also if the loss is not finite at the lowest rate already.
  public func findLearningRate(
    _ dataset: Dataset, loss: Loss, optimizer: some Optimizer, batchSize: Int = 32, from lowest: Double = 1e-7,
    to highest: Double = 10, steps: Int = 100, seed: UInt64 = 0, precision: Precision = .float32
  ) throws(TrainingError) -> LearningRateCurve {
    guard lowest > 0 && highest > lowest && steps > 1 else {
      fatalError("findLearningRate: needs 0 < \(lowest) < \(highest) and at least 2 steps, not \(steps)")
    }
    guard !dataset.isEmpty else { throw .noRows(purpose: "finding a learning rate") }
    try loss.check(dataset)
    let step = try CompiledStep(self, Sweep(base: optimizer), key: RandomKey(seed), precision: precision) {
      model, batch in
      loss(model(batch.inputs), batch.targets)
    }
    let start = step.snapshot()
    defer { step.restore(start) }
    let exponents = Tensor.linspace(0, 1, count: steps, dtype: .float64) * Tensor(highest / lowest).log()
    let rates = (lowest * exponents.exp()).array(of: Double.self)
    return LearningRateCurve(points: try sweep(step, from: start, rates, dataset, batchSize: batchSize, seed: seed))
  }

  private func sweep(
    _ step: CompiledStep<Self>, from start: StepSnapshot, _ rates: [Double], _ dataset: Dataset, batchSize: Int,
    seed: UInt64
  ) throws(TrainingError) -> [LearningRateCurve.Point] {
    let smoothing = 0.8
    var batches = dataset.batches(of: batchSize, shuffledWith: seed)
    var points: [LearningRateCurve.Point] = []
    var (average, weight) = (0.0, 0.0)
    var best = Double.infinity
    for (index, rate) in rates.enumerated() {
      let (epoch, place) = index.quotientAndRemainder(dividingBy: batches.count)
      if place == 0 { batches = dataset.batches(of: batchSize, shuffledWith: seed, epoch: epoch) }
      step.learningRateScale = rate
      let batch: Batch
      do { batch = try batches.read(place) } catch { throw .evaluation(error, step: index + 1, rowNumbers: []) }
      let value = try step.run(batch)
      guard value.isFinite else {
        guard points.isEmpty else { break }
        step.restore(start)
        throw .nonFiniteLoss(
          step.nonFiniteLoss(
            Float(value), on: batch, step: 1, isUndone: true, featureNames: dataset.featureNames))
      }
      average = smoothing * average + (1 - smoothing) * value
      weight = smoothing * weight + (1 - smoothing)
      let smoothed = average / weight  // without the pull of the zero it starts from
      points.append(LearningRateCurve.Point(learningRate: rate, loss: smoothed))
      best = min(best, smoothed)
      if smoothed > 4 * best { break }
    }
    return points
  }
}

/// An optimizer's rule at a learning rate of 1, which the step scales.
private struct Sweep<Base: Optimizer>: Optimizer {
  let base: Base

  var learningRate: Schedule { Schedule(1) }
  var clipping: GradientClipping { base.clipping }
  var weightDecay: WeightDecay { base.weightDecay }
  var adjustments: [ParameterAdjustment] { base.adjustments }
  var stateNames: [String] { base.stateNames }

  func initialState(for parameter: Tensor) -> [Tensor] { base.initialState(for: parameter) }

  func update(
    _ parameter: Tensor, gradient: Tensor, state: [Tensor], learningRate: Tensor, step: Tensor,
    weightDecay: WeightDecay
  ) -> (parameter: Tensor, state: [Tensor]) {
    base.update(
      parameter, gradient: gradient, state: state, learningRate: learningRate, step: step,
      weightDecay: weightDecay)
  }
}
