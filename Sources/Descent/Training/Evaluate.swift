import DescentCPU
import DescentCore
public import DescentRules

extension Layer {
  /// The mean loss over the rows of a dataset, in the phase of inference; a weighted loss gives the weighted mean.
  public func evaluate(_ dataset: Dataset, loss: Loss, batchSize: Int = 256) throws(TrainingError) -> Double {
    guard !dataset.isEmpty else { throw .noRows(purpose: "evaluation") }
    try loss.check(dataset)
    let evaluator = Evaluator(
      self, batchSize: batchSize, engine: .cpu,
      loss: { model, batch in loss(model(batch.inputs), batch.targets) },
      weight: { batch in loss.weight(of: batch.targets) }, predictions: nil)
    return try evaluator(dataset).loss
  }
}
