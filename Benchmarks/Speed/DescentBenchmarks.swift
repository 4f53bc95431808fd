import ArgumentParser
import Descent

/// Measures how fast Descent is: `swift run -c release descent-benchmarks`.
@main
struct DescentBenchmarks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "descent-benchmarks",
    abstract: "Times training steps, inference and single operations on the CPU engine.",
    discussion: """
      Without names it times the workloads of the group "steps". Before a workload is timed, its losses or outputs are
      computed for comparison with the peers'; see compare.sh, which runs both sides in turns.
      """)

  @Option(name: .customLong("workload"), help: "A workload to time; may be repeated.")
  var workloads: [String] = []

  @Option(name: .customLong("group"), help: "Times all workloads of a group; may be repeated.")
  var groups: [String] = []

  @Option(help: "How long each workload is timed, in seconds.")
  var seconds = 1.0

  @Option(help: "How many threads the engine uses.")
  var threads = Engine.threadCount

  @Option(help: "The file that lists the workloads.")
  var from = #filePath.split(separator: "/").dropLast(2).map { "/\($0)" }.joined() + "/workloads.json"

  @Flag(help: "Prints the groups and names of the workloads and times none.")
  var list = false

  @Flag(help: "Prints one JSON object a line.")
  var json = false

  @Flag(help: "Measures tracing and planning of the workloads that train, by default playground, mlp and gpt.")
  var planning = false

  @Flag(help: "Takes orders from standard input, one a line: prepare NAME, time SECONDS, release, first NAME.")
  var driven = false

  func validate() throws {
    guard seconds > 0 else { throw ValidationError("--seconds must be above 0, not \(seconds).") }
    guard threads >= 1 else { throw ValidationError("--threads must be 1 or more, not \(threads).") }
  }

  func run() throws {
    Engine.threadCount = threads
    let all = try Workload.list(from: from)
    if driven { return try OrderTaker(all).run() }
    if list { return all.forEach { print("\($0.group)\t\($0.name)") } }
    if planning { return try plan(all) }
    for workload in try chosen(from: all) {
      let prepared = try workload.task.prepare()
      let timing = try Timing(prepared, seconds: seconds)
      let report = Report(workload: workload.name, timing: timing, check: prepared.check)
      print(json ? try report.json : report.text)
      flush()
    }
  }

  private func plan(_ all: [Workload]) throws {
    let named = workloads.isEmpty && groups.isEmpty ? ["playground", "mlp", "gpt"] : nil
    for workload in try named.map({ names in all.filter { names.contains($0.name) } }) ?? chosen(from: all) {
      guard let task = workload.task as? any TrainingTask else { continue }
      let report = PlanningReport(workload: workload.name, step: try task.firstStep())
      print(json ? try jsonLine(report) : report.text)
      flush()
    }
  }

  private func chosen(from all: [Workload]) throws -> [Workload] {
    let names = Set(all.map(\.name))
    if let unknown = workloads.first(where: { !names.contains($0) }) {
      throw ValidationError("There is no workload \"\(unknown)\"; --list shows all.")
    }
    let known = Set(all.map(\.group))
    if let unknown = groups.first(where: { !known.contains($0) }) {
      throw ValidationError("There is no group \"\(unknown)\"; there are \(known.sorted().joined(separator: ", ")).")
    }
    let groups = self.groups.isEmpty && workloads.isEmpty ? ["steps"] : self.groups
    return all.filter { workloads.contains($0.name) || groups.contains($0.group) }
  }
}
