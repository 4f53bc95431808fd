public import DescentRules

extension Layer {
  /// Trains the model in a task of its own and gives progress as it comes.
  ///
  /// ```swift
  /// for try await progress in model.training(on: train, loss: .hinge, optimizer: .adam(), options: options) {
  ///   print(progress.epoch, progress.loss)
  /// }
  /// ```
  ///
  /// Training ends after the current step when the loop is left or its task is cancelled; the model then has the
  /// weights of that step. Errors are of type `TrainingError`.
  public func training(
    on dataset: Dataset, validation: Dataset? = nil, loss: Loss, optimizer: some Optimizer, options: TrainingOptions
  ) -> AsyncThrowingStream<Progress, any Error> {
    AsyncThrowingStream { continuation in
      let task = Task.detached {
        do {
          let trainer = try trainer(
            on: dataset, validation: validation, loss: loss, optimizer: optimizer, options: options)
          while !trainer.isFinished && !Task.isCancelled {
            guard let progress = try trainer.advance() else { continue }
            continuation.yield(progress)
            await Task.yield()
          }
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }
}
