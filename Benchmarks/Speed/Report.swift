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
    "\(workload): \(microseconds(medianMicroseconds)) µs, at best \(microseconds(minimumMicroseconds)), \(steps) steps"
  }

  private func microseconds(_ value: Double) -> String {
    value < 100 ? "\((value * 100).rounded() / 100)" : "\(Int(value.rounded()))"
  }
}

func jsonLine(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = .sortedKeys
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

/// Lets a reader at the other end of a pipe see what was printed.
func flush() { fflush(nil) }
