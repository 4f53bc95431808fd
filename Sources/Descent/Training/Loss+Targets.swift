import DescentCPU
import DescentCore
import DescentRules

extension Loss {
  /// Looks for targets that the loss has no meaning for.
  func check(_ dataset: Dataset) throws(TrainingError) {
    switch targets {
    case .any: return
    case .labels(let labels):
      let expected = "of \(labels.map(numberText).joined(separator: " or "))"
      try check(dataset, expected: expected) { labels.contains($0) }
    case .range(let range):
      let expected = "from \(numberText(range.lowerBound)) to \(numberText(range.upperBound))"
      try check(dataset, expected: expected) { range.contains($0) }
    }
  }

  private func check(
    _ dataset: Dataset, expected: String, isSuitable: (Double) -> Bool
  ) throws(TrainingError) {
    guard let (target, row) = try dataset.firstTarget(where: { !isSuitable($0) }) else { return }
    throw .unsuitableTarget(target, rowNumber: row, of: "loss \(name)", expected: expected)
  }
}

extension Dataset {
  /// The first target for which the predicate holds, and the number of its row.
  func firstTarget(where holds: (Double) -> Bool) throws(TrainingError) -> (target: Double, rowNumber: Int)? {
    let width = max(1, targetRowShape.elementCount)
    for start in stride(from: 0, to: count, by: 4096) {
      let rows = start..<min(start + 4096, count)
      let targets = targetType.memory(rows: rows.count)
      do { try readTargets(at: rows, into: targets) } catch { throw .evaluation(error, step: nil, rowNumbers: []) }
      for index in 0..<targets.count where holds(targets[index].real) {
        return (targets[index].real, rowNumbers(at: [start + index / width])[0])
      }
    }
    return nil
  }
}
