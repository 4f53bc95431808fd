import Descent
import Testing

@Suite struct SplitTests {
  /// Vectors from an independent implementation of Threefry with Lemire's bounded draws.
  @Test func shufflesTheSameEverywhere() {
    #expect(shuffledIndices(count: 10, seed: 0) == [6, 7, 0, 8, 1, 9, 5, 3, 2, 4])
    #expect(shuffledIndices(count: 10, seed: 7) == [7, 6, 2, 1, 0, 9, 4, 5, 3, 8])
    #expect(shuffledIndices(count: 5, seed: .max) == [4, 3, 0, 2, 1])
    #expect(shuffledIndices(count: 10, seed: 7, stream: 1) == [2, 1, 7, 9, 3, 6, 4, 8, 5, 0])
    #expect(shuffledIndices(count: 0, seed: 1) == [])
    #expect(shuffledIndices(count: 1, seed: 1) == [0])
  }

  @Test func shufflesEvenly() {
    // Each of 24 orders is expected 1,000 times; the 99.99 % point of chi-square with 23 degrees of freedom is 56.
    var counts: [[Int]: Int] = [:]
    for seed in 0..<24_000 { counts[shuffledIndices(count: 4, seed: UInt64(seed)), default: 0] += 1 }
    let chiSquare = counts.values.reduce(0.0) { $0 + (Double($1) - 1000) * (Double($1) - 1000) / 1000 }
    #expect(counts.count == 24 && chiSquare < 56)
  }

