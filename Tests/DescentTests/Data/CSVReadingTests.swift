import Descent
import Testing

@Suite struct CSVReadingTests {
  /// Text, and the header and rows it must be read as; missing cells are nil.
  @Test(
    arguments: [
      ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
      ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
      ("a,b\r1,2\r", [["a", "b"], ["1", "2"]]),
      ("a,b\n1,2", [["a", "b"], ["1", "2"]]),
      ("\u{FEFF}a,b\n1,2", [["a", "b"], ["1", "2"]]),
      ("\u{FEFF}\"a\",b\n1,2", [["a", "b"], ["1", "2"]]),
      ("a,b\n\n1,2\n\n\n", [["a", "b"], ["1", "2"]]),
      ("\n \n\t\na,b\n1,2\n  \n", [["a", "b"], ["1", "2"]]),
      ("a,b\n1,\n,2\n,\n", [["a", "b"], ["1", nil], [nil, "2"], [nil, nil]]),
      ("a,b\n1,", [["a", "b"], ["1", nil]]),
      ("a\n\"\"\nx\n", [["a"], [nil], ["x"]]),
      ("a,b\n\"x,y\",z\n", [["a", "b"], ["x,y", "z"]]),
      ("a,b\n\"x\"\"y\",\"\"\"\"\n", [["a", "b"], ["x\"y", "\""]]),
      ("a,b\n\"x\ny\",\"\r\n\"\n", [["a", "b"], ["x\ny", "\r\n"]]),
      ("a,b\n \"x\" ,\t\"y\"\t\n", [["a", "b"], ["x", "y"]]),
      ("a , b\n x , y z \n", [["a", "b"], ["x", "y z"]]),
      ("a,b\n5\" pipe,it's\n", [["a", "b"], ["5\" pipe", "it's"]]),
      ("a;b\nx;y,z\n", [["a", "b"], ["x", "y,z"]]),
      ("a\tb\nx y\tz\n", [["a", "b"], ["x y", "z"]]),
      ("a\tb\n\t\nx\ty", [["a", "b"], [nil, nil], ["x", "y"]]),
      ("a|b|c\nx|y|z\n", [["a", "b", "c"], ["x", "y", "z"]]),
      ("a,b;c\nx,y;z\n", [["a", "b;c"], ["x", "y;z"]]),
      ("a,b;c\nx;1,z\ny;2,w\n", [["a", "b;c"], ["x;1", "z"], ["y;2", "w"]]),
      ("a,b;c;d\nx,y\nz,w\n", [["a", "b;c;d"], ["x", "y"], ["z", "w"]]),
      ("a;b\n1,5;\"x;y\"\n2,5;z\n", [["a", "b"], ["1.5", "x;y"], ["2.5", "z"]]),
      ("\"a,b\";c\n1;2\n", [["a,b", "c"], ["1", "2"]]),
      (",a,\nx,y,z\n", [["column_1", "a", "column_3"], ["x", "y", "z"]]),
      ("name\nSmith; J\n", [["name"], ["Smith; J"]]),
      ("a,1\nx,y\n", [["a", "1"], ["x", "y"]]),
      ("größe,日本\n👋,é\n", [["größe", "日本"], ["👋", "é"]]),
      ("a,b\n\u{2028}x,y\u{85}z\n", [["a", "b"], ["\u{2028}x", "y\u{85}z"]]),
    ] as [(String, [[String?]])])
  func reads(_ text: String, _ expected: [[String?]]) throws {
    let table = try Table(csvText: text)
    #expect([table.columnNames.map(Optional.some)] + table.texts == expected)
  }

  @Test func remembersPhysicalLines() throws {
    let table = try Table(csvText: "\r\na,b\r\n\"1\n2\r3\r\n4\",x\r\n\r\ny,z\rw,\"\n\"\nu,v")
    #expect((0..<table.rowCount).map { table.line(ofRow: $0) } == [3, 8, 9, 11])
    #expect(table.rows(in: [3, 1]).line(ofRow: 0) == 11)
    #expect(Table(columns: [Column("a", numbers: [1])]).line(ofRow: 0) == nil)
  }

  @Test func readsWithoutAHeader() throws {
    let table = try Table(csvText: "1,x\n2,y\n", header: .absent)
    #expect(table.columnNames == ["column_1", "column_2"])
    #expect(table.texts == [["1", "x"], ["2", "y"]])
    #expect(table.line(ofRow: 0) == 1)
    let years = try Table(csvText: "2019,2020\n2,3\n", header: .present)
    #expect(years.columnNames == ["2019", "2020"])
  }

  @Test func takesAnyDelimiterItIsGiven() throws {
    for delimiter in [",", ";", "\t", "|", ":", " ", "^", "~", "/"] as [Character] {
      let text = "a\(delimiter)b\nx\(delimiter)\"y\(delimiter)z\"\n"
      let table = try Table(csvText: text, delimiter: delimiter)
      #expect(table.texts == [["x", "y\(delimiter)z"]], "\(delimiter)")
    }
    #expect(try Table(csvText: "a;b\n1;2\n", delimiter: ",").columnNames == ["a;b"])
  }

  @Test func selectsColumnsAndRows() throws {
    let table = try Table(csvText: "a,b,c\n1,x,\n2,y,5\n3,x,6\n", source: "t.csv")
    #expect(try table.selecting(["c", "a"]).columnNames == ["c", "a"])
    #expect(try table.dropping(["b"]).columnNames == ["a", "c"])
    #expect(table.rows(in: [2, 0, 2]).texts == [["3", "x", "6"], ["1", "x", nil], ["3", "x", "6"]])
    #expect(try table.rowsWithValue(in: "c") == [1, 2])
    #expect(table["z"] == nil)
    #expect(table["b"]?.text(at: 1) == "y")
    #expect(table.setting(Column("b", numbers: [7, 8, 9])).texts[0] == ["1", "7", nil])
    #expect(table.setting(Column("d", texts: ["p", nil, "q"])).texts[1] == ["2", "y", "5", nil])
    #expect(table["a"]?.asCategories() == Column("a", texts: ["1", "2", "3"]))
    #expect(message { _ = try table.selecting(["A"]) } == "t.csv: there is no column \"A\"; did you mean \"a\"?")
    #expect(
      message { _ = try table.dropping(["weight"]) }
        == "t.csv: there is no column \"weight\", expected one of: a, b, c.")
  }

  @Test func printsAligned() throws {
    let table = try Table(csvText: "name,size\nPerch,1.5\n\"a\nb\",\nAn exceedingly long name of a fish,300\n")
    #expect(
      table.description == """
        name                      size
        ────────────────────────  ────
        Perch                      1.5
        a b                          –
        An exceedingly long nam…   300
        3 rows × 2 columns
        """)
    #expect(
      table.summary.description == """
        column  kind      missing  distinct  minimum   mean  maximum  most frequent
        ──────  ────────  ───────  ────────  ───────  ─────  ───────  ─────────────
        name    category        0         3
        size    number          1         2      1.5  150.8      300
        3 rows × 2 columns
        """)
    #expect(table.head(1).split(separator: "\n").count == 3)
    #expect(table.head(0).split(separator: "\n").count == 2)
  }
}
