import Descent

extension JSONListener where Event == TabularEvent, Model == TabularModel, Report == TabularReport {
  static var tables: JSONListener {
    JSONListener { event in
      switch event {
      case .planned(let plan): TablePlanLine(plan)
      case .progressed(let progress): progress.isEpochEnd ? EpochLine(progress) : nil
      case .trained: nil
      }
    } result: {
      TableResultLine($0, $1, path: $2, page: $3)
    }
  }
}

private struct TablePlanLine: Encodable {
  var event = "plan"
  let source: String
  let rows: Int
  let columns: Int
  let task: PredictionTask
  let reason: String
  let checks: [String]
  let trainingRows: Int
  let validationRows: Int
  let testRows: Int
  let layerSizes: [Int]
  let parameters: Int
  let batchSize: Int
  let rules: [String: String]

  init(_ plan: TabularPlan) {
    source = plan.source
    rows = plan.table.rowCount
    columns = plan.table.columns.count
    task = plan.decision.task
    reason = plan.decision.explanation
    checks = plan.checks.map(\.description)
    trainingRows = plan.split.train.count
    validationRows = plan.split.validation.count
    testRows = plan.split.test.count
    layerSizes = plan.layerSizes
    parameters = plan.parameterCount
    batchSize = plan.batchSize
    rules = Dictionary(
      uniqueKeysWithValues: plan.preprocessing.columns.map {
        ($0.name, String($0.description.dropFirst($0.name.count + 2)))
      })
  }
}

private struct TableResultLine: Encodable {
  struct Baselines: Encodable {
    let linear: TabularScores
    let trivial: TabularScores
  }

  var event = "result"
  let task: PredictionTask
  let target: String
  let epochs: Int
  let bestEpoch: Int
  let interrupted: Bool
  let testRows: Int
  let test: TabularScores
  let baselines: Baselines
  let model: String
  let report: String?

  init(_ model: TabularModel, _ report: TabularReport, path: String, page: String?) {
    task = model.task
    target = model.target
    epochs = report.history.epochs.count
    bestEpoch = report.history.bestEpoch
    interrupted = report.wasCancelled
    testRows = report.test.rowCount
    test = report.test.network
    baselines = Baselines(linear: report.test.linear, trivial: report.test.trivial)
    self.model = path
    self.report = page
  }
}
