import Descent

/// What all runs came to.
struct Findings {
  private(set) var outcomes: [Outcome] = []
  private(set) var networks: [Candidate: Sequential] = [:]

  /// Networks of the first run are kept, to be looked into.
  mutating func add(_ outcome: Outcome, _ network: Sequential) {
    outcomes.append(outcome)
    if networks[outcome.candidate] == nil { networks[outcome.candidate] = network }
  }

  var strengths: [Double] { Array(Set(outcomes.map(\.strength))).sorted() }

  func all(_ candidate: Candidate, _ strength: Double) -> [Outcome] {
    outcomes.filter { $0.candidate == candidate && $0.strength == strength }
  }

  func mean(_ candidate: Candidate, _ strength: Double, _ value: (Outcome) -> Double) -> Double {
    let values = all(candidate, strength).map(value)
    return values.reduce(0, +) / Double(values.count)
  }

  /// Where a network of the course differs most between the two tests.
  struct Gap {
    let candidate: Candidate
    let strength: Double
    let same: Double
    let other: Double
  }

  var widestGap: Gap? {
    let gaps = Candidate.allCases.filter { $0 != .invariant }.flatMap { candidate in
      strengths.map { strength in
        Gap(
          candidate: candidate, strength: strength, same: mean(candidate, strength) { $0.sameRecordings },
          other: mean(candidate, strength) { $0.otherRecordings })
      }
    }
    return gaps.max { $0.same - $0.other < $1.same - $1.other }
  }

  var conclusion: String {
    guard let gap = widestGap else { return "" }
    let same = mean(.invariant, gap.strength) { $0.sameRecordings }
    let other = mean(.invariant, gap.strength) { $0.otherRecordings }
    return "The gap is widest at strength \(gap.strength): the network called \"\(gap.candidate.rawValue)\" is right "
      + "about \(percent(gap.same)) of new frames of the recordings it learnt from and about \(percent(gap.other)) of "
      + "other recordings; the invariant one about \(percent(same)) and \(percent(other))."
  }

  /// The rows of a table: for each strength and network the means over seeds, and the least and the largest.
  var rows: [[String]] {
    strengths.flatMap { strength in
      Candidate.allCases.map { candidate in
        let outcomes = all(candidate, strength)
        let gap = mean(candidate, strength) { $0.sameRecordings - $0.otherRecordings }
        return ["\(strength)", candidate.rawValue]
          + [outcomes.map(\.training), outcomes.map(\.sameRecordings), outcomes.map(\.otherRecordings)].map(spread)
          + ["\((gap * 1000).rounded() / 10 + 0)"]  // 0 for -0
      }
    }
  }

  static let header = [
    "strength", "network", "training frames", "new frames, same recordings", "other recordings", "gap, points",
  ]

  private func spread(_ values: [Double]) -> String {
    let mean = percent(values.reduce(0, +) / Double(values.count))
    guard values.count > 1, let low = values.min(), let high = values.max() else { return mean }
    return "\(mean) (\((low * 1000).rounded() / 10)–\((high * 1000).rounded() / 10))"
  }

  func markdown(_ options: Options) -> String {
    let lines = [Self.header, Self.header.map { _ in "---" }] + rows
    return """
      # Real or fake brain scans

      Accuracy on frames of calcium imaging by `BrainScans`, written by `Benchmarks/brain-scans.sh`. Networks learn from \
      \(options.frames) frames of each of ten recordings and are tested on new frames of these and on four other \
      recordings; half of the frames are fakes. Means over \(options.seeds) seeds, each with recordings of its own, with \
      the least and the largest. Chance is 50 %.

      \(Candidate.allCases.map { "- **\($0.rawValue)**: \($0.description)." }.joined(separator: "\n"))

      \(lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n"))

      \(conclusion)

      """
  }
}
