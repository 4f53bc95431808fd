public import DescentRules

/// Trains several models that start from different seeds and keeps the one with the lowest validation loss.
///
/// Gradient descent ends in different places from different starts; for small networks a few restarts often help more
/// than a longer run.
///
/// ```swift
/// let (model, history) = try fitBest(
///   of: 5, train, validation: validation, loss: .meanSquaredError, optimizer: .adam(learningRate: 0.01),
///   options: TrainingOptions(epochs: 100)
/// ) { seed in
///   withSeed(seed) { Sequential { Dense(2, 4); Tanh(); Dense(4, 1) } }
/// }
/// ```
///
/// - Parameters:
///   - make: makes a model for a seed; called with `options.seed`, `options.seed + 1`, ….
/// - Throws: `TrainingError` of the first start if none could be trained; starts whose loss or weights become NaN or
///   infinite are left out.
public func fitBest<Model: Layer>(
  of count: Int, _ dataset: Dataset, validation: Dataset, loss: Loss, optimizer: some Optimizer,
  options: TrainingOptions, make: (UInt64) -> Model
) throws(TrainingError) -> (model: Model, history: History) {
  guard count > 0 else { fatalError("fitBest: at least one start is needed, not \(count)") }
  var best: (model: Model, history: History, loss: Double)?
  var firstError: TrainingError?
  for start in 0..<count {
    var options = options
    options.seed &+= UInt64(start)
    let model = make(options.seed)
    do throws(TrainingError) {
      let history = try model.fit(dataset, validation: validation, loss: loss, optimizer: optimizer, options: options)
      let reached = try model.evaluate(validation, loss: loss)
      guard reached.isFinite else {
        throw .nonFiniteValidationLoss(reached, epoch: history.epochs.count, cause: nil)
      }
      if best.map({ reached < $0.loss }) ?? true { best = (model, history, reached) }
    } catch {
      switch error {
      case .nonFiniteLoss, .nonFiniteValidationLoss, .nonFiniteWeights: firstError = firstError ?? error
      default: throw error
      }
    }
  }
  guard let best else { throw firstError! }
  return (best.model, best.history)
}
