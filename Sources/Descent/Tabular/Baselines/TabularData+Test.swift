import DescentCPU
import DescentCore

extension TabularData {
  /// Scores the network and the baselines on the test rows.
  ///
  /// The baselines have no use for validation rows, so they learn from these too; the comparison favours them.
  func test(_ network: Sequential) throws(TabularError) -> TabularTest {
    let seen = (split.train + split.validation).sorted()
    let known = try encoded(seen)
    let unknown = try encoded(split.test)
    let outputs: Tensor
    do {
      outputs = try network.predict(unknown.features)
    } catch {
      throw .evaluation(error)
    }
    let linear = linearOutputs(from: known, for: unknown)
    return TabularTest(
      rowCount: split.test.count, network: scores(outputs, unknown.targets), linear: scores(linear, unknown.targets),
      trivial: trivialScores(from: known.targets, for: unknown.targets))
  }

  private typealias Rows = (features: Tensor, targets: EncodedTargets)

  private func encoded(_ rows: [Int]) throws(TabularError) -> Rows {
    try dataErrors { () throws(DataError) in
      let features = try preprocessing.encode(table, rows: rows)
      return (
        Tensor(features.values, shape: [features.rowCount, features.names.count]),
        try preprocessing.encodeTargets(table, rows: rows)
      )
    }
  }

  /// What the linear model puts in place of the network's outputs.  // [rows, outputs]
  private func linearOutputs(from known: Rows, for unknown: Rows) -> Tensor {
    let features = known.features.cast(to: .float64)
    let wanted = unknown.features.cast(to: .float64)
    evaluate(features, wanted)
    if head == .number {
      let model = LeastSquares(features: features, targets: known.targets.values.map { Double($0) })
      return Tensor(model.predictions(for: wanted), shape: [unknown.targets.rows.count, 1], dtype: .float64)
    }
    return LogisticRegression(features: features, targets: head.targets(known.targets), head: head).logits(for: wanted)
  }

  private func scores(_ outputs: Tensor, _ targets: EncodedTargets) -> TabularScores {
    switch preprocessing.targetEncoding {
    case .regression(let mean, let deviation):
      let numbers = outputs.array(of: Double.self).map { mean + deviation * $0 }
      return TabularScores(numbers: numbers, targets: targets.values.map { mean + deviation * Double($0) })
    case .classification:
      return TabularScores(probabilities: head.probabilities(outputs), targets: targets.classes)
    }
  }

  /// The mean of the known targets, or for every row the shares of the classes among them.
  private func trivialScores(from known: EncodedTargets, for unknown: EncodedTargets) -> TabularScores {
    switch preprocessing.targetEncoding {
    case .regression(let mean, let deviation):
      func inUnits(_ targets: EncodedTargets) -> [Double] { targets.values.map { mean + deviation * Double($0) } }
      let average = meanOfPresent(inUnits(known))
      return TabularScores(numbers: unknown.rows.map { _ in average }, targets: inUnits(unknown))
    case .classification(let classes):
      var shares = [Double](repeating: 0, count: classes.count)
      for position in known.classes { shares[position] += 1 / Double(known.classes.count) }
      return TabularScores(probabilities: unknown.rows.map { _ in shares }, targets: unknown.classes)
    }
  }
}
