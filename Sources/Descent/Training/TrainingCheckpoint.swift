public import DescentCore

/// All that training needs to go on as if it had never stopped, as named tensors and texts.
///
/// In a file, which is a `.safetensors` file, tensors are called `model/PATH`, `optimizer/PATH/NAME`, `best/PATH` and
/// `key`. Those of `model` are of the last step, those of `best` of the best epoch, if early stopping restores it.
///
/// ```swift
/// try trainer.checkpoint().save(to: "run.safetensors")
/// try trainer.restore(TrainingCheckpoint(contentsOf: "run.safetensors"))   // in a later process
/// ```
public struct TrainingCheckpoint: Sendable {
  /// More steps, epochs or reports than this are a damaged counter.
  static let mostSteps = 1 << 53

  public let tensors: [String: Tensor]
  public let metadata: [String: String]

  public init(tensors: [String: Tensor], metadata: [String: String]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// Reads a checkpoint; whether it fits is seen when training is restored from it.
  public init(contentsOf path: String) throws(ModelFileError) {
    let file = try SafeTensors(contentsOf: path)
    self.init(
      tensors: Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.path, $0.value) }), metadata: file.metadata)
  }

  /// Writes the checkpoint; the file appears complete or not at all.
  public func save(to path: String) throws(ModelFileError) {
    let elements = tensors.sorted { $0.key < $1.key }.map { (path: $0.key, value: $0.value) }
    try SafeTensors(tensors: ModuleValues(elements), metadata: metadata).write(to: path)
  }

  /// The text under a name of the metadata.
  func text(_ name: String) throws(TrainingError) -> String {
    guard let text = metadata[name] else { throw .checkpointMismatch("it has no \"\(name)\" in its metadata") }
    return text
  }

  /// The tensor of a name, if it has the elements that memory of this shape and type can take.
  func memory(_ name: String, like live: Memory, shape: [Int]) throws(TrainingError) -> Memory {
    guard let tensor = tensors[name] else { throw .checkpointMismatch("it has no tensor \"\(name)\"") }
    guard tensor.shape == shape && tensor.dtype == live.dtype else {
      throw .checkpointMismatch(
        "\"\(name)\" is \(tensor.dtype.name)\(DescentCore.text(tensor.shape)), expected "
          + "\(live.dtype.name)\(DescentCore.text(shape))")
    }
    return tensor.memory
  }
}

/// What may be another than in a checkpoint, for those who mean to change it.
public struct CheckpointChanges: OptionSet, Sendable {
  public let rawValue: Int

  public init(rawValue: Int) { self.rawValue = rawValue }

  /// The numbers of the same optimizer, its schedule of learning rates and the penalties.
  public static let hyperparameters = CheckpointChanges(rawValue: 1)
  /// The rows that are trained on, and those for validation.
  public static let data = CheckpointChanges(rawValue: 2)
  /// What matrix products and convolutions multiply.
  public static let precision = CheckpointChanges(rawValue: 4)
}
