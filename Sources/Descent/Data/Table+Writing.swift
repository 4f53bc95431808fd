extension Table {
  /// The table as CSV text (RFC 4180, lines ended by LF); a missing value is an empty field.
  ///
  /// Numbers are written so that they read back as the same numbers.
  public func csvText(delimiter: Character = ",") throws(CSVError) -> String {
    try CSVReader.checkDelimiter(delimiter)
    // An empty line would be skipped on reading, so a missing value alone on its line is quoted.
    let missing = columns.count == 1 ? "\"\"" : ""
    var text = columns.map { quoted($0.name, delimiter) }.joined(separator: String(delimiter)) + "\n"
    let cells = columns.map { $0.fieldTexts(missing: missing, delimiter) }
    for row in 0..<rowCount {
      for column in cells.indices {
        if column > 0 { text.append(delimiter) }
        text += cells[column](row)
      }
      text += "\n"
    }
    return text
  }

  /// Writes the table as a CSV file; the file appears complete or not at all.
  ///
  /// - Throws: `CSVError.unwritable` with the reason.
  public func write(csv path: String, delimiter: Character = ",") throws(CSVError) {
    let text = try csvText(delimiter: delimiter)
    do {
      try AtomicFile.write(Array(text.utf8), to: path)
    } catch {
      throw .unwritable(file: path, reason: error.reason)
    }
  }
}

extension Column {
  fileprivate func fieldTexts(missing: String, _ delimiter: Character) -> (Int) -> String {
    if let spelling { return { spelling[$0].isEmpty ? missing : quoted(spelling[$0], delimiter) } }
    switch values {
    case .number(let numbers):
      return { numbers[$0].isNaN ? missing : numberText(numbers[$0]) }
    case .category(let levels, let codes):
      let fields = levels.map { quoted($0, delimiter) }
      return { codes[$0] < 0 ? missing : fields[Int(codes[$0])] }
    }
  }
}

/// The field with quotes where reading it back bare would change it.
private func quoted(_ text: String, _ delimiter: Character) -> String {
  let bytes = text.utf8
  let separator = delimiter.asciiValue
  let isPlain =
    !bytes.contains { $0 == Byte.quote || $0 == separator || $0 == Byte.lineFeed || $0 == Byte.carriageReturn }
    && !bytes.isEmpty && !isPadding(bytes.first) && !isPadding(bytes.last)
    && !bytes.starts(with: [0xEF, 0xBB, 0xBF])  // at the start of a file it would pass for a byte order mark
  if isPlain { return text }
  var field = "\""
  for scalar in text.unicodeScalars {
    if scalar == "\"" { field.unicodeScalars.append("\"") }
    field.unicodeScalars.append(scalar)
  }
  field.unicodeScalars.append("\"")
  return field
}

private func isPadding(_ byte: UInt8?) -> Bool { byte == Byte.space || byte == Byte.tab }
