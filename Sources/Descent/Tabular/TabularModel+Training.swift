import DescentCore
import DescentRules

extension TabularModel {
  /// Does what a careful practitioner does with a table: decides the task, checks the data, splits the rows, fits the
  /// preprocessing on the training rows alone, trains with early stopping on the validation rows, and scores the best
  /// weights on the test rows beside a trivial and a linear baseline.
  ///
  /// - Parameters:
  ///   - source: what the provenance says of the data; nil takes the table's source.
  ///   - isCancelled: asked after each step; true ends training with the best weights so far, those of the last step
  ///     among them.
  ///   - progress: called with the plan, during each epoch and at its end.
  public static func train(
    _ table: Table, predicting target: String, configuration: TabularConfiguration = TabularConfiguration(),
    source: TabularProvenance.Source? = nil, isCancelled: () -> Bool = { false },
    progress: (TabularEvent) -> Void = { _ in }
  ) throws(TabularError) -> (model: TabularModel, report: TabularReport) {
    try configuration.check()
    guard !configuration.ignoredColumns.contains(target) else {
      throw .configuration(
        ConfigurationProblem("the column to predict, \"\(target)\", cannot be ignored", of: "ignoredColumns"))
    }
    let data = try TabularData(table, predicting: target, configuration: configuration)
    let network = data.makeNetwork()
    let plan = data.plan(for: network)
    progress(.planned(plan))
    let (history, wasCancelled) = try fit(network, to: data, plan: plan, isCancelled: isCancelled, progress: progress)
    progress(.trained(history, wasCancelled: wasCancelled))
    if data.decision.task == .classification { try data.calibrate(network) }
    let test = try data.test(network)
    let provenance = TabularProvenance(
      library: "Descent \(descentVersion)", source: source ?? TabularProvenance.Source(name: table.source),
      rowCount: table.rowCount, columnCount: table.columns.count, target: target, task: data.decision.task,
      configuration: configuration, trainingRows: data.split.train.count, validationRows: data.split.validation.count,
      epochs: history.epochs.count, bestEpoch: history.bestEpoch, test: test)
    return (
      TabularModel(network: network, preprocessing: data.preprocessing, provenance: provenance),
      TabularReport(plan: plan, history: history, wasCancelled: wasCancelled, test: test)
    )
  }

  private static func fit(
    _ network: Sequential, to data: TabularData, plan: TabularPlan, isCancelled: () -> Bool,
    progress: (TabularEvent) -> Void
  ) throws(TabularError) -> (history: History, wasCancelled: Bool) {
    let configuration = plan.configuration
    let options = TrainingOptions(
      epochs: configuration.epochs, batchSize: plan.batchSize, seed: configuration.seed,
      earlyStopping: EarlyStopping(patience: configuration.patience), precision: configuration.precision,
      reportInterval: 16)
    do {
      let trainer = try network.trainer(
        on: data.train, validation: data.validation, loss: data.head.loss(labelSmoothing: configuration.labelSmoothing),
        optimizer: .adamW(learningRate: configuration.learningRate, weightDecay: configuration.weightDecay),
        options: options)
      let wasCancelled = try trainer.run(until: isCancelled) { progress(.progressed($0)) }
      return (trainer.history, wasCancelled)
    } catch {
      throw .training(error)
    }
  }
}
