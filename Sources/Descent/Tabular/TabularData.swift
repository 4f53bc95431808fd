import DescentCPU
import DescentCore

/// A table made ready for training: checked, split and turned into numbers.
struct TabularData {
  /// Fewer rows leave nothing to validate and test on.
  static let fewestRows = 10

  let table: Table
  let configuration: TabularConfiguration
  let decision: TaskDecision
  let checks: [DataCheck]
  let split: Split
  let preprocessing: TablePreprocessing
  let head: PredictionHead
  let train: Dataset
  let validation: Dataset

  init(_ table: Table, predicting target: String, configuration: TabularConfiguration) throws(TabularError) {
    let decision = try dataErrors { () throws(DataError) in
      try table.decision(on: configuration.task, predicting: target)
    }
    let rows = try dataErrors { () throws(DataError) in try table.rowsWithValue(in: target) }
    guard rows.count >= Self.fewestRows else {
      throw .tooFewRows(source: table.source, target: target, found: rows.count, expected: Self.fewestRows)
    }
    (checks, split, preprocessing) = try dataErrors { () throws(DataError) in
      let split = try table.split(
        predicting: target, validation: configuration.validationShare, test: configuration.testShare,
        seed: configuration.seed, task: decision.task, ignoring: configuration.ignoredColumns)
      let preprocessing = try TablePreprocessing(
        fitting: table, rows: split.train, target: target, task: decision.task,
        ignoring: configuration.ignoredColumns)
      let known = preprocessing.targetEncoding.classes.count
      let found = try table.column(target).distinctValues().count
      guard decision.task == .regression || known == found else {
        throw .classesTooRare(source: table.source, column: target, found: found, known: known)
      }
      let checks = try table.checks(
        predicting: target, task: decision.task, ignoring: configuration.ignoredColumns)
      return (checks, split, preprocessing)
    }
    self.table = table
    self.configuration = configuration
    self.decision = decision
    head = PredictionHead(preprocessing.targetEncoding)
    train = try Self.dataset(table, split.train, preprocessing)
    validation = try Self.dataset(table, split.validation, preprocessing)
  }

  /// Hidden layers with SiLU, then one linear layer.
  func makeNetwork() -> Sequential {
    withSeed(configuration.seed) {
      var layers: [any Layer] = []
      var width = train.features
      for size in configuration.hidden {
        layers += [Dense(width, size), SiLU()] as [any Layer]
        width = size
      }
      return Sequential(layers + [Dense(width, head.outputs)])
    }
  }

  func plan(for network: Sequential) -> TabularPlan {
    TabularPlan(
      table: table.summary, source: table.source, decision: decision, checks: checks, split: split,
      preprocessing: preprocessing, configuration: configuration,
      batchSize: configuration.batchSize(forRows: split.train.count),
      layerSizes: [train.features] + configuration.hidden + [head.outputs], parameterCount: network.parameterCount)
  }

  private static func dataset(
    _ table: Table, _ rows: [Int], _ preprocessing: TablePreprocessing
  ) throws(TabularError) -> Dataset {
    try dataErrors { () throws(DataError) in
      let targets = try preprocessing.encodeTargets(table, rows: rows)
      let features = try preprocessing.encode(table, rows: targets.rows)
      return Dataset(
        inputs: Tensor(features.values, shape: [features.rowCount, features.names.count]),
        targets: PredictionHead(preprocessing.targetEncoding).targets(targets), featureNames: features.names,
        rowNumbers: targets.rows)
    }
  }
}

extension Table {
  /// The task with the reason, or as it was chosen.
  fileprivate func decision(
    on choice: PredictionTask?, predicting target: String
  ) throws(DataError) -> TaskDecision {
    let decision = try task(predicting: target)
    guard let choice, choice != decision.task else { return decision }
    return TaskDecision(task: choice, explanation: "\"\(target)\" is predicted by \(choice.rawValue), as asked.")
  }
}
