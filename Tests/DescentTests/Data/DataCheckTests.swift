import Descent
import Testing

@Suite struct DataCheckTests {
  /// A table of 24 clean rows; each case adds or changes one column.
  private static func clean() -> Table {
    Table(columns: [
      Column("x", numbers: (0..<24).map { Double($0 * 37 % 101) }),
      Column("kind", texts: (0..<24).map { ["a", "b", "c"][$0 * 5 % 3] }),
      Column("y", numbers: (0..<24).map { Double($0 * $0 % 67) + 0.5 }),
    ])
  }

  private func sentences(_ table: Table, _ target: String = "y") throws -> [String] {
    try table.checks(predicting: target).map(\.description)
  }

  @Test func findsNothingInCleanData() throws {
    #expect(try sentences(Self.clean()) == [])
  }

  private static func numbers(_ name: String = "n", _ value: (Int) -> Double) -> Column {
    Column(name, numbers: (0..<24).map(value))
  }

  private static func texts(_ name: String = "n", _ value: (Int) -> String) -> Column {
    Column(name, texts: (0..<24).map(value))
  }

  /// Columns that are added to the clean table or replace one, and the sentences they give rise to.
  private static let cases: [(column: Column, sentences: [String])] = [
    (numbers { _ in .nan }, ["\"n\" has no value in any row."]),
    (numbers { _ in 3 }, ["\"n\" is always \"3\", so nothing can be learned from it."]),
    (texts { _ in "q" }, ["\"n\" is always \"q\", so nothing can be learned from it."]),
    (numbers { Double($0 + 1) }, ["\"n\" is not used: it only counts the rows."]),
    (numbers { Double($0 + 2) }, []),
    (texts { "r\($0)" }, ["\"n\" is not used: looks like an identifier, 24 different values in 24 rows."]),
    (
      texts { $0 == 5 ? "abc" : "\($0 % 4)" },
      ["\"n\" is read as categories although 23 cells hold numbers, because 1 does not (first \"abc\")."]
    ),
    (numbers { Double($0 * 37 % 101) }, ["\"x\" and \"n\" hold the same values."]),
    (
      numbers { Double($0 * $0 % 67) * -2 + 7 },
      ["\"n\" all but gives \"y\" away (correlation -1): make sure it is known before \"y\" is."]
    ),
    (numbers { Double($0 * $0 % 67) + Double($0 % 5) * 3 }, []),
    (
      numbers("y") { $0 < 2 ? .nan : Double($0 * $0 % 67) + 0.5 },
      ["\"y\" is missing in 2 rows, which cannot be learned from."]
    ),
    (texts("y") { _ in "u" }, ["\"y\" is always \"u\", so there is nothing to predict."]),
    (
      texts("y") { $0 < 3 ? "rare" : $0 < 13 ? "u" : "v" },
      ["\"y\" has fewer than 5 rows of 1 class (rare)."]
    ),
  ]

  @Test(arguments: cases.indices)
  func finds(_ index: Int) throws {
    let (column, expected) = Self.cases[index]
    #expect(try sentences(Self.clean().setting(column)) == expected)
  }

  @Test func findsFewAndRepeatedRows() throws {
    let table = try Table(csvText: "x,kind,y\n1,a,1.5\n2,,2\n1,a,1.5\n5,b,7\n2,,2\n1,,1.5\n", source: "t.csv")
    #expect(
      try sentences(table) == [
        "There are only 6 rows, too few to trust any score.",
        "2 rows repeat an earlier row (first in line 4); with so many, equal rows fall into several parts of a split.",
      ])
    let clean = Self.clean()
    #expect(
      try sentences(clean.rows(in: Array(0..<24) + [3])) == [
        "1 row repeats an earlier row; a split keeps equal rows in one part."
      ])
    #expect(message { _ = try clean.checks(predicting: "z") }?.contains("no column \"z\"") == true)
  }

  @Test func leavesOutIgnoredColumns() throws {
    let clean = Self.clean()
    let named = clean.setting(Self.texts { "r\($0)" })
    #expect(try named.checks(predicting: "y", ignoring: ["n"]) == [])
    // Ignoring what tells the rows apart makes them equal.
    let repeated = named.rows(in: Array(0..<24) + [3]).setting(Column("n", numbers: (0..<25).map { -Double($0) }))
    #expect(try repeated.checks(predicting: "y") == [])
    #expect(
      try repeated.checks(predicting: "y", ignoring: ["n"])
        == [.duplicateRows(count: 1, line: nil, stayTogether: true)])
    #expect(
      message { _ = try clean.checks(predicting: "y", ignoring: ["z"]) }?.contains("no column \"z\"") == true)
  }

  @Test func looksAtTheTaskThatWasChosen() throws {
    let table = Self.clean().setting(Self.numbers("y") { $0 < 3 ? 2 : Double($0 % 2) })
    let rare = "\"y\" has fewer than 5 rows of 1 class (2)."
    #expect(try table.checks(predicting: "y", task: .classification).map(\.description) == [rare])
    #expect(try table.checks(predicting: "y", task: .regression) == [])
  }

  @Test func namesTheLineOfStrayText() throws {
    let rows = (0..<30).map { "\($0 % 7 == 3 ? "n/k" : "\($0 % 6)"),\(Double($0 * $0 % 31) + 0.5)" }
    let table = try Table(csvText: "age,y\n" + rows.joined(separator: "\n"))
    #expect(
      try sentences(table) == [
        "\"age\" is read as categories although 26 cells hold numbers, because 4 do not (first \"n/k\" in line 5)."
      ])
  }
}
