import Descent
import Testing

@Suite struct CSVRoundTripTests {
  private static let pieces = [
    "a", "b", "é", "日本", "👋", ",", ";", "\t", "|", "\"", "\"\"", "\n", "\r", "\r\n", " ", "'", "\u{FEFF}", "0", "-",
    ".",
    "x y", "\\",
  ]

  /// A text that is neither a number nor missing, whatever surrounds it.
  private func text(_ random: inout TableTestGenerator) -> String {
    let count = Int.random(in: 0...5, using: &random)
    let pieces = (0..<count).map { _ in Self.pieces.randomElement(using: &random)! }
    return pieces.joined() + "t" + (Bool.random(using: &random) ? " " : "")
  }

  private func number(_ random: inout TableTestGenerator) -> Double {
    switch Int.random(in: 0..<5, using: &random) {
    case 0: return .nan
    case 1: return Double(Int.random(in: -1000...1000, using: &random))
    case 2: return Double.random(in: -1...1, using: &random)
    case 3: return -0.0
    default:
      let value = Double(bitPattern: random.next())
      return value.isFinite ? value : 1e308
    }
  }

  private func table(_ random: inout TableTestGenerator) -> Table {
    let rowCount = Int.random(in: 1...12, using: &random)
    let columns = (0..<Int.random(in: 1...5, using: &random)).map { position in
      let name = "\(text(&random))\(position)\(text(&random))"
        .split(separator: "\u{0}").joined().trimmingPadding
      if Bool.random(using: &random) {
        return Column(name, numbers: (0..<rowCount).map { _ in number(&random) })
      }
      // One text at least, since a column without values reads back as numbers.
      return Column(
        name,
        texts: (0..<rowCount).map { row in
          row == 0 || Int.random(in: 0..<4, using: &random) > 0 ? text(&random) : nil
        })
    }
    return Table(columns: columns)
  }

  @Test(arguments: [",", ";", "\t", "|", " "] as [Character])
  func readsBackWhatItWrites(_ delimiter: Character) throws {
    for seed in 0..<400 {
      var random = TableTestGenerator(seed: UInt64(seed))
      let table = table(&random)
      let text = try table.csvText(delimiter: delimiter)
      let found = try Table(csvText: text, delimiter: delimiter, header: .present)
      #expect(found == table, "seed \(seed)")
      #expect(try found.csvText(delimiter: delimiter) == text, "seed \(seed)")
    }
  }

  @Test func readsBackFiles() throws {
    try TestFiles.withFolder { folder in
      var random = TableTestGenerator(seed: 9)
      let first = table(&random)
      let path = folder + "/out.csv"
      try first.write(csv: path)
      #expect(try Table(csv: path, delimiter: ",", header: .present) == first)
      let second = table(&random)
      try second.write(csv: path)
      #expect(try Table(csv: path, delimiter: ",", header: .present) == second)
    }
  }

  @Test func writesAsStated() throws {
    let table = Table(columns: [
      Column("a", numbers: [1, .nan, 0.1, 1e20]), Column("b,c", texts: ["x", nil, "say \"hi\"", "two\nlines"]),
    ])
    #expect(
      try table.csvText() == """
        a,"b,c"
        1,x
        ,
        0.1,"say ""hi""\"
        1e+20,"two
        lines"

        """)
    #expect(try Table(columns: [Column("a", numbers: [1, .nan])]).csvText() == "a\n1\n\"\"\n")
  }
}

extension String {
  /// A name as a reader sees it, which does not keep spaces around an unquoted name.
  fileprivate var trimmingPadding: String {
    var text = Substring(self)
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return String(text)
  }
}
