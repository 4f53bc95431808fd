import DescentCPU
import DescentCore

/// The loss of a model over a dataset, and what it answers there, in the phase of inference.
final class Evaluator<Model: Module> {
  private let function: CompiledFunction<Model>
  private let batchSize: Int

  /// - Parameters:
  ///   - precision: what matrix products and convolutions multiply.
  ///   - weight: what the mean of a batch counts for; nil where it counts for its rows.
  ///   - predictions: what metrics are measured of; nil where there are none.
  init(
    _ model: Model, batchSize: Int, precision: Precision = .float32, engine: Engine,
    loss: @escaping (Model, Batch) -> Tensor,
    weight: @escaping (Batch) -> Tensor?, predictions: ((Model, Tensor) -> Tensor)?
  ) {
    self.batchSize = batchSize
    function = CompiledFunction(model, precision: precision, engine: engine) { model, arguments in
      let batch = Batch(inputs: arguments[0], targets: arguments[1])
      let count = Tensor(batch.count, dtype: .float64)
      return [loss(model, batch), weight(batch) ?? count] + (predictions.map { [$0(model, arguments[0])] } ?? [])
    }
  }

  /// The mean loss over the rows, and the predictions for them.
  func callAsFunction(_ dataset: Dataset) throws(TrainingError) -> (loss: Double, predictions: Tensor?) {
    var mean = WeightedMean()
    var parts: [Tensor] = []
    try dataset.forEachBatch(of: batchSize) { batch throws(EvaluationError) in
      let results = try function([batch.inputs, batch.targets])
      mean.add(results[0].scalar(of: Double.self), weight: results[1].scalar(of: Double.self))
      parts += results.dropFirst(2)
    }
    let predictions = parts.first.map { Tensor(joining: parts, rowShape: Array($0.shape.dropFirst())) }
    return (mean.value, predictions)
  }
}

extension Dataset {
  /// Goes through the rows in order; errors name the rows of their batch.
  func forEachBatch(
    of size: Int, _ body: (Batch) throws(EvaluationError) -> Void
  ) throws(TrainingError) {
    let batches = batches(of: size)
    for index in 0..<batches.count {
      var rowNumbers: [Int] = []
      do {
        let batch = try batches.read(index)
        rowNumbers = batch.rowNumbers
        try body(batch)
      } catch {
        throw .evaluation(error, step: nil, rowNumbers: rowNumbers)
      }
    }
  }
}

/// A mean over batches, each with its own weight.
struct WeightedMean: Codable {
  private var total = 0.0
  private var weight = 0.0

  mutating func add(_ value: Double, weight: Double) {
    // A batch that counts for nothing has no mean.
    guard weight != 0 else { return }
    total += value * weight
    self.weight += weight
  }

  var value: Double { total / weight }
}
