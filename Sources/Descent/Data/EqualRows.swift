/// The rows that are equal to an earlier one, and whether a split keeps them with it.
struct EqualRows {
  /// For each row that is equal to an earlier one, the first such row.
  let firsts: [Int: Int]
  /// Whether at most a tenth of the rows repeat an earlier one. Rows that repeat more often than that are no copies by
  /// mistake: the columns have few values, and were equal rows kept together, a part would lack whole patterns.
  let stayTogether: Bool

  init(among rows: some Collection<Int>, hash: (Int, inout Hasher) -> Void, areEqual: (Int, Int) -> Bool) {
    var earlier: [Int: [Int]] = [:]
    var firsts: [Int: Int] = [:]
    for row in rows {
      var hasher = Hasher()
      hash(row, &hasher)
      let value = hasher.finalize()
      if let first = earlier[value]?.first(where: { areEqual($0, row) }) {
        firsts[row] = first
      } else {
        earlier[value, default: []].append(row)
      }
    }
    self.firsts = firsts
    stayTogether = 10 * firsts.count <= rows.count
  }

  /// The same number for rows that stay together, another for every other row.
  func group(of row: Int) -> Int { stayTogether ? firsts[row] ?? row : row }

  /// The groups of `rows`; nil where each row is its own.
  func groups(of rows: some Collection<Int>) -> [Int]? {
    stayTogether && !firsts.isEmpty ? rows.map(group) : nil
  }
}
