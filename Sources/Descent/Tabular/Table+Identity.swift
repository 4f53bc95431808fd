extension Table {
  /// Reads a CSV file once, and gives what identifies it: the name without folders, and the SHA-256 of its bytes.
  public static func identified(
    csv path: String, delimiter: Character? = nil
  ) throws(CSVError) -> (table: Table, source: TabularProvenance.Source) {
    let bytes = try readBytes(path)
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return (
      try Table(csvBytes: bytes, source: path, delimiter: delimiter),
      TabularProvenance.Source(name: name, sha256: SHA256.hexadecimal(bytes))
    )
  }

  /// Reads a CSV file whose rows are written again: their cells keep the texts they have.
  package static func spelled(csv path: String, delimiter: Character?) throws(CSVError) -> Table {
    try Table(csvBytes: readBytes(path), source: path, delimiter: delimiter, keepingSpelling: true)
  }
}
