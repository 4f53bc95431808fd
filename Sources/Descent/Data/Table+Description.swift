extension Table: CustomStringConvertible {
  /// The first rows as an aligned text table; numbers are set right, text left, missing values as a dash.
  public func head(_ count: Int = 10) -> String {
    let shown = columns.prefix(Self.shownColumns)
    let cells = (0..<min(max(count, 0), rowCount)).map { row in
      shown.map { clipped($0.text(at: row) ?? "–") }
    }
    return alignedText(header: shown.map { clipped($0.name) }, rows: cells, rightAligned: shown.map(\.isNumeric))
  }

  /// `head()` and the size of the table.
  public var description: String {
    var size = "\(counted(rowCount, "row")) × \(counted(columns.count, "column"))"
    if columns.count > Self.shownColumns { size += ", the first \(Self.shownColumns) columns shown" }
    return head() + size
  }

  private static var shownColumns: Int { 12 }
}

/// Cuts long cells, keeps line ends and tabs from breaking the alignment, and spells out other control characters.
package func clipped(_ text: String, limit: Int = 24) -> String {
  let line = printable(String(text.prefix(limit + 1).map { $0.isNewline || $0 == "\t" ? " " : $0 }))
  return line.count > limit ? line.prefix(limit - 1) + "…" : line
}

/// Sets rows of cells in columns two spaces apart, with a rule below the header; ends with a line end.
package func alignedText(header: [String], rows: [[String]], rightAligned: [Bool]) -> String {
  let widths = header.indices.map { column in
    rows.reduce(header[column].count) { max($0, $1[column].count) }
  }
  func line(_ cells: [String]) -> String {
    let padded = cells.indices.map { column in
      let space = String(repeating: " ", count: widths[column] - cells[column].count)
      return rightAligned[column] ? space + cells[column] : cells[column] + space
    }
    let joined = padded.joined(separator: "  ")
    return String(joined[..<(joined.lastIndex { $0 != " " }.map(joined.index(after:)) ?? joined.startIndex)]) + "\n"
  }
  let rule = widths.map { String(repeating: "─", count: $0) }
  return ([header, rule] + rows).map(line).joined()
}
