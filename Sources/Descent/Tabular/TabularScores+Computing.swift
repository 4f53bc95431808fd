extension TabularScores {
  init(_ predictions: TabularPredictions, targets: EncodedTargets, encoding: TargetEncoding) {
    switch predictions.values {
    case .numbers(let numbers): self.init(numbers: numbers, targets: targets.values.map(encoding.decoded))
    case .classes(_, let probabilities): self.init(probabilities: probabilities, targets: targets.classes)
    }
  }

  package init(numbers: [Double], targets: [Double]) {
    let metrics: [Metric] = [.rSquared, .meanAbsoluteError, .rootMeanSquaredError]
    // Targets far from 1 are scored in a unit of their own: their squares would be 0 or infinite.
    let largest = targets.reduce(0) { max($0, abs($1)) }
    let unit = largest == 0 || (1e-100...1e100).contains(largest) ? 1 : largest
    let (numbers, targets) = (numbers.map { $0 / unit }, targets.map { $0 / unit })
    self.init(
      named: metrics.map { metric in
        let score = metric(numbers, targets)
        return (metric.name, metric.name == Metric.rSquared.name ? score : score * unit)
      })
  }

  package init(probabilities: [[Double]], targets: [Int]) {
    var metrics: [Metric] = [.accuracy, .balancedAccuracy, .logLoss]
    if probabilities.first?.count == 2 { metrics.append(.rocAUC) }
    var accumulators = metrics.map { $0.accumulator(of: .probabilities) }
    // A million numbers at a time, of which the metrics make copies.
    let width = probabilities.first?.count ?? 1
    let size = max(1, MetricBatch.mostNumbers / max(width, 1))
    for start in stride(from: 0, to: probabilities.count, by: size) {
      let rows = start..<min(start + size, probabilities.count)
      let batch = MetricBatch(probabilities[rows].flatMap { $0 }, width: width, targets[rows].map(Double.init))
      for index in accumulators.indices { accumulators[index].add(batch) }
    }
    self.init(named: zip(metrics, accumulators).map { ($0.name, $1.value.number) })
  }
}
