import DescentRules

/// What the numbers of an optimizer and the penalties are, as texts that are equal where they are.
struct Hyperparameters {
  private let optimizer: any Optimizer
  private let penalties: [Penalty]

  init(_ rules: StepRules) {
    optimizer = rules.optimizer
    penalties = rules.penalties
  }

  /// Names and values, one a line.
  var text: String {
    let properties = Mirror(reflecting: optimizer.unadjusted).children.filter { !($0.value is Schedule) }
    let numbers = properties.map { "\($0.label ?? "")\t\($0.value)" }
    let prices = penalties.enumerated().map { "penalty \($0)\tl1 \($1.l1), l2 \($1.l2)" }
    let adjustments = optimizer.adjustments.enumerated().map { "adjustment \($0)\t\($1)" }
    return (numbers + prices + adjustments + rates).joined(separator: "\n")
  }

  /// A schedule is a function, of which only values can be compared: at steps that lie ever further apart.
  private var rates: [String] {
    var lines: [String] = []
    var last: Double?
    var step = 1
    while step < 1_000_000 {
      let rate = optimizer.learningRate.value(at: step)
      if rate != last { lines.append("learning rate from step \(step)\t\(rate)") }
      last = rate
      step += max(1, step / 16)
    }
    return lines
  }

  /// The first difference to other such texts, as a clause of a message; nil if there is none.
  func difference(from other: String) -> String? {
    guard text != other else { return nil }
    let (mine, others) = (lines(text), lines(other))
    for (name, value) in others {
      let expected = mine.first { $0.name == name }?.value
      if value != expected { return "its \(name) is \(value), expected \(expected ?? "none")" }
    }
    let extra = mine.first { line in !others.contains { $0.name == line.name } }
    return extra.map { "it has no \($0.name), expected \($0.value)" }
  }

  private func lines(_ text: String) -> [(name: Substring, value: Substring)] {
    text.split(separator: "\n").map { line in
      let parts = line.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
      return (parts[0], parts.count > 1 ? parts[1] : "")
    }
  }
}
