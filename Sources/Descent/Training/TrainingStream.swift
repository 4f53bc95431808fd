public import DescentRules

extension Layer {
  /// Trains the model as the loop over the progress asks for it.
  ///
  /// ```swift
  /// for try await progress in model.training(
  ///   on: train, loss: .meanSquaredError, optimizer: .adam(), options: options)
  /// {
  ///   print(progress.epoch, progress.loss)
  /// }
  /// ```
  ///
  /// Steps are made off the caller's actor, and only while the loop waits: in its body the model is at rest, so it may
  /// be read, measured and saved there. Training ends with the loop; when its task is cancelled, it ends after the
  /// current step. The model then has the weights of that step. Errors are of type `TrainingError`.
  public func training(
    on dataset: Dataset, validation: Dataset? = nil, loss: Loss, optimizer: some Optimizer, options: TrainingOptions
  ) -> AsyncThrowingStream<Progress, any Error> {
    let session = TrainingSession { () throws(TrainingError) in
      try trainer(on: dataset, validation: validation, loss: loss, optimizer: optimizer, options: options)
    }
    return AsyncThrowingStream(unfolding: { try await session.next() })
  }
}

/// Keeps a trainer to itself and advances it on demand.
private actor TrainingSession<Model: Module> {
  private let makeTrainer: @Sendable () throws(TrainingError) -> Trainer<Model>
  private var trainer: Trainer<Model>?

  init(_ makeTrainer: @escaping @Sendable () throws(TrainingError) -> Trainer<Model>) {
    self.makeTrainer = makeTrainer
  }

  /// The next progress, or nil when training is over or the task is cancelled.
  func next() throws(TrainingError) -> Progress? {
    if trainer == nil { trainer = try makeTrainer() }
    guard let trainer else { return nil }
    while !trainer.isFinished && !Task.isCancelled {
      if let progress = try trainer.advance() { return progress }
    }
    return nil
  }
}
