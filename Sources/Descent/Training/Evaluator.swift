import DescentCPU
import DescentCore

/// The loss of a model over a dataset, and what it answers there, in the phase of inference.
final class Evaluator<Model: Module> {
  private let function: CompiledFunction<Model>
  private let batchSize: Int

  /// - Parameter predictions: what metrics are measured of; nil where there are none.
  init(
    _ model: Model, batchSize: Int, engine: Engine, loss: @escaping (Model, Batch) -> Tensor,
    predictions: ((Model, Tensor) -> Tensor)?
  ) {
    self.batchSize = batchSize
    function = CompiledFunction(model, engine: engine) { model, arguments in
      let value = loss(model, Batch(inputs: arguments[0], targets: arguments[1]))
      return [value] + (predictions.map { [$0(model, arguments[0])] } ?? [])
    }
  }

  /// The mean loss over the rows, and the predictions for them.
  func callAsFunction(_ dataset: Dataset) throws(TrainingError) -> (loss: Double, predictions: Tensor?) {
    var total = 0.0
    var parts: [Tensor] = []
    for batch in dataset.batches(of: batchSize) {
      do {
        let results = try function([batch.inputs, batch.targets])
        total += results[0].scalar(of: Double.self) * Double(batch.count)
        parts += results.dropFirst()
      } catch {
        throw .evaluation(error, step: nil, rowNumbers: batch.rowNumbers)
      }
    }
    let predictions = parts.first.map { Tensor(joining: parts, rowShape: Array($0.shape.dropFirst())) }
    return (total / Double(dataset.count), predictions)
  }
}
