/// Names a place in a table's source, as every message about data begins: `fish.csv, line 17, column "Height"`.
package func sourcePlace(_ source: String, line: Int? = nil, row: Int? = nil, column: String? = nil) -> String {
  var place = source
  if let line {
    place += ", line \(line)"
  } else if let row {
    place += ", row \(row + 1)"
  }
  if let column { place += ", column \"\(column)\"" }
  return place
}

/// Joins names for a message and says how many were left out: `a, b, c and 4 more`.
package func listed(_ names: [String], limit: Int = 8) -> String {
  guard names.count > limit else { return names.joined(separator: ", ") }
  return names.prefix(limit).joined(separator: ", ") + " and \(names.count - limit) more"
}

/// The text with its control characters spelled out, so that a name in a file cannot break a line or steer a terminal.
package func printable(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: isControl) else { return text }
  return text.unicodeScalars.reduce(into: "") { result, scalar in
    result += isControl(scalar) ? scalar.escaped(asASCII: true) : String(scalar)
  }
}

private func isControl(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .lineSeparator, .paragraphSeparator: true
  default: false
  }
}

/// Counts a thing in words: `1 row`, `2 rows`, `3 categories`.
package func counted(_ count: Int, _ singular: String, _ plural: String? = nil) -> String {
  "\(count) \(count == 1 ? singular : plural ?? singular + "s")"
}
