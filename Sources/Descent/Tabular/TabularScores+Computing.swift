import DescentCPU
import DescentCore

extension TabularScores {
  init(_ predictions: TabularPredictions, targets: EncodedTargets, encoding: TargetEncoding) {
    switch predictions.values {
    case .numbers(let numbers): self.init(numbers: numbers, targets: targets.values.map(encoding.decoded))
    case .classes(_, let probabilities): self.init(probabilities: probabilities, targets: targets.classes)
    }
  }

  package init(numbers: [Double], targets: [Double]) {
    let errors = zip(numbers, targets).map { $0 - $1 }
    let mean = meanOfPresent(targets)
    let squares = meanOfPresent(errors.map { $0 * $0 })
    let variance = meanOfPresent(targets.map { ($0 - mean) * ($0 - mean) })
    self.init(named: [
      ("rSquared", variance > 0 ? 1 - squares / variance : nil),
      ("meanAbsoluteError", meanOfPresent(errors.map(abs))), ("rootMeanSquaredError", squares.squareRoot()),
    ])
  }

  package init(probabilities: [[Double]], targets: [Int]) {
    let classes = probabilities.first?.count ?? 0
    var found = [Double](repeating: 0, count: classes)
    var present = [Double](repeating: 0, count: classes)
    for (row, target) in zip(probabilities, targets) {
      present[target] += 1
      if positionOfLargest(row) == target { found[target] += 1 }
    }
    let shares = zip(found, present).compactMap { $1 > 0 ? $0 / $1 : nil }
    self.init(named: [
      ("accuracy", found.reduce(0, +) / Double(targets.count)), ("balancedAccuracy", meanOfPresent(shares)),
      ("logLoss", logLoss(probabilities, targets)),
      ("rocAUC", classes == 2 ? areaUnderROC(probabilities.map { $0[1] }, targets.map { $0 == 1 }) : nil),
    ])
  }
}

/// The mean of −log p of the right class.
private func logLoss(_ probabilities: [[Double]], _ targets: [Int]) -> Double {
  let right = zip(probabilities, targets).map { max($0[$1], .leastNormalMagnitude) }
  return -Tensor(right, dtype: .float64).log().mean().scalar(of: Double.self)
}

/// The chance that a random positive row scores above a random negative one, equal scores counting half (Mann & Whitney
/// 1947); nil where there are rows of one kind only.
private func areaUnderROC(_ scores: [Double], _ isPositive: [Bool]) -> Double? {
  let order = scores.indices.sorted { scores[$0] < scores[$1] }
  let positives = Double(isPositive.count { $0 })
  let negatives = Double(scores.count) - positives
  guard positives > 0, negatives > 0 else { return nil }
  var wins = 0.0
  var below = 0.0
  var start = 0
  while start < order.count {
    let end = order[start...].firstIndex { scores[$0] != scores[order[start]] } ?? order.count
    let ties = order[start..<end]
    let tiedPositives = Double(ties.count { isPositive[$0] })
    let tiedNegatives = Double(ties.count) - tiedPositives
    wins += tiedPositives * (below + tiedNegatives / 2)
    below += tiedNegatives
    start = end
  }
  return wins / (positives * negatives)
}
