import Foundation

// Compares the functions of float32 on every one of the 2³² arguments with the C library's in double precision, at every
// level of instructions this processor has, and prints the table in results/ulp.md. Names of functions as arguments
// restrict it to those. Exit code 1 if an error is above 2 units in the last place or a special value is wrong.

/// Prints at once, for who waits.
func show(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

func processor() -> String {
  let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
  let model = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
  return model.map { $0.trimmingCharacters(in: .whitespaces) } ?? "an unknown processor"
}

func number(_ bits: UInt32) -> String { "\(Float(bitPattern: bits)) (0x\(String(bits, radix: 16)))" }

func measure(_ function: Function) async throws -> Measurement {
  let workers = ProcessInfo.processInfo.activeProcessorCount
  return try await withThrowingTaskGroup(of: Measurement.self) { group in
    for worker in 0..<workers { group.addTask { try Measurement(function, from: worker, stride: workers) } }
    var all = try await group.next()!
    for try await part in group { all.add(part) }
    return all
  }
}

show(
  """
  # The functions of float32 on all 2³² arguments

  \(processor()), \(Date().formatted(.iso8601.year().month().day())), `Benchmarks/ulp.sh`. Errors are in units in the last
  place of the exact value, which the C library gives in double precision. Subnormal arguments count as zero; results
  below 2⁻¹²⁶ are set to zero. A special value is NaN, an infinity or a zero with its sign.

  | function | instructions | largest error | at | wrong special values | results set to zero | subnormal results |
  | --- | --- | ---: | --- | ---: | ---: | ---: |
  """)
let names = CommandLine.arguments.dropFirst()
let sets = Measurement.sets
var isGood = true
var agreement: [String] = []
for function in functions where names.isEmpty || names.contains(function.name) {
  let measurement = try await measure(function)
  for (set, found) in zip(sets, measurement.findings) {
    isGood = isGood && found.worst <= 2 && found.wrong == 0 && found.subnormal == 0
    let wrong = found.firstWrong.map { "\(found.wrong), first at \(number($0))" } ?? "0"
    show(
      "| \(function.name) | \(set) | \(String(format: "%.3f", found.worst)) | \(number(found.worstBits)) | \(wrong)"
        + " | \(found.flushed) | \(found.subnormal) |")
  }
  agreement.append("\(function.name) \(measurement.differing)")
}
if sets.count > 2 {
  show("\nResults that differ between \(sets[1]) and \(sets[2]): \(agreement.joined(separator: ", ")).")
}
exit(isGood ? 0 : 1)
