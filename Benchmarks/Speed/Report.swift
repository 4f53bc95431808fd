import Descent

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What was measured of a workload.
struct Report: Encodable {
  let workload: String
  let engine = "cpu"
  let threads: Int
  let medianMicroseconds: Double
  let minimumMicroseconds: Double
  let steps: Int
  /// What was computed before timing, which the peers' results must equal.
  let check: [Double]

  init(workload: String, timing: Timing, check: [Double]) {
    self.workload = workload
    threads = Engine.threadCount
    medianMicroseconds = timing.medianMicroseconds
    minimumMicroseconds = timing.minimumMicroseconds
    steps = timing.steps
    self.check = check
  }

  var json: String { get throws { try jsonLine(self) } }

  var text: String {
    "\(workload): \(rounded(medianMicroseconds)) µs, at best \(rounded(minimumMicroseconds)), \(steps) steps"
  }
}

/// What was measured of a workload's first step.
struct PlanningReport: Encodable {
  let workload: String
  let step: FirstStep

  var text: String {
    "\(workload): first step \(rounded(step.firstMicroseconds)) µs, tracing and planning "
      + "\(rounded(step.planningMicroseconds)) of them"
  }
}

private func rounded(_ microseconds: Double) -> String {
  microseconds < 100 ? "\((microseconds * 100).rounded() / 100)" : "\(Int(microseconds.rounded()))"
}

func jsonLine(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = .sortedKeys
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

/// Lets a reader at the other end of a pipe see what was printed.
func flush() { fflush(nil) }
