public import DescentCore

/// Some rows of a dataset, for one training step.
public struct Batch: Sendable {
  /// What the model sees.  // [rows, features…]
  public let inputs: Tensor
  /// What it should answer.  // [rows, outputs…], or class positions [rows]
  public let targets: Tensor
  /// What else a loss needs, by name, such as weights of the rows.
  public let others: [String: Tensor]
  /// The number of each row in the data it came from; messages name rows by it.
  public let rowNumbers: [Int]

  public init(inputs: Tensor, targets: Tensor, others: [String: Tensor] = [:], rowNumbers: [Int] = []) {
    self.inputs = inputs
    self.targets = targets
    self.others = others
    self.rowNumbers = rowNumbers
  }

  /// The number of rows.
  public var count: Int { inputs.shape.first ?? 1 }

  /// One of the other tensors; traps where there is none of that name.
  public subscript(name: String) -> Tensor {
    guard let tensor = others[name] else {
      fatalError("Batch: there is no tensor \"\(name)\"; there are \(others.keys.sorted())")
    }
    return tensor
  }
}

/// The batches of a dataset in order, as a sequence that can be gone through again and again.
public struct Batches: Sequence, Sendable {
  private let dataset: Dataset
  private let order: [Int]
  private let size: Int
  private let epoch: Int?
  /// The number of batches.
  public let count: Int

  fileprivate init(_ dataset: Dataset, order: [Int], epoch: Int?, size: Int, droppingPartial: Bool) {
    self.dataset = dataset
    self.order = order
    self.epoch = epoch
    self.size = size
    count = droppingPartial ? order.count / size : (order.count + size - 1) / size
  }

  /// A batch; rows that cannot be read stop the program, for which `read` has an error.
  public subscript(index: Int) -> Batch {
    trappingOnUnreadableRows { () throws(EvaluationError) in try read(index) }
  }

  /// A batch of rows that are made when they are asked for, such as images in files.
  ///
  /// - Throws: `EvaluationError` if a row cannot be read.
  public func read(_ index: Int) throws(EvaluationError) -> Batch {
    precondition(index >= 0 && index < count, "batch index out of range")
    return try dataset.batch(at: order[(index * size)..<Swift.min((index + 1) * size, order.count)], epoch: epoch)
  }

  public func makeIterator() -> AnyIterator<Batch> {
    var index = 0
    return AnyIterator {
      guard index < count else { return nil }
      defer { index += 1 }
      return self[index]
    }
  }
}

extension Dataset {
  /// Batches of `size` rows, the last of what is left over.
  ///
  /// - Parameters:
  ///   - seed: shuffles the rows, the same way for the same seed and epoch; nil keeps their order and reads them as they
  ///     are measured, which matters to sources that augment in training.
  ///   - epoch: with each the order is a different one.
  ///   - droppingPartial: leaves out a last batch with fewer than `size` rows.
  public func batches(
    of size: Int, shuffledWith seed: UInt64? = nil, epoch: Int = 0, droppingPartial: Bool = false
  ) -> Batches {
    guard size > 0 else { fatalError("Dataset.batches: a batch needs at least one row, not \(size)") }
    return Batches(
      self, order: order(shuffledWith: seed, epoch: epoch), epoch: seed == nil ? nil : epoch, size: size,
      droppingPartial: droppingPartial)
  }

  /// The order in which an epoch visits the rows.
  package func order(shuffledWith seed: UInt64?, epoch: Int) -> [Int] {
    guard let seed else { return Array(0..<count) }
    return shuffledIndices(count: count, seed: seed, stream: UInt32(truncatingIfNeeded: epoch))
  }

  /// The rows at the given positions, copied.
  ///
  /// - Parameter epoch: the epoch in training; nil where rows are measured or predicted.
  package func batch(at positions: ArraySlice<Int>, epoch: Int? = nil) throws(EvaluationError) -> Batch {
    let rows = positions.count
    let inputs = inputType.memory(rows: rows), targets = targetType.memory(rows: rows)
    try readRows(at: positions, epoch: epoch, inputs: inputs, targets: targets)
    return Batch(
      inputs: Tensor(inputs, shape: [rows] + inputRowShape), targets: Tensor(targets, shape: [rows] + targetRowShape),
      rowNumbers: rowNumbers(at: positions))
  }
}
