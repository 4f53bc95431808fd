import Descent

/// `descent predict` on a table.
struct TablePrediction {
  let model: TabularModel
  let input: DataArguments
  let output: OutputPath?
  let json: Bool

  func run() throws {
    let table = try input.spelledTable()
    let predictions = try failing { () throws(TabularError) in try model.predict(table) }
    for sentence in predictions.report.sentences { Output.writeError(printable(sentence) + "\n") }
    let replaced = json ? [] : predictions.replacedColumns(of: table)
    if !replaced.isEmpty {
      let names = printable(listed(replaced))
      Output.writeError("\(table.source): \(counted(replaced.count, "column")) replaced in the output (\(names)).\n")
    }
    do {
      if json {
        try OutputPath.write(TablePredictionLine.lines(predictions).map { JSONLine.text($0) }.joined(), to: output)
      } else {
        try OutputPath.write(predictions.adding(to: table), to: output)
      }
    } catch {
      throw CommandFailure.fault("\(error)")
    }
  }
}

private struct TablePredictionLine: Encodable {
  var event = "prediction"
  /// Counted from 1, without the header.
  let row: Int
  var number: Double?
  var label: String?
  var probabilities: [String: Double]?

  static func lines(_ predictions: TabularPredictions) -> [TablePredictionLine] {
    switch predictions.values {
    case .numbers(let numbers):
      numbers.enumerated().map { TablePredictionLine(row: $0 + 1, number: $1) }
    case .classes(let names, let probabilities):
      zip(predictions.labels, probabilities).enumerated().map { row, answer in
        TablePredictionLine(
          row: row + 1, label: answer.0, probabilities: Dictionary(uniqueKeysWithValues: zip(names, answer.1)))
      }
    }
  }
}
