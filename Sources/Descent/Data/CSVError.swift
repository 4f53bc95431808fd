/// Why a CSV file could not be read or written.
///
/// `description` is one sentence with file, line, column and what was expected.
public enum CSVError: Error, Equatable, Sendable, CustomStringConvertible {
  case noSuchFile(file: String)
  case isFolder(file: String)
  case unreadable(file: String, reason: String)
  case unwritable(file: String, reason: String)
  case empty(file: String)
  case noRows(file: String, columns: Int)
  case utf16(file: String)
  case archive(file: String, isGzip: Bool)
  case image(file: String)
  case array(file: String)
  case notUTF8(file: String, line: Int, byte: UInt8)
  case nulByte(file: String, line: Int)
  case unterminatedQuote(file: String, line: Int, column: String)
  case textAfterQuote(file: String, line: Int, column: String, found: String)
  case raggedRow(file: String, line: Int, found: Int, expected: Int)
  case duplicateName(file: String, line: Int, name: String, first: Int, second: Int)
  case headerOfNumbers(file: String, line: Int, found: [String])
  case tooManyMarks(file: String, line: Int, column: String)
  case notFinite(file: String, line: Int, column: String, found: String)
  case invalidDelimiter(Character)

  public var description: String {
    switch self {
    case .noSuchFile(let file):
      "\(file): no such file."
    case .isFolder(let file):
      "\(file): expected a CSV file, found a folder."
    case .unreadable(let file, let reason):
      "\(file): the file cannot be read (\(reason))."
    case .unwritable(let file, let reason):
      "\(file): the file cannot be written (\(reason))."
    case .empty(let file):
      "\(file): the file is empty, expected a header line and rows."
    case .noRows(let file, let columns):
      "\(file): expected rows below the header of \(counted(columns, "column")), found none."
    case .utf16(let file):
      "\(file): expected text in UTF-8, found UTF-16; save the file as \"CSV UTF-8\"."
    case .archive(let file, isGzip: true):
      "\(file): expected text in UTF-8, found a gzip archive; unpack it first."
    case .archive(let file, isGzip: false):
      "\(file): expected text in UTF-8, found a zip archive, which a workbook is too; save the sheet as \"CSV UTF-8\"."
    case .image(let file):
      "\(file): expected text in UTF-8, found an image; images to train on come as a folder with a folder for each class."
    case .array(let file):
      "\(file): expected text in UTF-8, found an array of NumPy's; those of images are trained on in a .npz file, as "
        + "x_train and y_train."
    case .notUTF8(let file, let line, let byte):
      sourcePlace(file, line: line)
        + ": expected text in UTF-8, found the byte \(hexadecimal(byte)); save the file as \"CSV UTF-8\"."
    case .nulByte(let file, let line):
      sourcePlace(file, line: line) + ": expected text, found a NUL byte."
    case .unterminatedQuote(let file, let line, let column):
      sourcePlace(file, line: line, column: column) + ": the quote opened here is never closed."
    case .textAfterQuote(let file, let line, let column, let found):
      sourcePlace(file, line: line, column: column)
        + ": expected a delimiter or the end of the line after the closing quote, found \"\(found)\"."
    case .raggedRow(let file, let line, let found, let expected):
      sourcePlace(file, line: line) + ": expected \(counted(expected, "field")) as in the header, found \(found)."
    case .duplicateName(let file, let line, let name, let first, let second):
      sourcePlace(file, line: line) + ": columns \(first) and \(second) are both named \"\(name)\"."
    case .headerOfNumbers(let file, let line, let found):
      sourcePlace(file, line: line)
        + ": expected column names, found only numbers (\(listed(found, limit: 3))); write the names above them."
    case .tooManyMarks(let file, let line, let column):
      sourcePlace(file, line: line, column: column)
        + ": expected text with at most \(CombiningMarks.most) marks on a character."
    case .notFinite(let file, let line, let column, let found):
      sourcePlace(file, line: line, column: column)
        + ": expected a finite number, as the column holds numbers, found \"\(clipped(found))\"; leave the cell empty if "
        + "there is none."
    case .invalidDelimiter(let character):
      "The delimiter \(String(reflecting: String(character))) cannot separate fields, "
        + "expected one ASCII character such as a comma, semicolon, tab or pipe."
    }
  }
}
