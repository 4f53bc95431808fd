import Descent

/// Training in words: what was understood, how it goes, how good the result is, and what to do next.
struct TableTextListener: TrainingListener {
  private var epochs: EpochText

  init(isTerminal: Bool) { epochs = EpochText(isTerminal: isTerminal) }

  mutating func hear(_ event: TabularEvent) {
    switch event {
    case .planned(let plan): Output.write(PlanText(plan).description + "\n")
    case .progressed(let progress): epochs.show(progress)
    case .trained(let history, let wasCancelled): epochs.end(history, wasCancelled ? .cancelled : .done)
    }
  }

  mutating func finish(_ model: TabularModel, _ report: TabularReport, path: String, page: String?) {
    Output.write(
      """

      Scores on the \(counted(report.test.rowCount, "test row")), which nothing was fitted to
      \(ScoreTable(report.test, task: model.task).description)
      \(Verdict.text(report.test, model.task))

      Wrote \(path)\(page.map { " and \($0)" } ?? "").
      Next: descent predict \(shellText([path])) NEW.csv

      """)
  }
}
