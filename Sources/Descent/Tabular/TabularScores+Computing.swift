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
    let width = probabilities.first?.count ?? 1
    let values = metrics.values(rows: probabilities.count, width: width, outputs: .probabilities) { rows in
      MetricBatch(probabilities[rows].flatMap { $0 }, width: width, targets[rows].map(Double.init))
    }
    self.init(named: zip(metrics, values).map { ($0.name, $1.number) })
  }
}
