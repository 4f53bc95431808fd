import DescentCPU
public import DescentCore
public import DescentRules

extension Layer {
  /// The mean loss over the rows of a dataset, in the phase of inference; a weighted loss gives the weighted mean.
  ///
  /// - Parameter precision: what matrix products and convolutions of float32 multiply.
  public func evaluate(
    _ dataset: Dataset, loss: Loss, batchSize: Int = 256, precision: Precision = .float32
  ) throws(TrainingError) -> Double {
    guard !dataset.isEmpty else { throw .noRows(purpose: "evaluation") }
    try loss.check(dataset)
    let evaluator = Evaluator(
      self, batchSize: batchSize, precision: precision, engine: .cpu,
      loss: { model, batch in loss(model(batch.inputs), batch.targets) },
      weight: { batch in loss.weight(of: batch.targets) }, predictions: nil)
    return try evaluator(dataset).loss
  }
}
