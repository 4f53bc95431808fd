import DescentCPU
public import DescentCore
public import DescentRules

/// Training as an object that makes one step at a time, and that can be stopped after any step and resumed.
///
/// `fit` is this in a loop:
///
/// ```swift
/// let trainer = try model.trainer(on: train, loss: .softmaxCrossEntropy, optimizer: .adam(), options: options)
/// while !trainer.isFinished {
///   if let progress = try trainer.advance() { print(progress.loss) }
/// }
/// ```
public final class Trainer<Model: Module> {
  public let step: CompiledStep<Model>
  public let dataset: Dataset
  public let validation: Dataset?
  public let options: TrainingOptions
  public var model: Model { step.model }
  public var history: History { state.history }
  /// Whether all epochs are done, or early stopping ended them.
  public var isFinished: Bool { state.isFinished }

  /// Where training is; with the step's memory and the best weights it is all that a checkpoint holds.
  struct State: Codable {
    /// Complete epochs.
    var epoch = 0
    /// Batches done in the current epoch.
    var batch = 0
    var loss = WeightedMean()
    var epochSeconds = 0.0
    var stopping = LossWatch()
    var history = History()
    var isFinished = false
  }

  var state = State()
  var plateau: ReduceOnPlateau?
  /// The weights and buffers of the best epoch, if they are to be restored.
  var bestWeights: [Memory]?
  /// Those of the last step, from which training can go on after the best ones were restored.
  var lastWeights: [Memory]?
  private let evaluator: Evaluator<Model>
  private let predictions: ((Model, Tensor) -> Tensor)?
  private let weight: (Batch) -> Tensor?
  private let reader: BatchReader
  var batchesPerEpoch: Int { reader.count }
  private var recovery: Recovery?
  /// What tells the training data from others, once it was asked for.
  private var knownFingerprint: DataFingerprint?
  private var stopwatch = ContinuousClock.now

  /// - Parameters:
  ///   - validation: what early stopping watches; nil lets it watch the training loss.
  ///   - predictions: what the metrics of the options are measured of, from the model and the inputs.
  ///   - weight: where the loss is a weighted mean, what that of a batch counts for in the mean over all batches: one
  ///     float, or nil for the number of rows.
  ///   - loss: the loss of the model on a batch, a mean over its rows.
  /// - Throws: `TrainingError` if there is nothing to train, a dataset has no rows, a layer cannot be trained on the
  ///   last batch, two metrics have one name, or one of classes has targets that are none.
  public init(
    _ model: Model, on dataset: Dataset, validation: Dataset? = nil, optimizer: some Optimizer,
    options: TrainingOptions, engine: Engine = .cpu, predictions: ((Model, Tensor) -> Tensor)? = nil,
    weight: @escaping (Batch) -> Tensor? = { _ in nil }, loss: @escaping (Model, Batch) -> Tensor
  ) throws(TrainingError) {
    guard options.metrics.isEmpty || predictions != nil else {
      fatalError("Trainer: metrics need `predictions`, a function from inputs to what they are measured of")
    }
    reader = BatchReader(
      dataset, size: options.batchSize, shuffledWith: options.shuffles ? options.seed : nil,
      droppingPartial: options.dropsPartialBatch)
    guard reader.count > 0 else {
      throw .noRows(purpose: dataset.isEmpty ? "training" : "a batch of \(options.batchSize)")
    }
    guard validation.map({ !$0.isEmpty }) ?? true else { throw .noRows(purpose: "validation") }
    try Self.checkNames(of: options.metrics)
    try Self.checkLastBatch(of: dataset, model, options, loss)
    if let predictions, !options.metrics.isEmpty {
      let measured = validation ?? dataset
      let row = try measured.firstRow()
      try options.metrics.check(measured, outputs: predictions(model, row.inputs))
    }
    self.dataset = dataset
    self.validation = validation
    self.predictions = predictions
    self.weight = weight
    self.options = options
    plateau = options.plateau
    // A key apart from those that layers made with the same seed took for their initial values.
    let key = RandomKey(options.seed).folding(in: 1 << 24)
    step = try CompiledStep(
      model, optimizer, key: key, penalties: options.penalties, accumulation: options.accumulation,
      precision: options.precision, engine: engine, weight: weight, loss: loss)
    evaluator = Evaluator(
      model, batchSize: options.evaluationBatchSize ?? max(options.batchSize, 256), engine: engine, loss: loss,
      weight: weight,
      predictions: options.metrics.isEmpty ? nil : predictions)
    state.isFinished = options.epochs == 0
  }

