import Descent
import DescentCPU
import DescentCore
import DescentRules
import Foundation
import Testing

@Suite struct ImageMemoryTests {
  private let shape = ImageShape(height: 32, width: 32, channels: 3)

  /// What a step of as many images keeps between its operations, as it is planned.
  private func stepBytes(_ network: Sequential, rows: Int) throws -> Int {
    let planned = Guarded(0)
    let engine = Engine(name: "watched") { program, precision in
      let bytes = program.intermediateBytes
      planned.withLock { $0 = max($0, bytes) }
      return Engine.cpu.compile(program, precision: precision)
    }
    let step = try CompiledStep(network, .adamW(), engine: engine) {
      softmaxCrossEntropy(logits: $0($1.inputs), targets: $1.targets)
    }
    try step(
      Batch(inputs: RandomKey(1).normal([rows] + shape.axes), targets: Tensor((0..<rows).map { Int32($0 % 4) })))
    return planned.withLock { $0 }
  }

  @Test(arguments: [ImageNetwork.convolutional, .leNet5, .resNet20, .convNeXt])
  func isKnownBeforeAStepIsMade(_ kind: ImageNetwork) throws {
    let network = kind.make(shape, classes: 4, seed: 1)
    let memory = try ImageTrainingMemory(network, shape, precision: .float32)
    let (few, many) = (try stepBytes(network, rows: 4), try stepBytes(network, rows: 12))
    let found = Double(many - few) / 8 + 12 * Double(shape.count)
    #expect(abs(memory.bytesOfImage / found - 1) < 0.1, "\(memory.bytesOfImage) instead of \(found)")
    // Where the rough number says that all is well, it has to be.
    #expect(memory.bytes(batchSize: 32) < 4 * ImageTrainingMemory.roughBytes(network, shape, batchSize: 32))
  }

  @Test func whatDoesNotFitIsRefusedWithWhatWould() throws {
    let large = ImageShape(height: 256, width: 256, channels: 3)
    let network = ImageNetwork.convolutional.make(large, classes: 4, seed: 1)
    func problem(_ batchSize: Int, available: Double) throws -> ConfigurationProblem? {
      do throws(ImageModelError) {
        try ImageModel.checkMemory(
          .convolutional, network, large, classes: 4, batchSize: batchSize, ImageConfiguration(),
          settings: ["size", "network"], available: available)
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
    #expect(try problem(512, available: 1e12) == nil)
  }

  @Test func whatIsFreeIsReadFromTheSystem() {
    #expect(AvailableMemory.free(meminfo: "MemTotal:  900 kB\nMemAvailable:     512 kB\n") == 512 << 10)
    #expect(AvailableMemory.free(meminfo: "MemTotal:  900 kB\n") == nil)
    let statistics = "anon 400\ninactive_file 200\nactive_file 100\n"
    #expect(AvailableMemory.left(limit: "1000\n", usage: "700\n", statistics: statistics) == 600)
    #expect(AvailableMemory.left(limit: "500\n", usage: "900\n", statistics: "") == 0)
    #expect(AvailableMemory.left(limit: "max\n", usage: "700\n", statistics: statistics) == nil)
    let free = AvailableMemory.bytes
    #expect(free > 1e6 && free <= 1.01 * Double(ProcessInfo.processInfo.physicalMemory))
    #expect([2.34e10, 7e8].map { AvailableMemory.text(ofBytes: $0) } == ["23 GB", "0.7 GB"])
  }
}
