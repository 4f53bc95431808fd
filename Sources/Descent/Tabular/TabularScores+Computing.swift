extension TabularScores {
  init(_ predictions: TabularPredictions, targets: EncodedTargets, encoding: TargetEncoding) {
    switch predictions.values {
    case .numbers(let numbers): self.init(numbers: numbers, targets: targets.values.map(encoding.decoded))
    case .classes(_, let probabilities): self.init(probabilities: probabilities, targets: targets.classes)
    }
  }

  package init(numbers: [Double], targets: [Double]) {
    let metrics: [Metric] = [.rSquared, .meanAbsoluteError, .rootMeanSquaredError]
    self.init(named: metrics.map { ($0.name, $0(numbers, targets)) })
  }

  package init(probabilities: [[Double]], targets: [Int]) {
    var metrics: [Metric] = [.accuracy, .balancedAccuracy, .logLoss]
    if probabilities.first?.count == 2 { metrics.append(.rocAUC) }
    self.init(named: metrics.map { ($0.name, $0.reading(.probabilities)(probabilities, targets)) })
  }
}
