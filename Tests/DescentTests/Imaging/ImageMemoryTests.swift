import Descent
import DescentCPU
import DescentCore
import DescentRules
import Foundation
import Testing

@Suite struct ImageMemoryTests {
  private let shape = ImageShape(height: 32, width: 32, channels: 3)

  /// What a step of as many images keeps between its operations, as it is planned; it is not made.
  private func stepBytes(_ network: Sequential, rows: Int, _ precision: Precision) throws -> Int {
    let planned = Guarded(0)
    let engine = Engine(name: "watched") { program, precision in
      let bytes = program.intermediateBytes(precision: precision)
      planned.withLock { $0 = max($0, bytes) }
      return Executable(program) { (_, _) throws(EvaluationError) in }
    }
    let step = try CompiledStep(network, .adamW(), precision: precision, engine: engine) {
      softmaxCrossEntropy(logits: $0($1.inputs), targets: $1.targets)
    }
    try step(
      Batch(inputs: .zeros([rows] + shape.axes), targets: Tensor([Int32](repeating: 1, count: rows))))
    return planned.withLock { $0 }
  }

  @Test(arguments: [ImageNetwork.convolutional, .leNet5, .resNet20, .convNeXt], [Precision.float32, .bfloat16])
  func isKnownBeforeAStepIsMade(_ kind: ImageNetwork, _ precision: Precision) throws {
    let network = kind.make(shape, classes: 4, seed: 1)
    let memory = try ImageTrainingMemory(network, shape, measured: 100, precision: precision)
    let found = Double(try stepBytes(network, rows: 500, precision)) + 500 * 12 * Double(shape.count)
    let estimate = 500 * memory.bytesOfImage
    #expect(abs(estimate / found - 1) < 0.1, "\(estimate) instead of \(found)")
    // Where the rough number says that all is well, it has to be.
    #expect(memory.bytes(batchSize: 64) < 4 * ImageTrainingMemory.roughBytes(network, shape, batchSize: 64))
  }

  @Test func whatDoesNotFitIsRefusedWithWhatWould() throws {
    let large = ImageShape(height: 256, width: 256, channels: 3)
    let network = ImageNetwork.convolutional.make(large, classes: 4, seed: 1)
    func problem(
      _ batchSize: Int, available: Double, settings: [String] = ["size", "network"]
    ) throws -> ConfigurationProblem? {
      do throws(ImageModelError) {
        try ImageModel.checkMemory(
          .convolutional, network, large, classes: 4, batchSize: batchSize, measured: 20, ImageConfiguration(),
          settings: settings, available: available)
        return nil
      } catch {
        guard case .configuration(let problem) = error else { throw error }
        return problem
      }
    }
    let refused = try #require(try problem(512, available: 3e9))
    #expect(refused.settings == ["batchSize", "size", "network"])
    #expect(
      refused.description.hasPrefix(
        "expected training that fits into the 3.0 GB that are free on this machine, found convolutional on batches of 512 "
          + "images of 256 × 256 × 3, which takes about "))
    let help = try #require(refused.description.split(separator: "; ").last)
    let most = try #require(Int(help.split(separator: " ")[2]), "\(help)")
    #expect(try most >= 2 && most < 512 && problem(most, available: 3e9) == nil)
    #expect(try problem(2, available: 1e8)?.description.hasSuffix("; smaller images help") == true)
    for (available, settings) in [(1e4, ["size", "network"]), (1e8, ["network"])] {
      let other = try problem(2, available: available, settings: settings)
      #expect(other?.description.hasSuffix("; a smaller network helps") == true)
    }
    #expect(try problem(512, available: 1e12) == nil)
  }

  @Test func whatIsFreeIsReadFromTheSystem() {
    #expect(AvailableMemory.free(meminfo: "MemTotal:  900 kB\nMemAvailable:     512 kB\n") == 512 << 10)
    #expect(AvailableMemory.free(meminfo: "MemTotal:  900 kB\n") == nil)
    let statistics = "anon 400\ninactive_file 200\nactive_file 100\n"
    #expect(AvailableMemory.left(limit: "1000\n", usage: "700\n", statistics: statistics) == 600)
    let within = statistics + "total_inactive_file 250\ntotal_active_file 100\n"
    #expect(AvailableMemory.left(limit: "1000\n", usage: "700\n", statistics: within) == 650)
    #expect(AvailableMemory.left(limit: "500\n", usage: "900\n", statistics: "") == 0)
    #expect(AvailableMemory.left(limit: "max\n", usage: "700\n", statistics: statistics) == nil)
    let files = [
      "/sys/fs/cgroup/memory.max": "max\n", "/sys/fs/cgroup/memory.current": "5000\n",
      "/sys/fs/cgroup/a/memory.max": "2000\n", "/sys/fs/cgroup/a/memory.high": "1500\n",
      "/sys/fs/cgroup/a/memory.current": "900\n", "/sys/fs/cgroup/a/memory.stat": statistics,
      "/sys/fs/cgroup/a/b/memory.max": "3000\n", "/sys/fs/cgroup/a/b/memory.current": "800\n",
      "/sys/fs/cgroup/memory/c/memory.limit_in_bytes": "700\n",
      "/sys/fs/cgroup/memory/c/memory.usage_in_bytes": "400\n",
    ]
    func least(_ groups: String) -> Int? { AvailableMemory.leastOfGroups(groups) { files[$0] } }
    #expect(least("0::/a/b\n") == 900)
    #expect(least("3:cpu:/a\n2:memory,pids:/c\n0::/\n") == 300)
    #expect(least("0::/../elsewhere\n") == nil && least("") == nil)
    let free = AvailableMemory.bytes
    #expect(free > 1e6 && free <= 1.01 * Double(ProcessInfo.processInfo.physicalMemory))
    #expect([2.34e10, 7e8].map { AvailableMemory.text(ofBytes: $0) } == ["23 GB", "0.7 GB"])
  }
}
