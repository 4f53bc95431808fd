public import DescentCore
public import DescentRules

extension Layer {
  /// Trains the model on a dataset: a loop over `Trainer.advance()`.
  ///
  /// ```swift
  /// let history = try model.fit(
  ///   train, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.01), epochs: 50, validation: validation,
  ///   earlyStopping: EarlyStopping(patience: 5))
  /// print(history)
  /// ```
  ///
  /// - Parameters:
  ///   - validation: data that is not trained on, measured after each epoch.
  ///   - validationShare: the share of `dataset` that is kept for validation if `validation` is nil.
  ///   - seed: what the order of the rows and random layers follow from: same seed, same bits.
  ///   - dropsPartialBatch: leaves out a last batch with fewer rows.
  ///   - metrics: what is measured after each epoch.
  ///   - precision: `.bfloat16` rounds the operands of matrix products and convolutions in training steps.
  ///   - progress: called after each epoch.
  /// - Throws: `TrainingError`. If the loss or the weights become NaN or infinite, the model has the weights from before
  ///   the step.
  @discardableResult
  public func fit(
    _ dataset: Dataset, loss: Loss, optimizer: some Optimizer, epochs: Int, batchSize: Int = 32,
    validation: Dataset? = nil, validationShare: Double? = nil, shuffles: Bool = true,
    dropsPartialBatch: Bool = false, seed: UInt64 = 0, penalties: [Penalty] = [], metrics: [Metric] = [],
    earlyStopping: EarlyStopping? = nil, plateau: ReduceOnPlateau? = nil,
    precision: Precision = .float32, progress: (Progress) -> Void = { _ in }
  ) throws(TrainingError) -> History {
    let options = TrainingOptions(
      epochs: epochs, batchSize: batchSize, shuffles: shuffles, dropsPartialBatch: dropsPartialBatch, seed: seed,
      penalties: penalties, metrics: metrics, earlyStopping: earlyStopping, plateau: plateau,
      precision: precision)
    var parts = (train: dataset, validation: validation)
    if validation == nil, let validationShare {
      parts = dataset.split(1 - validationShare, seed: seed)
    }
    return try fit(
      parts.train, validation: parts.validation, loss: loss, optimizer: optimizer, options: options, progress: progress)
  }

  /// Trains the model as the options say.
  @discardableResult
  public func fit(
    _ dataset: Dataset, validation: Dataset? = nil, loss: Loss, optimizer: some Optimizer, options: TrainingOptions,
    progress: (Progress) -> Void = { _ in }
  ) throws(TrainingError) -> History {
    let trainer = try trainer(on: dataset, validation: validation, loss: loss, optimizer: optimizer, options: options)
    while !trainer.isFinished {
      if let report = try trainer.advance() { progress(report) }
    }
    return trainer.history
  }

  /// Training of the model as an object that makes one step at a time and can be stopped and resumed.
  public func trainer(
    on dataset: Dataset, validation: Dataset? = nil, loss: Loss, optimizer: some Optimizer, options: TrainingOptions
  ) throws(TrainingError) -> Trainer<Self> {
    try loss.check(dataset)
    if let validation { try loss.check(validation) }
    return try Trainer(
      self, on: dataset, validation: validation, optimizer: optimizer, options: options,
      predictions: { model, inputs in model(inputs) }, weight: { batch in loss.weight(of: batch.targets) },
      loss: { model, batch in loss(model(batch.inputs), batch.targets) })
  }
}
