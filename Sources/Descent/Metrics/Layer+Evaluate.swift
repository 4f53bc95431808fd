import DescentCPU
public import DescentCore

/// What a model came to on a dataset, metric by metric. Printing it gives a line each.
public struct Evaluation: Sendable, Hashable, CustomStringConvertible {
  public struct Entry: Sendable, Hashable {
    public let name: String
    public let value: MetricValue
  }

  /// In the order in which the metrics were asked for.
  public let entries: [Entry]
  public let rowCount: Int

  /// The number a metric came to, by its name.
  public subscript(name: String) -> Double? { entries.first { $0.name == name }?.value.number }

  /// The number a metric came to.
  public subscript(metric: Metric) -> Double? { self[metric.name] }

  /// The confusion matrix, if it was asked for.
  public var confusion: ConfusionMatrix? {
    for entry in entries { if case .confusion(let matrix) = entry.value { return matrix } }
    return nil
  }

  public var description: String {
    let width = entries.filter { $0.value.number != nil }.map(\.name.count).max() ?? 0
    return entries.map { entry in
      guard entry.value.number != nil else { return "\(entry.value)" }
      return entry.name + String(repeating: " ", count: width - entry.name.count) + "  \(entry.value)"
    }.joined(separator: "\n")
  }
}

extension Layer {
  /// How good the model is on a dataset, computed in batches without changing the model. Metrics are in the unit of
  /// the target, also where the dataset holds it standardised.
  ///
  /// ```swift
  /// print(try model.evaluate(test, .accuracy, .logLoss, .confusion))
  /// ```
  ///
  /// - Parameter precision: what matrix products and convolutions of float32 multiply.
  /// - Throws: `TrainingError` if there are no rows, a metric of classes has targets that are none, or the inputs hold an index
  ///   that is out of range.
  public func evaluate(
    _ dataset: Dataset, _ metrics: Metric..., batchSize: Int = 256, precision: Precision = .float32
  ) throws(TrainingError) -> Evaluation {
    try evaluate(dataset, metrics, batchSize: batchSize, precision: precision)
  }

  /// How good the model is on a dataset, by a list of metrics.
  public func evaluate(
    _ dataset: Dataset, _ metrics: [Metric], batchSize: Int = 256, precision: Precision = .float32
  ) throws(TrainingError) -> Evaluation {
    guard !dataset.isEmpty else { throw .noRows(purpose: "evaluation") }
    let answer = CompiledModel(self, precision: precision)
    let outputs = self(try dataset.firstRow().inputs)
    try metrics.check(dataset, outputs: outputs)
    let reading = Metric.Reading(ofOutputs: outputs)
    var accumulators = metrics.map { $0.accumulator(of: reading) }
    try dataset.forEachBatch(of: batchSize) { batch throws(EvaluationError) in
      let read = MetricBatch(try answer(batch.inputs), batch.targets, encoding: dataset.targetEncoding)
      for index in accumulators.indices { accumulators[index].add(read) }
    }
    let entries = zip(metrics, accumulators).map { metric, accumulator in
      Evaluation.Entry(name: metric.name, value: accumulator.value.named(dataset.classNames))
    }
    return Evaluation(entries: entries, rowCount: dataset.count)
  }
}

extension MetricValue {
  fileprivate func named(_ classNames: [String]) -> MetricValue {
    guard case .confusion(let matrix) = self else { return self }
    return .confusion(matrix.named(classNames))
  }
}
