import Descent

/// What becomes of training on its way to the reader.
protocol TrainingListener<Event, Model, Report> {
  associatedtype Event
  associatedtype Model
  associatedtype Report

  mutating func hear(_ event: Event)
  mutating func finish(_ model: Model, _ report: Report, path: String, page: String?)
}

/// Says nothing.
struct SilentListener<Event, Model, Report>: TrainingListener {
  func hear(_ event: Event) {}
  func finish(_ model: Model, _ report: Report, path: String, page: String?) {}
}

/// Training as JSON, one object a line; what the lines say is said beside each kind of model.
struct JSONListener<Event, Model, Report>: TrainingListener {
  /// Whether only the result is written.
  var isQuiet = false
  /// The line of an event; nil where it has none.
  let line: (Event) -> (any Encodable)?
  /// The last line.
  let result: (_ model: Model, _ report: Report, _ path: String, _ page: String?) -> any Encodable

  func hear(_ event: Event) {
    guard !isQuiet, let line = line(event) else { return }
    JSONLine.write(line)
  }

  func finish(_ model: Model, _ report: Report, path: String, page: String?) {
    JSONLine.write(result(model, report, path, page))
  }
}

extension TrainCommand {
  /// Who is told of training: people, machines, or nobody.
  func listener<Prose: TrainingListener>(
    _ prose: Prose, json: JSONListener<Prose.Event, Prose.Model, Prose.Report>
  ) -> any TrainingListener<Prose.Event, Prose.Model, Prose.Report> {
    if self.json {
      var listener = json
      listener.isQuiet = quiet
      return listener
    }
    return quiet ? SilentListener<Prose.Event, Prose.Model, Prose.Report>() : prose
  }
}
