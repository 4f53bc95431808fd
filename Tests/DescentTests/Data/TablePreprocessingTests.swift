import Descent
import Testing

@Suite struct TablePreprocessingTests {
  /// Training rows 0..<4; the last two rows must not influence the rules.
  private static let text = """
    id,size,kind,mark,flat,age,label
    1,1,b,x,5,10,no
    2,2,a,,5,NA,yes
    3,3,b,x,5,30,yes
    4,6,c,x,5,20,no
    5,100,d,y,6,NA,no
    6,NA,,y,5,1000,
    """

  private func fitted() throws -> (table: Table, preprocessing: TablePreprocessing) {
    let table = try Table(csvText: Self.text, source: "t.csv")
    return (table, try TablePreprocessing(fitting: table, rows: [0, 1, 2, 3], target: "label"))
  }

  @Test func printsTheRuleOfEachColumn() throws {
    #expect(
      try fitted().preprocessing.description == """
        id: dropped (it only counts the rows)
        size: number, standardised (mean 3, deviation 1.871)
        kind: 3 categories, one-hot
        mark: 1 category, one-hot
        flat: dropped (constant, always 5)
        age: number, standardised (mean 20, deviation 8.165), missing values become the median 20 and are flagged
        label: predicted, one of 2 classes (no, yes)
        """)
  }

  @Test func encodesByHandComputedRules() throws {
    let (table, preprocessing) = try fitted()
    let encoded = try preprocessing.encode(table)
    #expect(
      encoded.names == ["size", "kind=a", "kind=b", "kind=c", "mark=x", "age", "age missing"])
    #expect(encoded.names == preprocessing.featureNames)
    // Size: mean 3, variance (4 + 1 + 0 + 9) / 4 = 3.5, median 2.5. Age: mean 20, variance 200 / 3, median 20.
    let (size, age) = (3.5.squareRoot(), (200.0 / 3).squareRoot())
    let expected: [[Double]] = [
      [-2 / size, 0, 1, 0, 1, -10 / age, 0],
      [-1 / size, 1, 0, 0, 0, 0, 1],
      [0, 0, 1, 0, 1, 10 / age, 0],
      [3 / size, 0, 0, 1, 1, 0, 0],
      [97 / size, 0, 0, 0, 0, 0, 1],
      [-0.5 / size, 0, 0, 0, 0, 980 / age, 0],
    ]
    #expect(encoded.rowCount == 6)
    #expect(encoded.values == expected.flatMap { $0.map { Float($0) } })
    #expect(
      encoded.report.sentences == [
        "size: 1 missing value replaced by the training median 2.5.",
        "kind: 1 missing value, encoded as none of the categories.",
        "mark: 1 missing value, encoded as none of the categories.",
        "age: 2 missing values replaced by the training median 20.",
        "kind: 1 value of no category known from training (d), encoded as none of the categories.",
        "mark: 2 values of no category known from training (y), encoded as none of the categories.",
      ])
    let some = try preprocessing.encode(table, rows: [3, 0])
    #expect(some.values == [3, 0].flatMap { expected[$0].map { Float($0) } })
    #expect(some.report.sentences.isEmpty)
  }

  @Test func dropsAndCountsRowsWithoutTarget() throws {
    let (table, preprocessing) = try fitted()
    let targets = try preprocessing.encodeTargets(table)
    #expect(targets.rows == [0, 1, 2, 3, 4])
    #expect(targets.classes == [0, 1, 1, 0, 0] && targets.values == [0, 1, 1, 0, 0])
    #expect(targets.droppedCount == 1)
    // A row without a target takes no part in fitting.
    let all = try TablePreprocessing(fitting: table, target: "label")
    let labelled = try TablePreprocessing(fitting: table, rows: [0, 1, 2, 3, 4], target: "label")
    #expect(all == labelled && all != preprocessing)
  }

  @Test func standardisesAndRestoresARegressionTarget() throws {
    let table = Table(columns: [
      Column("x", numbers: [1, 2, 4, 3]), Column("y", numbers: [10, .nan, 20.5, 40]),
    ])
    let preprocessing = try TablePreprocessing(fitting: table, target: "y")
    let targets = try preprocessing.encodeTargets(table)
    #expect(targets.rows == [0, 2, 3] && targets.classes.isEmpty && targets.droppedCount == 1)
    #expect(abs(targets.values.reduce(0, +)) < 1e-6)
    #expect(abs(targets.values.map { $0 * $0 }.reduce(0, +) - 3) < 1e-6)
    for (value, expected) in zip(targets.values, [10, 20.5, 40]) {
      #expect(abs(preprocessing.targetEncoding.decoded(value) - expected) < 1e-5)
    }
  }

  @Test func predictsFromOtherTables() throws {
    let preprocessing = try fitted().preprocessing
    let full = try Table(csvText: Self.text, source: "t.csv")
    let expected = try preprocessing.encode(full, rows: [0, 3]).values
    let reordered = try Table(csvText: "age,note,kind,size,mark\n10,?,b,1,x\n20,hi,c,6,x\n", source: "new.csv")
    let encoded = try preprocessing.encode(reordered)
    #expect(encoded.values == expected)
    #expect(
      encoded.report.columnNote
        == "new.csv: the column to predict, \"label\", is absent; 1 extra column ignored (note); "
        + "the columns come in another order.")
    #expect(try preprocessing.encode(full).report.columnNote == nil)
    let withoutTarget = try preprocessing.encode(try full.dropping(["label", "id", "flat"]), rows: [0, 3])
    #expect(withoutTarget.values == expected)
    #expect(withoutTarget.report.columnNote == "t.csv: the column to predict, \"label\", is absent.")
  }

  @Test func matchesCategoriesAndNumbersAcrossKinds() throws {
    let train = try Table(csvText: "deck,y\n1,2.5\n2,3.5\nS,4.5\n1,6\n")
    let preprocessing = try TablePreprocessing(fitting: train, target: "y")
    #expect(preprocessing.featureNames == ["deck=1", "deck=2", "deck=S"])
    let digitsOnly = try Table(csvText: "deck\n2\n01\n3\n")
    #expect(digitsOnly.columns[0].isNumeric)
    let encoded = try preprocessing.encode(digitsOnly)
    #expect(encoded.values == [0, 1, 0, 1, 0, 0, 0, 0, 0])
    #expect(encoded.report.unseen.map(\.categories) == [["3"]])
    let textAgain = try Table(csvText: "deck\n2\nS\n01\n")
    #expect(try preprocessing.encode(textAgain).values == [0, 1, 0, 0, 0, 1, 1, 0, 0])
  }

  @Test func keepsTheMostFrequentCategories() throws {
    // Category k (1...150) comes 4 times, the first 100 once more.
    let names = (1...150).flatMap { k in [String](repeating: "c\(k)", count: k <= 100 ? 5 : 4) }
    let table = Table(columns: [
      Column("city", texts: names), Column("y", numbers: names.indices.map { Double($0) / 3 }),
    ])
    let preprocessing = try TablePreprocessing(fitting: table, target: "y")
    #expect(preprocessing.featureNames == (1...100).map { "city=c\($0)" }.sorted())
    #expect(preprocessing.columns[0].description == "city: the 100 most frequent of 150 categories, one-hot")
    #expect(try preprocessing.encode(table).report.unseen.map(\.count) == [200])
  }

  @Test func flagsMissingWhereOnlyThatIsKnown() throws {
    let table = try Table(csvText: "seen,none,y\n1,,a\n,,b\n1,,a\n,,b\n")
    let preprocessing = try TablePreprocessing(fitting: table, target: "y")
    #expect(
      preprocessing.columns[0].description == "seen: constant where it is not missing, only flagged as missing or not")
    #expect(preprocessing.columns[1].description == "none: dropped (no value in the training rows)")
    #expect(try preprocessing.encode(table).values == [0, 1, 0, 1])
  }

  @Test func ignoresColumnsOnRequest() throws {
    let (table, _) = try fitted()
    let preprocessing = try TablePreprocessing(fitting: table, target: "label", ignoring: ["age", "mark"])
    #expect(!preprocessing.featureNames.contains { $0.hasPrefix("age") || $0.hasPrefix("mark") })
    #expect(preprocessing.columns[5].description == "age: dropped (ignored on request)")
  }

  @Test func survivesJSON() throws {
    let (table, classification) = try fitted()
    let regression = try TablePreprocessing(fitting: table, target: "size")
    let flags = try TablePreprocessing(
      fitting: try Table(csvText: "seen,y\n1,a\n,b\n1,a\n,b\n"), target: "y")
    for preprocessing in [classification, regression, flags] {
      let text = preprocessing.jsonText()
      let found = try TablePreprocessing(jsonText: text)
      #expect(found == preprocessing)
      #expect(found.jsonText() == text)
    }
    #expect(
      flags.jsonText()
        == #"{"columns":[{"kind":"missingFlag","name":"seen"}],"target":{"classes":["a","b"],"kind":"classification","#
        + #""name":"y"},"version":1}"#)
    #expect(
      try TablePreprocessing(
        jsonText: #"""
          {"version": 1, "target": {"name": "y", "kind": "regression", "mean": 2, "deviation": 0.5}, "columns": [
            {"name": "a", "kind": "number", "mean": 1, "deviation": 2, "median": 1.5, "flagsMissing": true},
            {"name": "b", "kind": "oneHot", "levels": ["u", "v"], "otherCount": 3},
            {"name": "c", "kind": "dropped", "reason": "why"}]}
          """#
      ).description == """
        a: number, standardised (mean 1, deviation 2), missing values become the median 1.5 and are flagged
        b: the 2 most frequent of 5 categories, one-hot
        c: dropped (why)
        y: predicted, a number (mean 2, deviation 0.5)
        """)
  }

  @Test func survivesDamagedJSON() throws {
    let text = Array(try fitted().preprocessing.jsonText().utf8)
    var refused = 0
    for position in text.indices {
      for value in Array("\"{}[],:0-x\0".utf8) + [0xFF] {
        var changed = text
        changed[position] = value
        do throws(DataError) {
          _ = try TablePreprocessing(jsonText: String(decoding: changed, as: UTF8.self))
        } catch {
          refused += 1
        }
      }
      #expect(throws: DataError.self) {
        try TablePreprocessing(jsonText: String(decoding: text[..<position], as: UTF8.self))
      }
    }
    #expect(refused > text.count)
  }
}
