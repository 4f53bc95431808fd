import Descent

/// `descent inspect` on the model of a table.
struct TableInspection {
  let path: String
  let model: TabularModel
  let json: Bool

  func run() {
    if json {
      JSONLine.write(TableModelLine(model))
      return
    }
    let origin = model.provenance
    let precision = origin.configuration.precision
    let products = precision == .float32 ? "" : ", products in \(precision.rawValue)"
    let hash = origin.source.sha256.map { ", SHA-256 \($0)" } ?? ""
    Output.write(
      """
      \(path): predicts "\(printable(model.target))" (\(model.task.rawValue)) from \
      \(counted(model.preprocessing.featureNames.count, "number")) made of \
      \(counted(model.preprocessing.columns.count, "column"))

      \(ColumnText.lines(model.preprocessing, nil).joined(separator: "\n"))

      \(model.network.summary(input: [model.preprocessing.featureNames.count]))

      Data      \(printable(origin.source.name)), \(origin.rowCount) rows × \(origin.columnCount) columns\(hash)
      Training  \(origin.trainingRows) rows, \(origin.validationRows) to validate, seed \(origin.configuration.seed), \
      epoch \(origin.bestEpoch) of \(origin.epochs)\(products)
      Made by   \(origin.library)

      Scores on the \(counted(origin.test.rowCount, "test row"))
      \(ScoreTable(origin.test, task: model.task).description)
      """)
  }
}

private struct TableModelLine: Encodable {
  var event = "model"
  let target: String
  let task: PredictionTask
  let classes: [String]
  let features: [String]
  let provenance: TabularProvenance

  init(_ model: TabularModel) {
    target = model.target
    task = model.task
    classes = model.classes
    features = model.preprocessing.featureNames
    provenance = model.provenance
  }
}
