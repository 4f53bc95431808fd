import Descent
import DescentPlots

/// What training on a table gave, as a page: the data, how it learned, how good it is, what it depends on, and how to
/// get it again.
struct TableReportPage {
  private let model: TabularModel
  private let report: TabularReport
  /// The test rows that have an answer.
  private let test: Table

  /// More rows than this add time but hardly a digit to importances.
  private static let mostShuffledRows = 1000
  private static let mostShuffledColumns = 60
  private static let mostBars = 20
  private static let mostClassesDrawn = 40

  init(_ model: TabularModel, _ report: TabularReport, of table: Table) {
    self.model = model
    self.report = report
    test = table.rows(in: report.plan.split.test)
  }

  /// - Parameter command: the words after `descent`.
  func html(command: [String]) throws(CommandFailure) -> String {
    let blocks: [any ReportBlock] = [
      facts, Prose(Verdict.text(report.test, model.task)), data, learning,
      try failing { () throws(TabularError) in try scores() },
      try failing { () throws(TabularError) in try importance() }, reproduction(command),
    ]
    return Report(
      OutputPath.stem(of: report.plan.source), subtitle: "A network that predicts \"\(model.target)\"",
      footer: "Made by \(model.provenance.library).", blocks: blocks
    ).html()
  }

  private var facts: KeyFacts {
    let scores = report.test.network.all.prefix(3).map {
      (name: "\(ScoreTable.title($0.name)) on test rows", value: shortText($0.value))
    }
    return KeyFacts(
      scores + [
        ("rows to train, validate, test", report.plan.split.counts),
        ("parameters", "\(report.plan.parameterCount)"),
        ("best epoch", "\(report.history.bestEpoch) of \(report.history.epochs.count)"),
      ])
  }

  // MARK: - Data

  private var data: Section {
    let plan = report.plan
    let rules = Dictionary(
      uniqueKeysWithValues: zip(
        plan.preprocessing.columns.map(\.name) + [plan.preprocessing.target], plan.preprocessing.lines))
    let rows = plan.table.columns.map { column in
      [
        column.name, column.isNumeric ? "number" : "category", "\(column.missingCount)", "\(column.distinctCount)",
        column.minimum.map(shortText) ?? column.mostFrequent ?? "", column.mean.map(shortText) ?? "",
        column.maximum.map(shortText) ?? "",
        rules[column.name].map { String($0.dropFirst(column.name.count + 2)) } ?? "ignored, as asked",
      ]
    }
    return Section("Data") {
      Prose(
        "\(plan.source): \(counted(plan.table.rowCount, "row")) × \(counted(plan.table.columns.count, "column")). "
          + plan.decision.explanation)
      Points(plan.checks.map(\.description))
      DataTable(
        ["column", "kind", "missing", "distinct", "least or most frequent", "mean", "largest", "what becomes of it"],
        rows: rows)
    }
  }

  // MARK: - Learning

  private var learning: Section {
    let history = report.history
    return Section("Learning") {
      LineChart(
        "Loss", x: Axis("epoch", isWhole: true), y: Axis("loss", scale: .automatic),
        series: [PlotSeries("training", history["loss"]), PlotSeries("validation", history["validationLoss"])],
        marks: [.vertical(Double(history.bestEpoch), "best epoch, \(history.bestEpoch)")],
        note: report.wasCancelled
          ? "Training was interrupted; the weights of the best epoch are kept."
          : "The weights of the best epoch are kept.")
    }
  }

  // MARK: - The test

  private func scores() throws(TabularError) -> Section {
    let names = report.test.network.all.map(\.name)
    let rows = ScoreTable.rivals(report.test, model.task).map { rival in
      [rival.name] + names.map { rival.scores[$0].map(shortText) ?? "–" }
    }
    let drawn = try model.task == .regression ? regression() : classification()
    return Section("Test") {
      DataTable(
        ["model"] + names.map(ScoreTable.title), rows: rows,
        caption: "\(counted(report.test.rowCount, "row")) that nothing was fitted to")
      drawn
    }
  }

  /// The test rows that have an answer: which these are, as class positions or in the unit of the target.
  private func answers() throws(TabularError) -> (targets: EncodedTargets, predictions: TabularPredictions) {
    let targets: EncodedTargets
    do {
      targets = try model.preprocessing.encodeTargets(test)
    } catch {
      throw .data(error)
    }
    return (targets, try model.predict(test.rows(in: targets.rows)))
  }

  private func regression() throws(TabularError) -> [any ReportBlock] {
    let (targets, predictions) = try answers()
    let actual = targets.values.map { model.preprocessing.targetEncoding.decoded($0) }
    return [
      ScatterChart("Predicted against actual", of: model.target, actual: actual, predicted: predictions.numbers),
      Histogram(
        "Errors", x: Axis("predicted − actual \(model.target)"), counting: "rows",
        values: zip(predictions.numbers, actual).map { $0 - $1 }),
    ]
  }

  private func classification() throws(TabularError) -> [any ReportBlock] {
    let (targets, predictions) = try answers()
    let predicted = predictions.probabilities.map { row in row.indices.max { row[$0] < row[$1] } ?? 0 }
    let sureness = zip(predictions.probabilities, predicted).map { $0[$1] }
    var counts = model.classes.map { _ in model.classes.map { _ in 0 } }
    for (actual, answer) in zip(targets.classes, predicted) { counts[actual][answer] += 1 }
    let calibration = ReliabilityDiagram(
      "Calibration", probabilities: sureness, outcomes: zip(targets.classes, predicted).map { $0 == $1 },
      note: "Of the class that is predicted.")
    guard model.classes.count <= Self.mostClassesDrawn else { return [calibration] }
    return [HeatMap(confusion: "Confusion", counts: counts, classNames: model.classes), calibration]
  }

  // MARK: - What it depends on

  private func importance() throws(TabularError) -> Section {
    let used = model.preprocessing.columns.count { !$0.featureNames.isEmpty }
    guard used <= Self.mostShuffledColumns, report.test.rowCount > 1 else {
      return Section("What it depends on") {
        Prose("Not measured: that takes two test rows at least, and \(Self.mostShuffledColumns) columns at most.")
      }
    }
    let rows = test.rows(in: Array(0..<min(test.rowCount, Self.mostShuffledRows)))
    let importances = try model.importances(on: rows)
    let measure = model.task == .regression ? "R² lost" : "log loss gained"
    return Section("What it depends on") {
      BarChart(
        "Importance of columns", axis: Axis("\(measure) when the column is shuffled"),
        bars: importances.prefix(Self.mostBars).map { BarChart.Bar($0.column, $0.loss, interval: $0.range) },
        note:
          "The mean of five shuffles of \(counted(rows.rowCount, "test row")), and their range. Columns that say the "
          + "same stand in for each other." + (used > Self.mostBars ? " The first \(Self.mostBars) of \(used)." : ""))
    }
  }

  // MARK: - Again

  private func reproduction(_ command: [String]) -> Section {
    let origin = model.provenance
    let hash = origin.source.sha256.map { "\nSHA-256 of \(origin.source.name): \($0)" } ?? ""
    return Section("How to reproduce") {
      CodeBlock(
        shellText(["descent"] + command),
        caption: report.wasCancelled
          ? Repetition.interrupted("in epoch \(report.history.epochs.count)")
          : "The same data and the same seed give the same model, to the byte:")
      CodeBlock("\(origin.library), seed \(origin.configuration.seed)\(hash)")
    }
  }
}

extension Split {
  /// How many rows each part has.
  fileprivate var counts: String { "\(train.count), \(validation.count), \(test.count)" }
}
