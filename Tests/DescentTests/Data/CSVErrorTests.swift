import Descent
import Foundation
import Testing

/// One CSV text that must be refused, and the exact sentence that says why.
struct CSVErrorCase: CustomTestStringConvertible, Sendable {
  let bytes: [UInt8]
  var delimiter: Character?
  var header = CSVHeader.expected
  let message: String

  init(_ text: String, delimiter: Character? = nil, header: CSVHeader = .expected, _ message: String) {
    self.init(Array(text.utf8), delimiter: delimiter, header: header, message)
  }

  init(_ bytes: [UInt8], delimiter: Character? = nil, header: CSVHeader = .expected, _ message: String) {
    self.bytes = bytes
    self.delimiter = delimiter
    self.header = header
    self.message = message
  }

  var testDescription: String { String(reflecting: String(decoding: bytes.prefix(40), as: UTF8.self)) }

  static let all: [CSVErrorCase] = [
    .init("", "t.csv: the file is empty, expected a header line and rows."),
    .init("\n", "t.csv: the file is empty, expected a header line and rows."),
    .init("\r\n\r\n  \r\n", "t.csv: the file is empty, expected a header line and rows."),
    .init("\u{FEFF}", "t.csv: the file is empty, expected a header line and rows."),
    .init("\u{FEFF} \t\n", "t.csv: the file is empty, expected a header line and rows."),
    .init("", header: .absent, "t.csv: the file is empty, expected a header line and rows."),
    .init("a", "t.csv: expected rows below the header of 1 column, found none."),
    .init("a,b,c\n", "t.csv: expected rows below the header of 3 columns, found none."),
    .init("a;b\r\n\r\n", "t.csv: expected rows below the header of 2 columns, found none."),
    .init("1,2\n", header: .present, "t.csv: expected rows below the header of 2 columns, found none."),
    .init([0xFF, 0xFE, 0x61, 0], "t.csv: expected text in UTF-8, found UTF-16; save the file as \"CSV UTF-8\"."),
    .init([0xFE, 0xFF, 0, 0x61], "t.csv: expected text in UTF-8, found UTF-16; save the file as \"CSV UTF-8\"."),
    .init(
      Array("a\n".utf8) + [0xE9, 0x0A],
      "t.csv, line 2: expected text in UTF-8, found the byte 0xE9; save the file as \"CSV UTF-8\"."),
    .init(
      Array("a\r\nb\r\nc".utf8) + [0x80],
      "t.csv, line 3: expected text in UTF-8, found the byte 0x80; save the file as \"CSV UTF-8\"."),
    .init(
      [0xC0, 0x80], "t.csv, line 1: expected text in UTF-8, found the byte 0xC0; save the file as \"CSV UTF-8\"."),
    .init(
      Array("a\rb\r".utf8) + [0xED, 0xA0, 0x80],
      "t.csv, line 3: expected text in UTF-8, found the byte 0xED; save the file as \"CSV UTF-8\"."),
    .init(
      Array("a\n\"x\ny".utf8) + [0xF4, 0x90, 0x80, 0x80, 0x22],
      "t.csv, line 3: expected text in UTF-8, found the byte 0xF4; save the file as \"CSV UTF-8\"."),
    .init(
      Array("a\n".utf8) + [0xE2, 0x82],
      "t.csv, line 2: expected text in UTF-8, found the byte 0xE2; save the file as \"CSV UTF-8\"."),
    .init("a,b\n1,\0\n", "t.csv, line 2: expected text, found a NUL byte."),
    .init("\0", "t.csv, line 1: expected text, found a NUL byte."),
    .init("a\n\n\n\"\0\"", "t.csv, line 4: expected text, found a NUL byte."),
    .init(
      "a,b\n1,2\n3,inf\n",
      "t.csv, line 3, column \"b\": expected a finite number, as the column holds numbers, "
        + "found \"inf\"; leave the cell empty if there is none."),
    .init(
      "a\n-Infinity\n1e400\n7\n",
      "t.csv, line 2, column \"a\": expected a finite number, as the column holds numbers, "
        + "found \"-Infinity\"; leave the cell empty if there is none."),
    .init(
      "a;b\n1,5;2\n1e999;3\n",
      "t.csv, line 3, column \"a\": expected a finite number, as the column holds numbers, "
        + "found \"1e999\"; leave the cell empty if there is none."),
    .init(
      "e" + String(repeating: "\u{301}", count: 31) + ",b\n1,2\n",
      "t.csv, line 1, column \"column_1\": expected text with at most 30 marks on a character."),
    .init(
      "a,b\n1,x\n2,e" + String(repeating: "\u{301}\u{323}", count: 16) + "\n",
      "t.csv, line 3, column \"b\": expected text with at most 30 marks on a character."),
    .init("\"a", "t.csv, line 1, column \"column_1\": the quote opened here is never closed."),
    .init("a,\"b\n1,2\n", "t.csv, line 1, column \"column_2\": the quote opened here is never closed."),
    .init("a,b\n1,\"x\n2,y\n", "t.csv, line 2, column \"b\": the quote opened here is never closed."),
    .init("a,b\n\"1\n2\",\"x\"\"\n", "t.csv, line 3, column \"b\": the quote opened here is never closed."),
    .init("a,b\r1,\"", "t.csv, line 2, column \"b\": the quote opened here is never closed."),
    .init(
      "a,b\n\"x\"y,2\n",
      "t.csv, line 2, column \"a\": expected a delimiter or the end of the line after the closing quote, found \"y\"."),
    .init(
      "a,b\n1,\"x\" \"y\"\n",
      "t.csv, line 2, column \"b\": "
        + "expected a delimiter or the end of the line after the closing quote, found \"\"\"."),
    .init(
      "a,b\n1,\"x\r\n\" é",
      "t.csv, line 3, column \"b\": expected a delimiter or the end of the line after the closing quote, found \"é\"."),
    .init(
      "\"a\";b\n1;2\n", delimiter: ",",
      "t.csv, line 1, column \"column_1\": "
        + "expected a delimiter or the end of the line after the closing quote, found \";\"."),
    .init("a,b\n1\n", "t.csv, line 2: expected 2 fields as in the header, found 1."),
    .init("a,b\n1,2\n\n1,2,3\n", "t.csv, line 4: expected 2 fields as in the header, found 3."),
    .init("a,b\n1,2,\n", "t.csv, line 2: expected 2 fields as in the header, found 3."),
    .init("a\n1\n2,3\n", "t.csv, line 3: expected 1 field as in the header, found 2."),
    .init("a,b\n\"1\n2\n3\",4\n5\n", "t.csv, line 5: expected 2 fields as in the header, found 1."),
    .init("a\tb\n1\t2\r3\n", "t.csv, line 3: expected 2 fields as in the header, found 1."),
    .init("a,b\n1;2\n", delimiter: ";", "t.csv, line 2: expected 1 field as in the header, found 2."),
    .init("x,y\nz\n", header: .absent, "t.csv, line 2: expected 2 fields as in the header, found 1."),
    .init("a,a\n1,2\n", "t.csv, line 1: columns 1 and 2 are both named \"a\"."),
    .init("\n\nx,y, x \n1,2,3\n", "t.csv, line 3: columns 1 and 3 are both named \"x\"."),
    .init("column_2,,c\n1,2,3\n", "t.csv, line 1: columns 1 and 2 are both named \"column_2\"."),
    .init("\"a,b\",\"a,b\"\n1,2\n", "t.csv, line 1: columns 1 and 2 are both named \"a,b\"."),
    .init("é,e\u{301}\n1,2\n", "t.csv, line 1: columns 1 and 2 are both named \"é\"."),
    .init(
      "PK\u{3}\u{4}",
      "t.csv: expected text in UTF-8, found a zip archive, which a workbook is too; "
        + "save the sheet as \"CSV UTF-8\"."),
    .init(
      [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0],
      "t.csv: expected text in UTF-8, found an image; "
        + "images to train on come as a folder with a folder for each class."),
    .init(
      [0xFF, 0xD8, 0xFF, 0xE0],
      "t.csv: expected text in UTF-8, found an image; "
        + "images to train on come as a folder with a folder for each class."),
    .init(
      [0x93] + Array("NUMPY".utf8),
      "t.csv: expected text in UTF-8, found an array of NumPy's; those of images are trained on in a .npz file, as "
        + "x_train and y_train."),
    .init(
      "5.1,3.5\n4.9,3\n",
      "t.csv, line 1: expected column names, found only numbers (5.1, 3.5); write the names above them."),
    .init(
      "1;2;3;4;5\n6;7;8;9;10\n",
      "t.csv, line 1: expected column names, found only numbers (1, 2, 3 and 2 more); write the names above them."),
    .init("7\n8\n", "t.csv, line 1: expected column names, found only numbers (7); write the names above them."),
    .init(
      "a\n1\n", delimiter: "é",
      "The delimiter \"é\" cannot separate fields, "
        + "expected one ASCII character such as a comma, semicolon, tab or pipe."),
    .init(
      "a\n1\n", delimiter: "\"",
      "The delimiter \"\\\"\" cannot separate fields, "
        + "expected one ASCII character such as a comma, semicolon, tab or pipe."),
    .init(
      "a\n1\n", delimiter: "\n",
      "The delimiter \"\\n\" cannot separate fields, "
        + "expected one ASCII character such as a comma, semicolon, tab or pipe."),
    .init(
      "a\n1\n", delimiter: ".",
      "The delimiter \".\" cannot separate fields, "
        + "expected one ASCII character such as a comma, semicolon, tab or pipe."),
    .init(
      "a\n1\n", delimiter: "e",
      "The delimiter \"e\" cannot separate fields, "
        + "expected one ASCII character such as a comma, semicolon, tab or pipe."),
  ]
}

