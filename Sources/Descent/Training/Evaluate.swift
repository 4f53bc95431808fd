import DescentCPU
import DescentCore
public import DescentRules

extension Layer {
  /// The mean loss over the rows of a dataset, in the phase of inference.
  public func evaluate(_ dataset: Dataset, loss: Loss, batchSize: Int = 256) throws(TrainingError) -> Double {
    guard !dataset.isEmpty else { throw .noRows(purpose: "evaluation") }
    let evaluator = Evaluator(
      self, batchSize: batchSize, engine: .cpu,
      loss: { model, batch in loss(model(batch.inputs), batch.targets) }, predictions: nil)
    return try evaluator(dataset).loss
  }

  /// Measurements of the model's predictions for the rows of a dataset, by name, in the phase of inference.
  ///
  /// ```swift
  /// let error = try model.evaluate(test, metrics: ["largest error": { ($0 - $1).abs().max().scalar() }])
  /// ```
  public func evaluate(
    _ dataset: Dataset, metrics: [String: Measurement], batchSize: Int = 256
  ) throws(TrainingError) -> [String: Double] {
    guard !dataset.isEmpty else { throw .noRows(purpose: "evaluation") }
    do {
      return metrics.values(of: try predict(dataset, batchSize: batchSize), dataset.targets)
    } catch {
      throw .evaluation(error, step: nil, rowNumbers: [])
    }
  }
}
