import Descent

/// Does what the runner says on standard input, so that both sides can be timed in turns without starting anew.
///
/// `prepare NAME` answers with the numbers to be compared, `time SECONDS` with a timing of what was prepared, `release`
/// lets go of it; `first NAME` answers when the first training step of a workload was made. The end of input ends the
/// process.
struct OrderTaker {
  private let workloads: [Workload]

  init(_ workloads: [Workload]) { self.workloads = workloads }

  func run() throws {
    var current: (workload: Workload, prepared: Prepared)?
    while let line = readLine() {
      let words = line.split(separator: " ").map(String.init)
      switch (words.first, words.dropFirst().first) {
      case ("prepare", let name?):
        guard let workload = workloads.first(where: { $0.name == name }) else {
          try answer(["error": "there is no workload \(name)"])
          continue
        }
        let prepared = try workload.task.prepare()
        current = (workload, prepared)
        try answer(["check": prepared.check])
      case ("time", let text?):
        guard let seconds = Double(text), let current else {
          try answer(["error": "nothing is prepared, or \(text) is no time"])
          continue
        }
        let timing = try Timing(current.prepared, seconds: seconds)
        try answer(Report(workload: current.workload.name, timing: timing, check: current.prepared.check))
      case ("first", let name?):
        guard let task = workloads.first(where: { $0.name == name })?.task as? any TrainingTask else {
          try answer(["error": "there is no workload \(name) that trains"])
          continue
        }
        try answer(try task.firstStep())
      case ("release", _):
        current = nil
        try answer(["released": true])
      default: try answer(["error": "no such order: \(line)"])
      }
    }
  }

  private func answer(_ value: some Encodable) throws {
    print(try jsonLine(value))
    flush()
  }
}