  @Test func partsEveryRowOnce() throws {
    for count in 3...60 {
      for (validation, test) in [(0.15, 0.15), (0, 0.2), (0.5, 0), (0.45, 0.5), (0, 0), (0.01, 0.98)] {
        let rows = (0..<count).map { $0 * 3 + 1 }
        let strata = (0..<count).map { $0 % 4 }
        for groups in [nil, strata] {
          let split = try Split(rows: rows, validation: validation, test: test, seed: UInt64(count), strata: groups)
          #expect((split.train + split.validation + split.test).sorted() == rows)
          for part in [split.train, split.validation, split.test] { #expect(part == part.sorted()) }
          #expect(
            !split.train.isEmpty && split.validation.isEmpty == (validation == 0) && split.test.isEmpty == (test == 0))
          #expect(
            try Split(rows: rows, validation: validation, test: test, seed: UInt64(count), strata: groups) == split)
        }
      }
    }
    #expect(try Split(count: 100, seed: 1) != Split(count: 100, seed: 2))
    let hundred = try Split(count: 100, seed: 1)
    #expect(hundred.train.count == 70 && hundred.validation.count == 15 && hundred.test.count == 15)
  }

  @Test func keepsTheSharesOfClasses() throws {
    // 100 rows of class 0, 40 of class 1, 20 of class 2, 1 of class 3.
    let strata = [Int](repeating: 0, count: 100) + [Int](repeating: 1, count: 40) + [Int](repeating: 2, count: 20) + [3]
    for seed in 0..<50 {
      let split = try Split(count: 161, validation: 0.1, test: 0.2, seed: UInt64(seed), strata: strata)
      func counts(_ rows: [Int]) -> [Int] { (0..<4).map { group in rows.count { strata[$0] == group } } }
      #expect(counts(split.test) == [20, 8, 4, 0])
      #expect(counts(split.validation) == [10, 4, 2, 0])
      #expect(counts(split.train) == [70, 28, 14, 1])
    }
  }

  /// Sizes of the strata, shares of validation and test, and how many rows of each stratum they must hold.
  @Test(
    arguments: [
      // Quotas for 8 test rows are 1.6, 2.4 and 4: the largest remainder gets the row left over.
      ([10, 15, 25], 0, 0.15, [0, 0, 0], [2, 2, 4]),
      // Single rows stay in training although their remainders are the largest.
      ([1, 1, 1, 97], 0, 0.6, [0, 0, 0, 0], [0, 0, 0, 60]),
      // Test leaves one row of the first stratum, which validation must not take while the second has any.
      ([3, 7], 0.4, 0.5, [0, 4], [2, 3]),
    ] as [([Int], Double, Double, [Int], [Int])])
  func sharesOutRemainders(
    _ sizes: [Int], _ validationShare: Double, _ testShare: Double, _ validation: [Int], _ test: [Int]
  ) throws {
    let strata = sizes.enumerated().flatMap { [Int](repeating: $0, count: $1) }
    let split = try Split(
      count: strata.count, validation: validationShare, test: testShare, seed: 5, strata: strata)
    func counts(_ rows: [Int]) -> [Int] { sizes.indices.map { group in rows.count { strata[$0] == group } } }
    #expect(counts(split.validation) == validation)
    #expect(counts(split.test) == test)
  }

  @Test func treatsARowWithoutGroupAsItsOwn() throws {
    let table = Table(columns: [
      Column("shop", texts: [String?](repeating: nil, count: 60)),
      Column("y", numbers: (0..<60).map { -1.5 * Double($0) }),
    ])
    #expect(try table.split(predicting: "y", seed: 1, group: "shop").test.count == 9)
  }

  @Test func splitsTablesByTheirTask() throws {
    let labels: [String?] = (0..<90).map { ["a", "b", "c"][$0 % 3] } + [nil, nil]
    let table = Table(columns: [
      Column("y", texts: labels), Column("x", numbers: labels.indices.map { Double($0) * 1.5 }),
    ])
    let split = try table.split(predicting: "y", validation: 0.1, test: 0.2, seed: 3)
    #expect((split.train + split.validation + split.test).sorted() == Array(0..<90))
    for (part, count) in [(split.train, 21), (split.validation, 3), (split.test, 6)] {
      for label in 0..<3 { #expect(part.count { $0 % 3 == label } == count) }
    }
    #expect(try table.split(predicting: "x", seed: 3).test.count == 14)
    let folds = try table.folds(5, predicting: "y", seed: 3)
    #expect(folds.allSatisfy { fold in (0..<3).allSatisfy { label in fold.validation.count { $0 % 3 == label } == 6 } })
  }

  @Test func keepsGroupsTogether() throws {
    for seed in 0..<100 {
      var random = TableTestGenerator(seed: UInt64(seed))
      let count = Int.random(in: 30...80, using: &random)
      let rows = (0..<count).map { $0 * 2 }
      let groups = rows.map { _ in Int.random(in: 0..<20, using: &random) }
      let strata: [Int]? = Bool.random(using: &random) ? groups.map { $0 % 3 } : nil
      let split = try Split(rows: rows, test: 0.3, seed: UInt64(seed), strata: strata, groups: groups)
      #expect((split.train + split.validation + split.test).sorted() == rows)
      func labels(_ part: [Int]) -> Set<Int> { Set(part.map { groups[$0 / 2] }) }
      let groupCount = Set(groups).count
      #expect(labels(split.train).count + labels(split.validation).count + labels(split.test).count == groupCount)
      #expect(labels(split.test).count == Int((0.3 * Double(groupCount)).rounded()))
      let folds = try Split.folds(4, of: rows, seed: UInt64(seed), strata: strata, groups: groups)
      #expect(folds.flatMap(\.validation).sorted() == rows)
      #expect(folds.allSatisfy { labels($0.train).isDisjoint(with: labels($0.validation)) })
    }
  }

  @Test func keepsEqualRowsAndNamedGroupsTogether() throws {
    let x: [Double] = (0..<60).map { Double($0 % 55) }
    let shop: [String?] = (0..<60).map { $0 == 7 ? nil : "s\($0 % 12)" }
    let repeated = Table(columns: [Column("x", numbers: x), Column("y", numbers: x.map { $0 * $0 + 0.5 })])
    let grouped = repeated.setting(Column("shop", texts: shop)).setting(
      Column("n", numbers: (0..<60).map { -Double($0) }))
    for seed in 0..<20 {
      let split = try repeated.split(predicting: "y", seed: UInt64(seed))
      for part in [split.train, split.validation, split.test] {
        #expect(part.allSatisfy { row in (0..<60).allSatisfy { $0 % 55 != row % 55 || part.contains($0) } })
      }
      let byShop = try grouped.split(predicting: "y", seed: UInt64(seed), group: "shop")
      for part in [byShop.train, byShop.validation, byShop.test] {
        #expect(part.allSatisfy { row in (0..<60).allSatisfy { shop[$0] != shop[row] || part.contains($0) } })
      }
    }
  }

  @Test func keepsEqualRowsWithoutAGroupTogether() throws {
    let numbers = (0..<40).map { Double($0 < 4 ? $0 / 2 : $0) }
    let groups: [String?] = (0..<40).map { $0 < 20 ? nil : "g\($0 / 4)" }
    let table = Table(columns: [
      Column("x", numbers: numbers), Column("y", numbers: numbers), Column("site", texts: groups),
    ])
    for seed in 0..<20 as Range<UInt64> {
      let split = try table.split(predicting: "y", seed: seed, group: "site")
      let test = Set(split.test)
      #expect(test.allSatisfy { $0 >= 4 || test.contains($0 ^ 1) })
    }
  }

  @Test func splitsRowsThatRepeatOftenAsTheyAre() throws {
    let letters = Table(columns: [
      Column("x", numbers: (0..<1000).map { Double($0 % 2) }),
      Column("y", texts: (0..<1000).map { ["a", "b"][$0 % 2] }),
      Column("shop", texts: [String?](repeating: nil, count: 1000)),
    ])
    for group in [nil, "shop"] {
      let split = try letters.split(predicting: "y", seed: 1, group: group)
      #expect(split.train.count == 700 && split.validation.count == 150 && split.test.count == 150)
    }
    #expect(try letters.folds(5, predicting: "y", seed: 1).allSatisfy { $0.validation.count == 200 })
    let xor = Table(columns: [
      Column("a", numbers: (0..<400).map { Double($0 % 2) }),
      Column("b", numbers: (0..<400).map { Double($0 / 2 % 2) }),
      Column("y", numbers: (0..<400).map { Double(($0 ^ $0 / 2) % 2) }),
    ])
    for seed in 0..<10 as Range<UInt64> {
      let split = try xor.split(predicting: "y", seed: seed)
      for part in [split.train, split.validation, split.test] { #expect(Set(part.map { $0 % 4 }) == [0, 1, 2, 3]) }
    }
  }

  @Test func keepsRowsTogetherThatOnlyIgnoredColumnsTellApart() throws {
    let table = Table(columns: [
      Column("id", numbers: (0..<60).map { -Double($0) }), Column("y", numbers: (0..<60).map { Double($0 % 55) + 0.5 }),
    ])
    func isTogether(_ part: [Int]) -> Bool { part.allSatisfy { $0 >= 5 || part.contains($0 + 55) } }
    func splits(_ ignored: [String]) throws -> [Split] {
      try (0..<20 as Range<UInt64>).map { try table.split(predicting: "y", seed: $0, ignoring: ignored) }
    }
    #expect(try splits(["id"]).allSatisfy { isTogether($0.train) && isTogether($0.test) })
    #expect(try !splits([]).allSatisfy { isTogether($0.train) && isTogether($0.test) })
    #expect(message { _ = try splits(["z"]) }?.contains("no column \"z\"") == true)
  }

  @Test func splitsByTime() throws {
    #expect(
      try Split(inOrder: [5, 3, 9, 1, 7, 2, 8, 0, 6, 4], validation: 0.2, test: 0.3)
        == Split(inOrder: [1, 3, 5, 7, 9, 8, 2, 6, 4, 0], validation: 0.2, test: 0.3))
    #expect(try Split(inOrder: [5, 3, 9, 1, 7, 2, 8, 0, 6, 4], validation: 0.2, test: 0.3).test == [0, 4, 6])
    let table = try Table(csvText: "day,y\n2024-03-01,1.5\n2023-12-31,2.5\n,3.5\n2024-01-02,\n2024-01-01,4.5\n")
    let split = try table.split(predicting: "y", inOrderOf: "day")
    #expect(split.train == [1] && split.validation == [4] && split.test == [0])
    let numbers = Table(columns: [Column("t", numbers: [3, 1, 2, .nan]), Column("y", numbers: [1, 2, 3, 4])])
    #expect(try numbers.split(predicting: "y", validation: 0, test: 0.3, inOrderOf: "t").test == [0])
  }

  @Test func dealsFoldsEvenly() throws {
    for (count, folds) in [(5, 5), (17, 4), (100, 10), (23, 2)] {
      let strata = (0..<count).map { $0 * $0 % 3 }
      for groups in [nil, strata] {
        let splits = try Split.folds(folds, of: Array(0..<count), seed: 11, strata: groups)
        #expect(splits.count == folds)
        #expect(splits.flatMap(\.validation).sorted() == Array(0..<count))
        for split in splits {
          #expect((split.train + split.validation).sorted() == Array(0..<count) && split.test.isEmpty)
        }
        let sizes = splits.map(\.validation.count)
        #expect(sizes.max()! - sizes.min()! <= 1)
        guard let groups else { continue }
        for group in Set(groups) {
          let shares = splits.map { $0.validation.count { groups[$0] == group } }
          #expect(shares.max()! - shares.min()! <= 1)
        }
      }
    }
  }

  @Test func drawsSplitsApartFromTheOrderOfEpochs() {
    let data = Dataset(inputs: .zeros([100, 1]), targets: .zeros([100, 1]))
    let (first, second) = data.split(0.5, seed: 3)
    for epoch in 0..<3 {
      let order = data.order(shuffledWith: 3, epoch: epoch)
      #expect(Set(order.prefix(50)) != Set(first.rowNumbers) && Set(order.prefix(50)) != Set(second.rowNumbers))
    }
  }
}
