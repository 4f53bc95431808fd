/// Whether the first line of a CSV file holds the column names.
public enum CSVHeader: Sendable {
  /// Names are expected; a first line that holds nothing but numbers is an error.
  case expected
  /// The first line holds the names, whatever they look like.
  case present
  /// There is no header; the columns are named `column_1`, `column_2`, and so on.
  case absent
}

/// The cells of a CSV file (RFC 4180, and what is met in the wild), validated but not yet typed.
///
/// UTF-8 with or without byte order mark; LF, CRLF and CR; quoted fields with delimiters, doubled quotes and line
/// ends; spaces and tabs around a field are not part of it; blank lines are skipped; an empty name becomes
/// `column_<position>`.
package struct CSVReader {
  package let names: [String]
  package let delimiter: UInt8
  package let rowLines: [Int]
  let bytes: [UInt8]
  private let cells: [CSVCell]

  package init(
    bytes: [UInt8], file: String, delimiter: Character? = nil, header: CSVHeader = .expected
  ) throws(CSVError) {
    let start = try Self.textStart(of: bytes, file: file)
    let separator = try delimiter.map(Self.delimiterByte) ?? detectDelimiter(of: bytes, start: start)
    var scanner = CSVScanner(bytes: bytes, delimiter: separator, start: start)
    var names: [String] = []

    func next(into cells: inout [CSVCell]) throws(CSVError) -> Int? {
      do throws(CSVFault) {
        return try scanner.nextRecord(into: &cells)
      } catch {
        throw Self.error(for: error, names: names, bytes: bytes, file: file)
      }
    }

    var first: [CSVCell] = []
    guard let firstLine = try next(into: &first) else { throw .empty(file: file) }
    var cells: [CSVCell] = []
    var lines: [Int] = []
    if header == .absent {
      names = first.indices.map { "column_\($0 + 1)" }
      cells = first
      lines = [firstLine]
    } else {
      names = try Self.names(of: first, in: bytes, file: file, line: firstLine, header: header)
    }
    while let line = try next(into: &cells) {
      lines.append(line)
      let found = cells.count - (lines.count - 1) * names.count
      guard found == names.count else {
        throw .raggedRow(file: file, line: line, found: found, expected: names.count)
      }
    }
    guard !lines.isEmpty else { throw .noRows(file: file, columns: names.count) }
    self.bytes = bytes
    self.names = names
    self.delimiter = separator
    self.rowLines = lines
    self.cells = cells
  }

  package var rowCount: Int { rowLines.count }

  func cell(row: Int, column: Int) -> CSVCell { cells[row * names.count + column] }

  /// The text of a cell; quoted text is verbatim.
  package func text(row: Int, column: Int) -> String { cell(row: row, column: column).text(in: bytes) }

  private static func textStart(of bytes: [UInt8], file: String) throws(CSVError) -> Int {
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { throw .utf16(file: file) }
    if bytes.starts(with: [0x1F, 0x8B]) { throw .archive(file: file, isGzip: true) }
    if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) { throw .archive(file: file, isGzip: false) }
    if bytes.starts(with: PNGHeader.signature) || bytes.starts(with: [0xFF, 0xD8, 0xFF]) { throw .image(file: file) }
    if bytes.starts(with: [0x93] + Array("NUMPY".utf8)) { throw .array(file: file) }
    if let offset = firstInvalidUTF8(in: bytes) {
      let line = lineNumber(of: offset, in: bytes)
      throw bytes[offset] == 0
        ? .nulByte(file: file, line: line) : .notUTF8(file: file, line: line, byte: bytes[offset])
    }
    return bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  package static func checkDelimiter(_ character: Character) throws(CSVError) { _ = try delimiterByte(character) }

  private static func delimiterByte(_ character: Character) throws(CSVError) -> UInt8 {
    guard let byte = character.asciiValue, character != "\r\n",
      byte == Byte.tab || (byte >= Byte.space && byte < 127),
      !character.isLetter, !character.isNumber, !"\".+-".contains(character)
    else { throw .invalidDelimiter(character) }
    return byte
  }

  private static func names(
    of header: [CSVCell], in bytes: [UInt8], file: String, line: Int, header kind: CSVHeader
  ) throws(CSVError) -> [String] {
    let texts = header.map { $0.text(in: bytes) }
    if kind == .expected, texts.allSatisfy({ CellTyping.number($0) != nil }) {
      throw .headerOfNumbers(file: file, line: line, found: texts)
    }
    var positions: [String: Int] = [:]
    var names: [String] = []
    for (index, text) in texts.enumerated() {
      let name = text.isEmpty ? "column_\(index + 1)" : text
      guard CombiningMarks.areFew(in: name) else {
        throw .tooManyMarks(file: file, line: line, column: "column_\(index + 1)")
      }
      if let first = positions.updateValue(index, forKey: name) {
        throw .duplicateName(file: file, line: line, name: name, first: first + 1, second: index + 1)
      }
      names.append(name)
    }
    return names
  }

  private static func error(for fault: CSVFault, names: [String], bytes: [UInt8], file: String) -> CSVError {
    func label(_ field: Int) -> String { field < names.count ? names[field] : "column_\(field + 1)" }
    switch fault {
    case .unterminatedQuote(let line, let field):
      return .unterminatedQuote(file: file, line: line, column: label(field))
    case .textAfterQuote(let line, let field, let offset):
      let rest = String(decoding: bytes[offset..<min(offset + 16, bytes.count)], as: UTF8.self)
      return .textAfterQuote(file: file, line: line, column: label(field), found: String(rest.prefix(1)))
    }
  }
}

/// Chooses among comma, semicolon, tab and pipe from the first 20 records.
///
/// A delimiter that gives every record the header's number of fields wins over one that does not, then the one with
/// more fields wins, then the order above; a file where none occurs has one column.
private func detectDelimiter(of bytes: [UInt8], start: Int) -> UInt8 {
  var best = (delimiter: Byte.comma, isConsistent: false, fields: 1)
  for delimiter in [Byte.comma, Byte.semicolon, Byte.tab, Byte.pipe] {
    var scanner = CSVScanner(bytes: bytes, delimiter: delimiter, start: start)
    var counts: [Int] = []
    var isConsistent = true
    do {
      var cells: [CSVCell] = []
      while counts.count < 20, try scanner.nextRecord(into: &cells) != nil {
        if counts.isEmpty, cells.allSatisfy(\.isBlank) { break }
        counts.append(cells.count)
        cells.removeAll(keepingCapacity: true)
      }
    } catch {
      isConsistent = false
    }
    guard let fields = counts.first, fields > 1 else { continue }
    isConsistent = isConsistent && counts.allSatisfy { $0 == fields }
    let isBetter = isConsistent == best.isConsistent ? fields > best.fields : isConsistent
    if isBetter { best = (delimiter, isConsistent, fields) }
  }
  return best.delimiter
}

/// The physical line, from 1, that holds the byte at `offset`.
private func lineNumber(of offset: Int, in bytes: [UInt8]) -> Int {
  (0..<offset).reduce(1) { endsLine(at: $1, of: bytes) ? $0 + 1 : $0 }
}