  /// Makes one step; at the end of an epoch it also measures the model. Progress is given at the end of an epoch and
  /// at the interval asked for, and is nil otherwise.
  ///
  /// - Throws: `TrainingError`. If the loss or, at the end of an epoch, weights are not finite, the step is undone
  ///   before. That holds as long as nothing but this trainer trains the model; it may be set between steps.
  @discardableResult
  public func advance() throws(TrainingError) -> Progress? {
    guard !isFinished else { return nil }
    // All batches are done where measuring the epoch has failed.
    if state.batch < batchesPerEpoch { try makeStep() }
    if state.batch == batchesPerEpoch { return finishEpoch(try measureEpoch()) }
    guard let interval = options.reportInterval, state.batch % interval == 0 else { return nil }
    return progress(nil)
  }

  /// Ends the epoch before its last batch: measures the model, which counts as at the end of any epoch, and goes on with
  /// the next. Where no batch of an epoch was made, nothing happens.
  ///
  /// - Throws: `TrainingError`, as `advance()` at the end of an epoch.
  @discardableResult
  public func endEpoch() throws(TrainingError) -> Progress? {
    guard !isFinished && state.batch > 0 else { return nil }
    if state.batch < batchesPerEpoch {
      state.batch -= 1
      try checkWeights()
      state.batch += 1
    }
    let measured = try measureEpoch()
    // The steps since the last copy are no longer those that come one after the other.
    recovery = nil
    return finishEpoch(measured)
  }

  private func makeStep() throws(TrainingError) {
    prepareRecovery()
    let (loss, weight) = try run(place)
    guard loss.isFinite else { throw undoing(loss) }
    if state.batch + 1 == batchesPerEpoch { try checkWeights() }
    recovery?.nextStep = step.stepCount
    state.loss.add(loss, weight: weight)
    state.batch += 1
  }

  /// Undoes the last step, after which training is at its batch, where weights are not finite.
  private func checkWeights() throws(TrainingError) {
    guard let path = step.nonFiniteWeights else { return }
    let number = step.stepCount
    try undoStep()
    throw .nonFiniteWeights(path: path, step: number, cause: try causeInRows())
  }

  /// What of the batch that is next is not finite.
  private func causeInRows() throws(TrainingError) -> NonFiniteLoss.Cause? {
    do {
      return try dataset.batch(at: reader.positions(of: place), epoch: place.epoch)
        .nonFiniteElement(featureNames: dataset.featureNames)
    } catch {
      throw .evaluation(error, step: step.stepCount + 1, rowNumbers: [])
    }
  }

  func fingerprint() throws(TrainingError) -> DataFingerprint {
    if let knownFingerprint { return knownFingerprint }
    let fingerprint = try DataFingerprint(dataset)
    knownFingerprint = fingerprint
    return fingerprint
  }

  private var place: BatchPlace { BatchPlace(epoch: state.epoch, batch: state.batch) }

  /// Makes the step on a batch, whose memory does not know its rows, but whose errors should, and gives its loss and what
  /// that counts for.
  private func run(_ place: BatchPlace) throws(TrainingError) -> (loss: Double, weight: Double) {
    do {
      let batch = try read(place)
      let loss = try step.run(batch)
      return (loss, weight(batch)?.scalar(of: Double.self) ?? Double(batch.count))
    } catch {
      guard case .evaluation(let reason, let number, _) = error else { throw error }
      throw .evaluation(reason, step: number, rowNumbers: dataset.rowNumbers(at: reader.positions(of: place)))
    }
  }

