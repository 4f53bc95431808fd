import DescentCPU
package import DescentCore
import DescentRules

/// How much memory training on images takes, in bytes.
///
/// What a step keeps between its operations, by far the most, is what the plan of a step says for some images and for
/// twice as many, and grows along a line with their number. The rest is counted: the weights with the optimizer's
/// memory, copies to go back to and those laid out for products; three batches of images, as the next ones are read
/// ahead; and what measuring takes for its largest layer. The threads' own memory, some megabytes each, is not, nor what
/// the process holds already.
package struct ImageTrainingMemory {
  package let fixedBytes: Double
  package let bytesOfImage: Double

  package func bytes(batchSize: Int) -> Double { fixedBytes + Double(batchSize) * bytesOfImage }

  /// - Parameters:
  ///   - network: one that is not trained otherwise.
  ///   - measured: how many images are measured on at most.
  package init(
    _ network: Sequential, _ shape: ImageShape, measured count: Int, precision: Precision
  ) throws(TrainingError) {
    // At least a million bytes of them: what is small is planned otherwise.
    let rows = max(2, (1 << 20) / (4 * shape.count))
    let few = try Self.stepBytes(network, shape, rows: rows, precision)
    let more = try Self.stepBytes(network, shape, rows: 2 * rows, precision)
    let ofImage = max(more - few, 0) / Double(rows)
    let layers = Self.outputCounts(network, shape)
    let measured = 2 * Double(layers.max() ?? 0) * Double(min(network.batchSize(forImagesOf: shape), count))
    bytesOfImage = ofImage + 3 * 4 * Double(shape.count)
    fixedBytes = max(few - Double(rows) * ofImage, 0) + 4 * (8 * Double(network.parameterCount) + measured)
  }

  /// Three times what the layers make, which takes no plan to know. Where this is less than a quarter of what is free,
  /// training is no matter of memory.
  package static func roughBytes(_ network: Sequential, _ shape: ImageShape, batchSize: Int) -> Double {
    let layers = outputCounts(network, shape).reduce(0, +)
    return 4 * (3 * Double(batchSize) * Double(layers + shape.count) + 8 * Double(network.parameterCount))
  }

  /// The numbers that each layer makes of an image.
  private static func outputCounts(_ network: Sequential, _ shape: ImageShape) -> [Int] {
    let (_, calls) = observingLayers {
      withPhase(.inference) { network(Tensor.input(0, shape: [1] + shape.axes, dtype: .float32)) }
    }
    return calls.map { $0.output.shape.elementCount }
  }

  /// What a step keeps between its operations; it is planned and not made.
  private static func stepBytes(
    _ network: Sequential, _ shape: ImageShape, rows: Int, _ precision: Precision
  ) throws(TrainingError) -> Double {
    let planned = Guarded(0)
    let engine = Engine(name: "planning") { program, precision in
      let bytes = program.intermediateBytes(precision: precision)
      planned.withLock { $0 = bytes }
      return Executable(program) { (_, _) throws(EvaluationError) in }
    }
    let loss = { (network: Sequential, batch: Batch) in
      softmaxCrossEntropy(logits: network(batch.inputs), targets: batch.targets)
    }
    let step = try CompiledStep(network, .adamW(), precision: precision, loss: loss)
    let batch = Batch(
      inputs: .zeros([rows] + shape.axes), targets: Tensor([Int32](repeating: 0, count: rows)))
    _ = try StepPlan(
      network, batch: batch, memory: step.memory, rules: step.rules, parts: 1, precision: precision, engine: engine,
      weight: { _ in nil }, loss: loss)
    return Double(planned.withLock { $0 })
  }
}

extension ImageModel {
  /// Refuses what would not fit into memory, of which the system would tell nobody before it ends the program.
  ///
  /// - Parameters:
  ///   - measured: how many images are measured on at most.
  ///   - settings: the names of those that decide about memory besides the batch size.
  ///   - available: bytes.
  package static func checkMemory(
    _ kind: ImageNetwork, _ network: Sequential, _ shape: ImageShape, classes: Int, batchSize: Int,
    measured: Int, _ configuration: ImageConfiguration, settings: [String], available: Double = AvailableMemory.bytes
  ) throws(ImageModelError) {
    guard ImageTrainingMemory.roughBytes(network, shape, batchSize: batchSize) > available / 4 else { return }
    let memory: ImageTrainingMemory
    do {
      memory = try ImageTrainingMemory(
        kind.make(shape, classes: classes, seed: 0), shape, measured: measured, precision: configuration.precision)
    } catch {
      throw .training(error)
    }
    let bytes = memory.bytes(batchSize: batchSize)
    guard bytes > available else { return }
    // Somewhat less than would just do.
    let most = Int(max((0.9 * available - memory.fixedBytes) / memory.bytesOfImage, 0))
    let advice =
      settings.contains("size") && Double(32 * network.parameterCount) < available
      ? "smaller images help" : "a smaller network helps"
    let help = most >= 2 && most < batchSize ? "batches of \(most) would fit" : advice
    throw .configuration(
      ConfigurationProblem(
        "expected training that fits into the \(AvailableMemory.text(ofBytes: available)) that are free on this machine, "
          + "found \(kind.rawValue) on batches of \(counted(batchSize, "image")) of \(shape), which takes about "
          + "\(AvailableMemory.text(ofBytes: bytes)); \(help)", of: ["batchSize"] + settings))
  }
}
