public import DescentCore

/// All that training needs to go on as if it had never stopped, as named tensors and texts.
///
/// Tensors are called `model/PATH`, `optimizer/PATH/NAME`, `best/PATH` and `key`.
public struct TrainingCheckpoint: Sendable {
  public let tensors: [String: Tensor]
  public let metadata: [String: String]

  public init(tensors: [String: Tensor], metadata: [String: String]) {
    self.tensors = tensors
    self.metadata = metadata
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