  private func read(_ place: BatchPlace) throws(TrainingError) -> Batch {
    do { return try reader(place) } catch { throw .evaluation(error, step: step.stepCount + 1, rowNumbers: []) }
  }

  // MARK: - Stopping and going on

  /// Where training is, the time until now included.
  func stateNow() -> State {
    readStopwatch()
    return state
  }

  /// Goes on from another place; the step's memory, as after the last step, and the best weights are there already.
  func resume(at state: State) {
    self.state = state
    recovery = nil
    lastWeights = nil
    stopwatch = .now
    checkWhetherFinished()
    if isFinished { restoreBestWeights() }
  }

  /// Ends training before its time. The model gets the weights of the best epoch so far, if early stopping restores
  /// them; else it keeps those of the last step.
  public func stop() {
    guard !isFinished else { return }
    state.isFinished = true
    restoreBestWeights()
  }

  /// The time since the start of the epoch, or since training was resumed within it, is added to the epoch's.
  private func readStopwatch() {
    let now = ContinuousClock.now
    let (seconds, attoseconds) = (now - stopwatch).components
    state.epochSeconds += Double(seconds) + Double(attoseconds) * 1e-18
    stopwatch = now
  }

  // MARK: - Undoing a step

  /// A copy to go back to, and what must not change for the steps since then to be made again.
  private struct Recovery {
    var snapshot: StepSnapshot
    let place: BatchPlace
    let learningRateScale: Double
    let weightChanges: Int
    /// How many steps there are if none was made behind the trainer's back.
    var nextStep: Int
  }

  /// Takes a new copy every 256 steps, and where the steps since the last one could not be made again.
  private func prepareRecovery() {
    let changes = step.memory.weights.changes
    if let recovery, recovery.nextStep == step.stepCount, recovery.learningRateScale == step.learningRateScale,
      recovery.weightChanges == changes
    {
      // Weights that a step broke are no place to go back to.
      let isRecent = step.stepCount - recovery.snapshot.stepCount < 256
      if isRecent || step.nonFiniteWeights != nil { return }
    }
    var snapshot = recovery?.snapshot
    recovery = nil
    if snapshot == nil { snapshot = step.snapshot() } else { step.update(&snapshot!) }
    recovery = Recovery(
      snapshot: snapshot!, place: place, learningRateScale: step.learningRateScale, weightChanges: changes,
      nextStep: step.stepCount)
  }

  /// Goes back to the last copy and makes the steps since then again, which gives the weights from before the last
  /// step to the bit. That costs nothing as long as nothing goes wrong.
  private func undoStep() throws(TrainingError) {
    guard let recovery else { return }
    let badStep = step.stepCount
    try replay(from: recovery) { badStep - 1 == step.stepCount }
  }

  /// Makes steps again from a copy until one is enough.
  private func replay(from recovery: Recovery, until isEnough: () -> Bool) throws(TrainingError) {
    var place = recovery.place
    step.restore(recovery.snapshot)
    while !isEnough() {
      _ = try step.run(try read(place))
      place = place.next(of: batchesPerEpoch)
    }
  }

  private func undoing(_ loss: Double) -> TrainingError {
    let badStep = step.stepCount
    do {
      try undoStep()
      if let error = try undoingDamage() { return error }
    } catch {
      return error
    }
    let rows: Batch
    do {
      rows = try dataset.batch(at: reader.positions(of: place), epoch: place.epoch)
    } catch {
      return .evaluation(error, step: badStep, rowNumbers: [])
    }
    return .nonFiniteLoss(
      step.nonFiniteLoss(Float(loss), on: rows, step: badStep, isUndone: true, featureNames: dataset.featureNames))
  }

