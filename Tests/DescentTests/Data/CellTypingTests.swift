import Descent
import Foundation
import Testing

/// Spellings of cells and what they must be read as, stated without the reader's own code.
enum CellSpellings {
  static let paddings = ["", " ", "\t", " \t "]

  /// Every sign × digits × exponent × padding spells a number; the C library's `strtod` says which.
  static let numbers: [String] = {
    let digits = [
      "0", "7", "42", "007", "1000000", "3.25", "0.1", "1.", ".5", "00.50", "9007199254740993",
      "123456789012345678901234567890", "0.000000000000000000000001", "1.7976931348623157",
    ]
    let exponents = ["", "e0", "E3", "e+2", "e-2", "e007", "E-30", "e25"]
    return ["", "+", "-"].flatMap { sign in
      digits.flatMap { digits in exponents.map { sign + digits + $0 } }
    }
  }()

  static let missing = [
    "", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NAN", "null", "NULL", "Null", "None", "?", "-",
  ]

  /// Neither a number nor missing.
  static let texts = [
    "a", "abc", "true", "false", "yes", "no", "True", "FALSE", "inf", "Inf", "INF", "-inf", "+inf", "infinity",
    "Infinity", "-Infinity", "1e999", "-1e309", "1e400", "0x10", "0X1F", "0x1p3", "0b101", "0o17", "1_000", "1__0",
    "1,234", "1,5", "1.234,5", "1 000", "1\u{A0}000", "1'000", "5%", "5 %", "$5", "€5", "5€", "5 cm", "5cm", "12kg",
    "1/2", "½", "1:30", "12:00:00", "2024-01-01", "01/02/2024", "1.2.2024", "1949-01", "2024-01-01T00:00:00Z", "Q1",
    "1.2.3", "1..2", "..5", ".", "+", "+.", "-.", "e", "e5", ".e5", "-e5", "1e", "1e+", "1e-", "1E+-2", "1e5.5",
    "1e 5", "1 e5", "- 5", "+ 5", "--5", "++5", "+-5", "-+5", "5-", "5+", "1-2", "1+2", "(5)", "[5]", "5)", "#5", "5,",
    ",5", "5;", "1f", "1.0f", "1.5d", "1L", "3j", "1d5", "٣", "３", "−5", "–5", "V", "IX", "one", "na", "Na", "nA",
    "N\\A",
    "none", "NONE", "nul", "NULLS", "nil", "NIL", "--", "??", "- -", "N A", "NaNs", "NaN1", "nan0", "missing",
    "unknown",
    "undefined", "#NA", "#N/A!", "#REF!", "#DIV/0!", "\\N", "-?", "—", "∞", "π", "0-0", "00:00", "1e1e1", "1.5.e2", "é",
    "日本", "👋", "'5'", "\u{200B}5", "5\u{200B}", "\u{A0}5", "nan(1)", "snan", "1e+5x", "x1", "_", "_1", "1_", "0.5-",
  ]
}

@Suite struct CellTypingTests {
  @Test func readsEveryNumberAsTheCLibraryDoes() {
    var count = 0
    for spelling in CellSpellings.numbers {
      let expected = strtod(spelling, nil)
      for padding in CellSpellings.paddings {
        let found = CellTyping.number(padding + spelling + padding)
        #expect(found?.bitPattern == expected.bitPattern, "\(String(reflecting: padding + spelling))")
        #expect(!CellTyping.isMissing(padding + spelling + padding))
        count += 1
      }
    }
    #expect(count == 1344)
  }

  @Test func knowsMissingSpellings() {
    #expect(CellTyping.missingSpellings == CellSpellings.missing)
    for spelling in CellSpellings.missing {
      for padding in CellSpellings.paddings {
        #expect(CellTyping.isMissing(padding + spelling + padding), "\(spelling)")
        #expect(CellTyping.number(padding + spelling + padding) == nil, "\(spelling)")
      }
    }
  }

  @Test func leavesEverythingElseAsText() {
    #expect(Set(CellSpellings.texts).count == CellSpellings.texts.count && CellSpellings.texts.count > 140)
    for spelling in CellSpellings.texts {
      #expect(CellTyping.number(spelling) == nil, "\(spelling)")
      #expect(!CellTyping.isMissing(spelling), "\(spelling)")
    }
  }

  @Test func keepsInfinitiesAsTextWhereAColumnHoldsOtherText() throws {
    let table = try Table(csvText: "a,b,c\n1,inf,inf\ninf,-inf,\nlow,1e999,x\n")
    #expect(table.columns.map(\.isNumeric) == [false, false, false])
    #expect(table.texts[1] == ["inf", "-inf", nil])
  }

