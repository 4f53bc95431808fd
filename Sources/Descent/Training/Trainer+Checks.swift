import DescentCore

extension Trainer {
  static func checkNames(of metrics: [Metric]) throws(TrainingError) {
    var taken = Set(History.ownNames)
    for metric in metrics where !taken.insert(metric.name).inserted { throw .metricName(metric.name) }
  }

  /// Looks for layers that need several rows, such as batch normalisation, where an epoch has a batch of one.
  static func checkLastBatch(
    of dataset: Dataset, _ model: Model, _ options: TrainingOptions, _ loss: (Model, Batch) -> Tensor
  ) throws(TrainingError) {
    let size = options.batchSize
    let rest = options.dropsPartialBatch ? 0 : dataset.count % size
    // The least rows of a part of a batch of so many.
    func part(_ rows: Int) -> Int { rows / min(options.accumulation, rows) }
    guard part(size) == 1 || rest > 0 && part(rest) == 1 else { return }
    let row = try dataset.firstRow()
    let layers = layersWithTooFewRows(in: model) { _ = loss(model, row) }
    guard layers.isEmpty else { throw .batchOfOneRow(layers: layers, rows: dataset.count, batchSize: size) }
  }
}
