import DescentCore

extension Dataset {
  /// Two datasets without a row in common, the first with the given share of the rows, both with at least one; each
  /// class gives its share to both. The same seed gives the same split.
  ///
  /// - Parameter keepsEqualRowsTogether: whether rows with equal inputs and targets go to the same part, so that none
  ///   is tested that was seen in training; the share is then one of the different rows. Rows that are all equal are
  ///   parted all the same.
  public func split(_ share: Double, seed: UInt64, keepsEqualRowsTogether: Bool = true) -> (Dataset, Dataset) {
    guard share > 0 && share < 1 && count > 1 else {
      fatalError("Dataset.split: the share \(share) of \(count) rows does not leave rows for both parts; use 0.8")
    }
    let strata = isClassification && targetRowShape.isEmpty ? targets.array(of: Int.self) : nil
    let groups = keepsEqualRowsTogether ? firstEqualPositions() : nil
    let units = SplitUnits(rows: Array(0..<count), strata: strata, groups: groups)
    let second = min(max(1, Int(((1 - share) * Double(units.count)).rounded())), units.count - 1)
    var open = units.shuffled(seed: seed)
    let taken = takeUnits(second, from: &open, inProportionTo: open.map(\.count))
    return (subset(units.rows(of: open.flatMap(\.self))), subset(units.rows(of: taken)))
  }

  /// For each position the first of an equal row; nil where all rows are different, or all are equal.
  private func firstEqualPositions() -> [Int]? {
    var earlier: [Int: [Int]] = [:]
    var firsts = Array(0..<count)
    for position in 0..<count {
      let hash = withBytes(ofRowAt: position) { inputs, targets in
        var hasher = Hasher()
        hasher.combine(bytes: inputs)
        hasher.combine(bytes: targets)
        return hasher.finalize()
      }
      if let twin = earlier[hash]?.first(where: { rowsAreEqual($0, position) }) {
        firsts[position] = twin
      } else {
        earlier[hash, default: []].append(position)
      }
    }
    return earlier.count == count || firsts.allSatisfy { $0 == 0 } ? nil : firsts
  }

  private func rowsAreEqual(_ left: Int, _ right: Int) -> Bool {
    withBytes(ofRowAt: left) { leftInputs, leftTargets in
      withBytes(ofRowAt: right) { rightInputs, rightTargets in
        leftInputs.elementsEqual(rightInputs) && leftTargets.elementsEqual(rightTargets)
      }
    }
  }
}
