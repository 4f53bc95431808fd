/// What a split deals out: single rows, or groups of rows that must stay together.
struct SplitUnits {
  private let rows: [Int]
  private let members: [[Int]]?  // positions in `rows`; nil when each row is a unit
  private let strata: [Int]?  // one for each unit

  init(rows: [Int], strata: [Int]?, groups: [Int]?) {
    for labels in [strata, groups].compactMap(\.self) {
      precondition(
        labels.count == rows.count, "Expected a label for each of \(rows.count) rows, found \(labels.count).")
    }
    self.rows = rows
    guard let groups else {
      members = nil
      self.strata = strata
      return
    }
    var unitOfGroup: [Int: Int] = [:]
    var members: [[Int]] = []
    for (position, group) in groups.enumerated() {
      if let unit = unitOfGroup[group] {
        members[unit].append(position)
      } else {
        unitOfGroup[group] = members.count
        members.append([position])
      }
    }
    self.members = members
    self.strata = strata.map { strata in members.map { strata[$0[0]] } }
  }

  var count: Int { members?.count ?? rows.count }

  /// The units in a drawn order, parted by stratum in rising order of the strata.
  func shuffled(seed: UInt64) -> [[Int]] {
    let order = shuffledIndices(count: count, seed: seed, stream: splitStream)
    guard let strata else { return [order] }
    return Dictionary(grouping: order) { strata[$0] }.sorted { $0.key < $1.key }.map(\.value)
  }

  /// The rows of `units` in rising order.
  func rows(of units: [Int]) -> [Int] {
    let positions = members.map { members in units.flatMap { members[$0] } } ?? units
    return positions.map { rows[$0] }.sorted()
  }

  func require(_ expected: Int, for purpose: String) throws(DataError) {
    guard count < expected else { return }
    throw members == nil
      ? .tooFewRows(found: count, expected: expected, purpose: purpose)
      : .tooFewGroups(found: count, expected: expected, purpose: purpose)
  }
}

/// Removes `count` units from the ends of the strata in proportion to `sizes`, by largest remainders; each stratum
/// keeps one unit as long as any other has more to give.
func takeUnits(_ count: Int, from strata: inout [[Int]], inProportionTo sizes: [Int]) -> [Int] {
  let total = max(1, sizes.reduce(0, +))
  var counts = strata.indices.map { min(sizes[$0] * count / total, max(0, strata[$0].count - 1)) }
  let byRemainder = strata.indices.sorted { left, right in
    let (leftRest, rightRest) = (sizes[left] * count % total, sizes[right] * count % total)
    return leftRest == rightRest ? left < right : leftRest > rightRest
  }
  var open = count - counts.reduce(0, +)
  for kept in [1, 0] {
    var isExhausted = false
    while open > 0, !isExhausted {
      isExhausted = true
      for stratum in byRemainder where open > 0 && strata[stratum].count - counts[stratum] > kept {
        counts[stratum] += 1
        open -= 1
        isExhausted = false
      }
    }
  }
  var taken: [Int] = []
  for stratum in strata.indices {
    taken += strata[stratum].suffix(counts[stratum])
    strata[stratum].removeLast(counts[stratum])
  }
  return taken
}
