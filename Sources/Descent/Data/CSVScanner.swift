/// One field of a CSV file: a range of its bytes without the enclosing quotes and without the spaces around it.
struct CSVCell {
  let start: Int
  private let endAndFlags: Int  // end << 2 | quoted << 1 | escaped: 16 bytes a cell keep files of 100 MB cheap

  init(start: Int, end: Int, quoted: Bool = false, escaped: Bool = false) {
    self.start = start
    self.endAndFlags = end << 2 | (quoted ? 2 : 0) | (escaped ? 1 : 0)
  }

  var end: Int { endAndFlags >> 2 }
  var isQuoted: Bool { endAndFlags & 2 != 0 }
  var hasDoubledQuotes: Bool { endAndFlags & 1 != 0 }
  var isBlank: Bool { start == end && !isQuoted }

  func text(in bytes: [UInt8]) -> String {
    guard hasDoubledQuotes else { return String(decoding: bytes[start..<end], as: UTF8.self) }
    var plain: [UInt8] = []
    var index = start
    while index < end {
      plain.append(bytes[index])
      index += bytes[index] == Byte.quote ? 2 : 1
    }
    return String(decoding: plain, as: UTF8.self)
  }
}

/// The bytes that mean something to CSV and to numbers.
enum Byte {
  static let tab: UInt8 = 9
  static let lineFeed: UInt8 = 10
  static let carriageReturn: UInt8 = 13
  static let space: UInt8 = 32
  static let quote: UInt8 = 34
  static let plus: UInt8 = 43
  static let comma: UInt8 = 44
  static let minus: UInt8 = 45
  static let point: UInt8 = 46
  static let zero: UInt8 = 48
  static let semicolon: UInt8 = 59
  static let pipe: UInt8 = 124
}

/// A fault of quoting, with the field counted from 0; `CSVReader` turns it into a `CSVError` with the column's name.
enum CSVFault: Error {
  case unterminatedQuote(line: Int, field: Int)
  case textAfterQuote(line: Int, field: Int, offset: Int)
}

/// Walks over CSV bytes record by record and counts physical lines (LF, CRLF and CR each end one).
struct CSVScanner {
  private let bytes: [UInt8]
  private let delimiter: UInt8
  private var position: Int
  private var line = 1

  init(bytes: [UInt8], delimiter: UInt8, start: Int) {
    self.bytes = bytes
    self.delimiter = delimiter
    self.position = start
  }

  /// Appends the cells of the next record that is not blank; returns the line it starts on, or nil at the end.
  mutating func nextRecord(into cells: inout [CSVCell]) throws(CSVFault) -> Int? {
    while position < bytes.count {
      let firstLine = line
      var field = 0
      repeat {
        cells.append(try nextCell(field: field))
        field += 1
      } while skipDelimiter()
      skipLineEnd()
      if field == 1, cells[cells.count - 1].isBlank {
        cells.removeLast()
      } else {
        return firstLine
      }
    }
    return nil
  }

  private mutating func nextCell(field: Int) throws(CSVFault) -> CSVCell {
    var start = position
    while start < bytes.count, isPadding(bytes[start]) { start += 1 }
    if start < bytes.count, bytes[start] == Byte.quote {
      position = start + 1
      return try quotedCell(field: field)
    }
    var end = start
    while end < bytes.count, !endsCell(bytes[end]) { end += 1 }
    position = end
    while end > start, isPadding(bytes[end - 1]) { end -= 1 }
    return CSVCell(start: start, end: end)
  }

  private mutating func quotedCell(field: Int) throws(CSVFault) -> CSVCell {
    let start = position
    let openingLine = line
    var escaped = false
    var index = start
    while index < bytes.count {
      let byte = bytes[index]
      if byte == Byte.quote {
        if index + 1 < bytes.count, bytes[index + 1] == Byte.quote {
          escaped = true
          index += 2
          continue
        }
        let end = index
        index += 1
        while index < bytes.count, isPadding(bytes[index]) { index += 1 }
        guard index == bytes.count || endsCell(bytes[index]) else {
          throw .textAfterQuote(line: line, field: field, offset: index)
        }
        position = index
        return CSVCell(start: start, end: end, quoted: true, escaped: escaped)
      }
      if endsLine(at: index, of: bytes) { line += 1 }
      index += 1
    }
    throw .unterminatedQuote(line: openingLine, field: field)
  }

  private mutating func skipDelimiter() -> Bool {
    guard position < bytes.count, bytes[position] == delimiter else { return false }
    position += 1
    return true
  }

  private mutating func skipLineEnd() {
    guard position < bytes.count else { return }
    position += endsLine(at: position, of: bytes) ? 1 : 2
    line += 1
  }

  private func endsCell(_ byte: UInt8) -> Bool {
    byte == delimiter || byte == Byte.lineFeed || byte == Byte.carriageReturn
  }

  private func isPadding(_ byte: UInt8) -> Bool {
    (byte == Byte.space || byte == Byte.tab) && byte != delimiter
  }
}

/// Whether the byte at `index` ends a physical line; the CR of a CRLF does not, its LF does.
func endsLine(at index: Int, of bytes: [UInt8]) -> Bool {
  switch bytes[index] {
  case Byte.lineFeed: true
  case Byte.carriageReturn: index + 1 == bytes.count || bytes[index + 1] != Byte.lineFeed
  default: false
  }
}