  @Test(
    arguments: [
      (1e16, "1e+16"), (0x1p53, "9007199254740992"), (-42, "-42"), (0, "0"), (-0.0, "-0"), (0.1, "0.1"),
      (2.5e-9, "2.5e-09"),
    ] as [(Double, String)])
  func spellsNumbers(_ value: Double, _ expected: String) {
    #expect(numberText(value) == expected)
  }

  @Test func readsDigitsExactly() {
    var random = TableTestGenerator(seed: 3)
    for _ in 0..<20_000 {
      let value = Double(bitPattern: random.next())
      guard value.isFinite else { continue }
      #expect(CellTyping.number(numberText(value))?.bitPattern == value.bitPattern)
    }
    for length in 1...40 {
      for _ in 0..<50 {
        let digits = (0..<length).map { _ in "\(Int.random(in: 0...9, using: &random))" }
        let point = Int.random(in: 0...length, using: &random)
        let spelling =
          digits[..<point].joined() + "." + digits[point...].joined() + "e\(Int.random(in: -40...40, using: &random))"
        #expect(CellTyping.number(spelling)?.bitPattern == strtod(spelling, nil).bitPattern, "\(spelling)")
      }
    }
    // 2^64 and its neighbours wrap a 64-bit accumulator; subnormals and underflow end at the C library's values.
    for spelling in [
      "18446744073709551615", "18446744073709551616", "18446744073709551617", "184467440737095516160", "5e-324",
      "2.4703282292062327e-324", "2.4703282292062328e-324", "1e-400", "0e999", "1.7976931348623158e308",
      "0.00000000000000000000018446744073709551616", "2.2250738585072011e-308", "9007199254740993e0",
    ] {
      #expect(CellTyping.number(spelling)?.bitPattern == strtod(spelling, nil).bitPattern, "\(spelling)")
    }
  }

  @Test(
    arguments: [
      ("1,234", 1234), ("12,345,678.5", 12_345_678.5), ("-1,234e2", -123_400), ("999", 999), ("1234", 1234),
      ("1,234,567", 1_234_567), ("0,000", 0), ("1,23", nil), ("1,2345", nil), ("1234,567", nil), (",123", nil),
      ("1,,234", nil), ("1,234,", nil), ("1,234,56", nil), ("1.5,000", nil), ("1,234.5,6", nil), ("1 234", nil),
    ] as [(String, Double?)])
  func groupsByCommas(_ spelling: String, _ expected: Double?) {
    #expect(CellTyping.number(spelling, style: .groupedByCommas) == expected)
  }

  @Test(
    arguments: [
      ("1,5", 1.5), ("-0,25", -0.25), (",5", 0.5), ("5,", 5), ("12", 12), ("1,5e2", 150), ("1.5", nil), ("1,5,5", nil),
      ("1.234,5", nil), (",", nil),
    ] as [(String, Double?)])
  func readsDecimalCommas(_ spelling: String, _ expected: Double?) {
    #expect(CellTyping.number(spelling, style: .decimalComma) == expected)
  }

  /// Whole columns: the cells below the header `x`, the delimiter, and what the column must become.
  @Test(
    arguments: [
      ("1\n2\n", ["1", "2"], true), ("1\nx\n", ["1", "x"], false), ("1\nNA\n", ["1", nil], true),
      ("NA\n?\n", [nil, nil], true), ("true\nfalse\n", ["true", "false"], false), ("x\ninf\n", ["x", "inf"], false),
      ("\"1,234\"\n5\n", ["1234", "5"], true), ("\"1,23\"\n5\n", ["1,23", "5"], false),
      ("\" 5 \"\n6\n", ["5", "6"], true), ("\" x \"\n6\n", [" x ", "6"], false), ("\"NA\"\n6\n", [nil, "6"], true),
      ("x\n\"\"\n", ["x", nil], false), ("2024-01-01\n2024-01-02\n", ["2024-01-01", "2024-01-02"], false),
      ("-0\n1e3\n", ["-0", "1000"], true), ("0.1\n1e-7\n", ["0.1", "1e-07"], true),
    ] as [(String, [String?], Bool)])
  func typesWholeColumns(_ cells: String, _ expected: [String?], _ isNumeric: Bool) throws {
    let table = try Table(csvText: "x\n" + cells, delimiter: ",")
    #expect(table.texts.map { $0[0] } == expected)
    #expect(table.columns[0].isNumeric == isNumeric)
  }

  @Test func readsDecimalCommasOnlyInSemicolonFiles() throws {
    let comma = try Table(csvText: "a;b;c;d\n1,5;1,5;1.5;1,5\n2;2.5;2;NA\n")
    #expect(comma.columns.map(\.isNumeric) == [true, false, true, true])
    #expect(comma.texts == [["1.5", "1,5", "1.5", "1.5"], ["2", "2.5", "2", nil]])
    let tab = try Table(csvText: "a\tb\n1,5\t1\n")
    #expect(tab.columns.map(\.isNumeric) == [false, true])
  }
}