@Suite struct CSVErrorTests {
  @Test(arguments: CSVErrorCase.all)
  func refusesWithOneSentence(_ example: CSVErrorCase) {
    let found = message {
      _ = try Table(csvBytes: example.bytes, source: "t.csv", delimiter: example.delimiter, header: example.header)
    }
    #expect(found == example.message)
  }

  @Test func refusesWhatIsNotAFile() throws {
    try TestFiles.withFolder { folder in
      let missing = folder + "/missing.csv"
      #expect(message { _ = try Table(csv: missing) } == "\(missing): no such file.")
      #expect(message { _ = try Table(csv: folder) } == "\(folder): expected a CSV file, found a folder.")
      let inside = folder + "/file/t.csv"
      try Data("a\n1\n".utf8).write(to: URL(filePath: folder + "/file"))
      #expect(message { _ = try Table(csv: inside) } == "\(inside): no such file.")
      let endless = folder + "/loop.csv"
      try FileManager.default.createSymbolicLink(atPath: endless, withDestinationPath: endless)
      #expect(
        message { _ = try Table(csv: endless) }?.hasPrefix("\(endless): the file cannot be read (too many") == true)
      let empty = folder + "/empty.csv"
      try Data().write(to: URL(filePath: empty))
      #expect(
        message { _ = try Table(csv: empty) } == "\(empty): the file is empty, expected a header line and rows.")
      let table = Table(columns: [Column("a", numbers: [1])])
      let nowhere = folder + "/none/out.csv"
      #expect(
        message { try table.write(csv: nowhere) } == "\(nowhere): the file cannot be written (no such folder).")
      #expect(message { try table.write(csv: folder) } == "\(folder): the file cannot be written (it is a folder).")
    }
  }
}
