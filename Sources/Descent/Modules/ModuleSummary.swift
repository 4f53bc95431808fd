import DescentCore

/// A model at a glance: its layers with what comes out of them and how many numbers they hold.
///
/// ```
/// layer      type   output        parameters
/// ──────────────────────────────────────────
/// 0          Dense  [batch, 16]           80
/// 1          ReLU   [batch, 16]            0
/// ──────────────────────────────────────────
/// 80 parameters, all trainable, 320 bytes
/// ```
public struct ModuleSummary: Sendable, CustomStringConvertible {
  public struct Row: Sendable {
    /// Where the layer is in the model, such as `2.body.0`; empty if the model is a single layer.
    public let path: String
    public let type: String
    /// The output's shape in words, such as `[batch, 16]`.
    public let output: String
    public let parameterCount: Int
  }

  public let rows: [Row]
  public let trainableCount: Int
  public let frozenCount: Int
  /// Numbers that are saved but not trained.
  public let bufferCount: Int
  /// What all of them take in memory.
  public let byteCount: Int

  public var description: String {
    let header = ["layer", "type", "output", "parameters"]
    let cells = rows.map { [$0.path, $0.type, $0.output, grouped($0.parameterCount)] }
    let widths = header.indices.map { column in ([header] + cells).map { $0[column].count }.max() ?? 0 }
    let rule = String(repeating: "─", count: widths.reduce(0, +) + 2 * (widths.count - 1))
    let lines = ([header] + cells).map { line($0, widths) }
    return ([lines[0], rule] + lines.dropFirst() + [rule, totals]).joined(separator: "\n")
  }

  private var totals: String {
    let count = trainableCount + frozenCount
    let share = frozenCount == 0 ? "all trainable" : "\(grouped(trainableCount)) trainable"
    let buffers = bufferCount == 0 ? "" : ", \(grouped(bufferCount)) in buffers"
    return "\(grouped(count)) parameters, \(share)\(buffers), \(grouped(byteCount)) bytes"
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    let last = cells.count - 1
    let padded = cells.indices.map { column in
      let space = String(repeating: " ", count: widths[column] - cells[column].count)
      return column == last ? space + cells[column] : cells[column] + space
    }
    return padded.joined(separator: "  ")
  }

  /// 1234567 as 1,234,567.
  private func grouped(_ number: Int) -> String {
    let digits = String(number)
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index) % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return result
  }
}
