import DescentCore

extension Dataset {
  /// Two datasets without a row in common, the first with the given share of the rows, both with at least one; each
  /// class gives its share to both. The same seed gives the same split.
  ///
  /// - Parameter keepsEqualRowsTogether: whether rows with equal inputs and targets go to the same part, so that none
  ///   is tested that was seen in training; the share is then one of the different rows. Rows that are made when they are
  ///   asked for are not compared. Where more than a tenth of the
  ///   rows repeat an earlier one, the inputs have few values, and the rows are split as they are all the same.
  public func split(_ share: Double, seed: UInt64, keepsEqualRowsTogether: Bool = true) -> (Dataset, Dataset) {
    guard share > 0 && share < 1 && count > 1 else {
      fatalError("Dataset.split: the share \(share) of \(count) rows does not leave rows for both parts; use 0.8")
    }
    let strata = isClassification && targetRowShape.isEmpty ? targets.array(of: Int.self) : nil
    let groups = keepsEqualRowsTogether ? tensorRows.flatMap { equalRows(in: $0).groups(of: 0..<count) } : nil
    let units = SplitUnits(rows: Array(0..<count), strata: strata, groups: groups)
    let second = min(max(1, Int(((1 - share) * Double(units.count)).rounded())), units.count - 1)
    var open = units.shuffled(seed: seed)
    let taken = takeUnits(second, from: &open, inProportionTo: open.map(\.count))
    return (subset(units.rows(of: open.flatMap(\.self))), subset(units.rows(of: taken)))
  }

  private func equalRows(in rows: TensorRows) -> EqualRows {
    EqualRows(
      among: 0..<count,
      hash: { position, hasher in
        rows.withBytes(of: places(at: [position])[0]) { inputs, targets in
          hasher.combine(bytes: inputs)
          hasher.combine(bytes: targets)
        }
      },
      areEqual: { left, right in
        rows.withBytes(of: places(at: [left])[0]) { leftInputs, leftTargets in
          rows.withBytes(of: places(at: [right])[0]) { rightInputs, rightTargets in
            leftInputs.elementsEqual(rightInputs) && leftTargets.elementsEqual(rightTargets)
          }
        }
      })
  }
}
