import DescentCore

/// Memory for batches of one size that is filled again and again, so that a step allocates nothing for its data.
struct BatchBuffer {
  /// Tensors over the memory. They are only bound to a compiled step, never handed out, because their elements change.
  let batch: Batch
  private let inputs: Memory
  private let targets: Memory

  init(rows: Int, of dataset: Dataset) {
    inputs = dataset.inputType.memory(rows: rows)
    targets = dataset.targetType.memory(rows: rows)
    batch = Batch(
      inputs: Tensor(inputs, shape: [rows] + dataset.inputRowShape),
      targets: Tensor(targets, shape: [rows] + dataset.targetRowShape))
  }

  var count: Int { batch.count }

  func fill(from dataset: Dataset, at positions: ArraySlice<Int>, epoch: Int) throws(EvaluationError) {
    try dataset.readRows(at: positions, epoch: epoch, inputs: inputs, targets: targets)
  }
}
