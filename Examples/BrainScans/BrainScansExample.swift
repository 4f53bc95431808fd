import Descent
import DescentPlots
import Foundation

/// Real or fake frames of calcium imaging, and why a network that is right about the recordings it learnt from can be
/// wrong about others: `swift run -c release example-brain-scans`.
@main
enum BrainScansExample {
  static func main() throws {
    guard let options = Options(Array(CommandLine.arguments.dropFirst())) else {
      print(Options.usage)
      exit(64)
    }
    var findings = Findings()
    for strength in options.strengths {
      for seed in 1...options.seeds {
        let study = Study(strength: strength, frames: options.frames, seed: UInt64(seed))
        for candidate in Candidate.allCases {
          let (outcome, network) = try study.run(candidate)
          findings.add(outcome, network)
          print(line(outcome))
          fflush(nil)  // a pipe or a file gets it now, not at the end
        }
      }
    }
    let page = FindingsPage(findings, options).report
    try Data(page.html().utf8).write(to: URL(filePath: options.reportPath), options: .atomic)
    if let path = options.tablePath {
      try Data(findings.markdown(options).utf8).write(to: URL(filePath: path), options: .atomic)
    }
    print(findings.conclusion)
    print("Wrote \(options.reportPath).")
  }

  private static func line(_ outcome: Outcome) -> String {
    "strength \(outcome.strength)  \(outcome.candidate.rawValue): training \(percent(outcome.training)), new frames of "
      + "these recordings \(percent(outcome.sameRecordings)), other recordings \(percent(outcome.otherRecordings))"
  }
}

func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }
