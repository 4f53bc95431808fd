/// Rows of text under a heading each column; columns of numbers are aligned on the right. Wide ones scroll.
public struct DataTable: ReportBlock {
  public var header: [String]
  public var rows: [[String]]
  public var caption: String

  public init(_ header: [String], rows: [[String]], caption: String = "") {
    for row in rows {
      precondition(row.count == header.count, "DataTable: \(row.count) cells in a row of \(header.count) columns")
    }
    self.header = header
    self.rows = rows
    self.caption = caption
  }

  public var html: String {
    let styles = header.indices.map { isNumeric($0) ? " class=\"number\"" : "" }
    let title = caption.isEmpty ? "" : "<caption>\(Markup.line(caption))</caption>\n"
    let head = zip(header, styles).map { "<th scope=\"col\"\($1)>\(Markup.line($0))</th>" }.joined()
    let body = rows.map { row in
      "<tr>" + zip(row, styles).map { "<td\($1) dir=\"auto\">\(Markup.line($0))</td>" }.joined() + "</tr>\n"
    }.joined()
    return """
      <div class="scroll" tabindex="0"><table>
      \(title)<thead><tr>\(head)</tr></thead>
      <tbody>
      \(body)</tbody>
      </table></div>

      """
  }

  /// Whether all cells of a column that hold something begin as a number does.
  private func isNumeric(_ column: Int) -> Bool {
    let cells = rows.map { $0[column] }.filter { !$0.isEmpty && $0 != "–" }
    return !cells.isEmpty
      && cells.allSatisfy { cell in
        let rest = cell.drop { "+-−±≈<≤≥> ".contains($0) }
        return rest.first.map { $0.isASCII && $0.isNumber || $0 == "∞" } ?? false
      }
  }
}
