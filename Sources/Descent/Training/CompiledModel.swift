public import DescentCore

/// A model compiled for inference: what to keep when it is asked again and again.
///
/// It is compiled once for each shape of input and reads the model's own weights, so it follows when they change.
/// Buffers that the model assigns, such as the keys and values of earlier tokens, change in place. A row gives the same bits whatever batch it is in.
///
/// ```swift
/// let answer = CompiledModel(model)
/// for row in rows { print(try answer(row)) }
/// ```
public final class CompiledModel<Model: Layer> {
  fileprivate let function: CompiledFunction<Model>

  /// - Parameter precision: what matrix products and convolutions of float32 multiply; the answers are float32.
  public init(_ model: Model, precision: Precision = .float32, engine: Engine = .cpu) {
    function = CompiledFunction(model, precision: precision, engine: engine) { model, arguments in
      [model(arguments[0])]
    }
  }

  /// What the model answers.
  ///
  /// - Throws: `EvaluationError` if the inputs hold an index that is out of range.
  public func callAsFunction(_ inputs: Tensor) throws(EvaluationError) -> Tensor { try function([inputs])[0] }

  /// What the model answers to many rows, computed in batches.  // [rows, features…] → [rows, outputs…]
  ///
  /// Where the dataset holds the target of a regression standardised, answers are in the unit of the target.
  public func callAsFunction(_ dataset: Dataset, batchSize: Int = 256) throws(EvaluationError) -> Tensor {
    var parts: [Tensor] = []
    let batches = dataset.batches(of: batchSize)
    for index in 0..<batches.count { parts.append(try self(try batches.read(index).inputs)) }
    guard let first = parts.first else { return .zeros([0] + (try self(dataset.inputs)).shape.dropFirst()) }
    let answers = Tensor(joining: parts, rowShape: Array(first.shape.dropFirst()))
    guard case .regression(let mean, let deviation) = dataset.targetEncoding else { return answers }
    return answers * deviation + mean
  }
}

/// Inference in memory of its own, which is written and read again and again: a run allocates nothing.
///
/// ```swift
/// let bound = CompiledModel(model).bound(to: [1, 12])
/// for index in 0..<12 { bound.inputs[index] = .real(row[index]) }
/// try bound.run()
/// print(bound.outputs.array(of: Float.self))
/// ```
public final class BoundModel {
  /// What the model sees, to be written before a run.
  public let inputs: Memory
  /// What it answered in the last run.
  public let outputs: Memory
  private let executable: Executable
  private let requireWeights: () -> Void
  private let inputMemory: [Memory]
  private let outputMemory: [Memory]

  fileprivate init(_ plan: CompiledFunction<some Module>.Plan) {
    inputMemory = plan.inputs
    let results = plan.makeResults()
    outputMemory = results + plan.changedBuffers
    inputs = inputMemory[0]
    outputs = results[0]
    executable = plan.executable
    requireWeights = { plan.requireWeights(for: "BoundModel") }
    for index in 0..<inputs.count { inputs[index] = .integer(0) }
    for index in 0..<outputs.count { outputs[index] = .integer(0) }
  }

  public func run() throws(EvaluationError) {
    requireWeights()
    try executable.run(inputMemory, into: outputMemory)
  }
}

extension CompiledModel {
  /// Inference for inputs of one shape, in memory of its own.
  public func bound(to shape: [Int], dtype: DType = .float32) -> BoundModel {
    BoundModel(function.makePlan(for: [TensorType(shape, dtype)]))
  }
}

extension Layer {
  /// What the model answers to the rows, computed in batches in the phase of inference.
  public func predict(
    _ inputs: Tensor, batchSize: Int = 256, precision: Precision = .float32
  ) throws(EvaluationError) -> Tensor {
    guard let rows = inputs.shape.first else {
      fatalError("predict: the inputs need a first axis that counts rows; a single number has none")
    }
    let unused = Tensor.zeros([rows], dtype: .int32)
    return try predict(Dataset(inputs: inputs, targets: unused), batchSize: batchSize, precision: precision)
  }

  /// What the model answers to the rows of a dataset, in the unit of the target.
  public func predict(
    _ dataset: Dataset, batchSize: Int = 256, precision: Precision = .float32
  ) throws(EvaluationError) -> Tensor {
    try CompiledModel(self, precision: precision)(dataset, batchSize: batchSize)
  }
}

extension Tensor {
  /// Rows one after the other in new memory.
  init(joining parts: [Tensor], rowShape: [Int]) {
    let rows = parts.reduce(0) { $0 + $1.shape[0] }
    let result = Memory(parts[0].dtype, count: rows * rowShape.elementCount)
    result.withMutableBytes { target in
      var start = 0
      for part in parts {
        part.memory.withBytes { source in
          UnsafeMutableRawBufferPointer(rebasing: target[start..<(start + source.count)]).copyMemory(from: source)
          start += source.count
        }
      }
    }
    self.init(result, shape: [rows] + rowShape)
  }
}
