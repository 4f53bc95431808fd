import DescentCPU
public import DescentCore
public import DescentRules

/// One step of training, compiled: forward, backward and update as one program that changes the model in place.
///
/// It owns the model, the optimizer's memory and the random key, so that there is nothing to forget. The loss is traced
/// once for each shape of batch (the 16 used last are kept); after that a step is a flat list of kernel calls and
/// allocates nothing.
///
/// ```swift
/// let step = try CompiledStep(model, .adam(learningRate: 3e-4)) { model, batch in
///   softmaxCrossEntropy(logits: model(batch.inputs), targets: batch.targets)
/// }
/// for batch in train.batches(of: 32, shuffledWith: 1) { print(try step(batch)) }
/// ```
///
/// Which parameters are frozen is decided when the step is made, and of what element type they are.
public final class CompiledStep<Model: Module> {
  public let model: Model
  public let optimizer: any Optimizer
  /// What matrix products and convolutions multiply, those of the gradient included.
  public let precision: Precision
  /// In how many parts a batch is computed.
  public let accumulation: Int
  /// How many steps were made.
  public internal(set) var stepCount = 0
  /// A factor on the optimizer's learning rate, which may change between steps.
  public var learningRateScale: Double = 1 {
    didSet { memory.learningRateScale[0] = .real(learningRateScale) }
  }
  /// The learning rate of the last step, its scale included; 0 before the first.
  public internal(set) var learningRate: Double = 0

  let memory: StepMemory
  let loss: (Model, Batch) -> Tensor
  private let weight: (Batch) -> Tensor?
  let rules: StepRules
  private let engine: Engine
  private var plans = RecentlyUsed<StepPlan>(capacity: mostPlans)
  lazy var hyperparameters = Hyperparameters(rules)

  /// - Parameters:
  ///   - key: where dropout and other random layers take their numbers from.
  ///   - penalties: what is added to the loss before it is differentiated.
  ///   - accumulation: in how many parts of about as many rows a batch is computed, one after the other, whose gradients
  ///     add up: a step of many rows in the memory of few. The loss must be a mean. Other tensors of the batch
  ///     are cut where their first axis has as many rows.
  ///   - precision: `.bfloat16` rounds the operands of matrix products and convolutions, forward and backward. Weights,
  ///     gradients and what the optimizer remembers stay float32, so there is no loss to scale.
  ///   - weight: where the loss is a weighted mean, what that of a part of a batch counts for beside the other parts, one
  ///     float; nil for the number of rows.
  ///   - loss: the loss of the model on a batch, one float.
  /// - Throws: `TrainingError.nothingToTrain` if the model has no parameter that is not frozen, `.unmatchedPattern` if the
  ///   optimizer adjusts parameters the model has not.
  public init(
    _ model: Model, _ optimizer: some Optimizer, key: RandomKey = RandomKey(0), penalties: [Penalty] = [],
    accumulation: Int = 1, precision: Precision = .float32, engine: Engine = .cpu,
    weight: @escaping (Batch) -> Tensor? = { _ in nil }, loss: @escaping (Model, Batch) -> Tensor
  ) throws(TrainingError) {
    guard accumulation > 0 else { fatalError("CompiledStep: a batch has at least 1 part, not \(accumulation)") }
    let tree = ParameterTree(model)
    guard !tree.trainable.isEmpty else { throw .nothingToTrain }
    self.model = model
    self.optimizer = optimizer
    self.precision = precision
    self.accumulation = accumulation
    self.engine = engine
    self.weight = weight
    self.loss = loss
    rules = StepRules(
      optimizer: optimizer, penalties: penalties, parameterRules: try optimizer.rules(for: tree.trainable, of: tree))
    memory = StepMemory(tree, optimizer: optimizer, key: key)
  }

  /// Makes a step and gives the loss before it, without penalties.
  ///
  /// - Throws: `TrainingError` if the loss does not depend on a parameter, the model was converted to another element
  ///   type, an index is out of range, or the loss is not finite. In the last case the model was updated all the same;
  ///   its weights are then of no use.
  @discardableResult
  public func callAsFunction(_ batch: Batch) throws(TrainingError) -> Float {
    let value = try run(batch)
    guard value.isFinite else {
      throw .nonFiniteLoss(nonFiniteLoss(Float(value), on: batch, step: stepCount, isUndone: false))
    }
    return Float(value)
  }

  /// Makes a step and gives the loss before it, finite or not.
  func run(_ batch: Batch) throws(TrainingError) -> Double {
    let detached = memory.weights.detachedPaths()
    guard detached.isEmpty else { throw .convertedWeights(detached) }
    let plan = try plan(for: batch)
    memory.stepNumber[0] = .real(Double(stepCount + 1))
    do {
      try plan.run(batch)
    } catch {
      throw .evaluation(error, step: stepCount + 1, rowNumbers: batch.rowNumbers)
    }
    stepCount += 1
    learningRate = plan.learningRate.real
    return plan.loss.real
  }

  private func plan(for batch: Batch) throws(TrainingError) -> StepPlan {
    if let plan = plans.use(where: { $0.fits(batch) }) { return plan }
    guard batch.inputs.shape.first != 0 else { throw .noRows(purpose: "a step") }
    let plan = try StepPlan(
      model, batch: batch, memory: memory, rules: rules, parts: accumulation, precision: precision, engine: engine,
      weight: weight, loss: loss)
    plans.append(plan)
    return plan
  }

  /// The parameters and buffers of the model as they are updated in place.
  var weights: [Memory] { memory.trainableMemory + memory.otherMemory }

  // MARK: - Going back

  func snapshot() -> StepSnapshot { StepSnapshot(memory, stepCount: stepCount) }

  func update(_ snapshot: inout StepSnapshot) { snapshot.update(from: memory, stepCount: stepCount) }

  func restore(_ snapshot: StepSnapshot) {
    snapshot.restore(to: memory)
    stepCount = snapshot.stepCount
  }
}