  /// Where an earlier step of the epoch, its own loss still finite, broke the weights, goes back to before that one.
  private func undoingDamage() throws(TrainingError) -> TrainingError? {
    guard let recovery, step.nonFiniteWeights != nil else { return nil }
    let last = step.stepCount
    try replay(from: recovery) { step.stepCount == last || step.nonFiniteWeights != nil }
    let damaging = step.stepCount
    guard damaging > recovery.snapshot.stepCount, let path = step.nonFiniteWeights else { return nil }
    try undoStep()
    state.batch -= last - step.stepCount
    return .nonFiniteWeights(path: path, step: damaging, cause: try causeInRows())
  }

  // MARK: - The end of an epoch

  private struct Measured {
    let validationLoss: Double?
    let metrics: [String: Double]
  }

  private func measureEpoch() throws(TrainingError) -> Measured {
    guard let measured = validation ?? (options.metrics.isEmpty ? nil : dataset) else {
      return Measured(validationLoss: nil, metrics: [:])
    }
    let result = try evaluator(measured)
    if validation != nil && !result.loss.isFinite {
      throw .nonFiniteValidationLoss(
        result.loss, epoch: state.epoch + 1, cause: try measured.nonFiniteElement())
    }
    var metrics: [String: Double] = [:]
    if let predictions = result.predictions {
      metrics = options.metrics.values(of: predictions, on: measured, outputs: try outputs())
    }
    return Measured(validationLoss: validation == nil ? nil : result.loss, metrics: metrics)
  }

  /// What the metrics' predictions are.
  private func outputs() throws(TrainingError) -> Metric.Reading {
    guard let predictions else { return .logits }
    return Metric.Reading(ofOutputs: predictions(model, try dataset.firstRow().inputs))
  }

  private func finishEpoch(_ measured: Measured) -> Progress {
    let progress = progress(measured)
    state.epoch += 1
    state.history.epochs.append(
      History.Epoch(
        number: state.epoch, loss: progress.loss, validationLoss: measured.validationLoss, metrics: measured.metrics,
        learningRate: step.learningRate, seconds: state.epochSeconds))
    let watched = measured.validationLoss ?? progress.loss
    watchForStopping(watched)
    if let scale = plateau?.update(watched), scale != step.learningRateScale { step.learningRateScale = scale }
    (state.batch, state.loss, state.epochSeconds) = (0, WeightedMean(), 0)
    checkWhetherFinished()
    if isFinished { restoreBestWeights() }
    return progress
  }

  /// Whether the last epoch is done or patience has run out.
  private func checkWhetherFinished() {
    let isPatient = options.earlyStopping.map { state.stopping.epochsSince < $0.patience } ?? true
    state.isFinished = state.epoch >= options.epochs || !isPatient
    state.history.stoppedEarly = !isPatient && state.epoch < options.epochs
  }

  private func watchForStopping(_ loss: Double) {
    let rule = options.earlyStopping
    let isBest = state.stopping.record(loss, epoch: state.epoch, minimumImprovement: rule?.minimumImprovement ?? 0)
    state.history.bestEpoch = state.stopping.bestEpoch
    guard let rule else { return }
    if isBest && rule.restoringBest {
      let weights = step.weights
      if let bestWeights {
        for (best, live) in zip(bestWeights, weights) { best.copy(from: live) }
      } else {
        bestWeights = weights.map { $0.copy() }
      }
    }
  }

  /// Gives the model its best weights, and keeps the last ones for a checkpoint to go on from.
  private func restoreBestWeights() {
    guard let bestWeights else { return }
    lastWeights = step.weights.map { $0.copy() }
    for (best, live) in zip(bestWeights, step.weights) { live.copy(from: best) }
  }

  private func progress(_ measured: Measured?) -> Progress {
    readStopwatch()
    return Progress(
      epoch: state.epoch + 1, epochs: options.epochs, batch: state.batch,
      batches: measured == nil ? batchesPerEpoch : state.batch,
      step: step.stepCount, loss: state.loss.value, validationLoss: measured?.validationLoss,
      metrics: measured?.metrics ?? [:], learningRate: step.learningRate,
      seconds: state.history.epochs.reduce(state.epochSeconds) { $0 + $1.seconds })
  }
}
