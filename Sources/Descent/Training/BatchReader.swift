import DescentCore
import Dispatch

/// The batches of training, read into memory that is filled again and again.
///
/// Rows that have to be made first are read ahead: while a step runs on one batch, another thread reads the next.
final class BatchReader {
  private let dataset: Dataset
  private let size: Int
  private let seed: UInt64?
  /// The number of batches of an epoch.
  let count: Int

  private var order: (epoch: Int, positions: [Int])?
  private var current: BatchBuffer?
  private var idle: [BatchBuffer] = []
  private var ahead: ReadingAhead?
  private let queue = DispatchQueue(label: "descent.read-ahead")

  /// - Parameter seed: shuffles the rows of each epoch; nil keeps their order.
  init(_ dataset: Dataset, size: Int, shuffledWith seed: UInt64?, droppingPartial: Bool) {
    self.dataset = dataset
    self.size = size
    self.seed = seed
    count = droppingPartial ? dataset.count / size : (dataset.count + size - 1) / size
  }

  /// The positions of a batch's rows in the dataset.
  func positions(of place: BatchPlace) -> ArraySlice<Int> {
    if order?.epoch != place.epoch {
      order = (place.epoch, dataset.order(shuffledWith: seed, epoch: place.epoch))
    }
    let start = place.batch * size
    return order!.positions[start..<min(start + size, dataset.count)]
  }

  /// The batch at a place, in memory that the next call may fill with another. It does not know the numbers of its rows.
  func callAsFunction(_ place: BatchPlace) throws(EvaluationError) -> Batch {
    let buffer = try buffer(filledFor: place)
    current = buffer
    if !dataset.isInMemory { readAhead(place.next(of: count)) }
    return buffer.batch
  }

  private func buffer(filledFor place: BatchPlace) throws(EvaluationError) -> BatchBuffer {
    if let current { idle.append(current) }
    current = nil
    if let ahead {
      self.ahead = nil
      let error = ahead.wait()
      if ahead.place == place {
        if let error { throw error }
        return ahead.buffer
      }
      idle.append(ahead.buffer)
    }
    let rows = positions(of: place)
    let buffer = idleBuffer(rows: rows.count)
    try buffer.fill(from: dataset, at: rows, epoch: place.epoch)
    return buffer
  }

  private func readAhead(_ place: BatchPlace) {
    let rows = positions(of: place)
    let reading = ReadingAhead(place: place, buffer: idleBuffer(rows: rows.count))
    ahead = reading
    queue.async { [dataset] in reading.run(dataset, rows) }
  }

  private func idleBuffer(rows: Int) -> BatchBuffer {
    if let place = idle.firstIndex(where: { $0.count == rows }) { return idle.remove(at: place) }
    return BatchBuffer(rows: rows, of: dataset)
  }
}

/// Where a batch is in training.
struct BatchPlace: Hashable {
  let epoch: Int
  let batch: Int

  func next(of batches: Int) -> BatchPlace {
    batch + 1 == batches ? BatchPlace(epoch: epoch + 1, batch: 0) : BatchPlace(epoch: epoch, batch: batch + 1)
  }
}

/// A batch that another thread reads.
private final class ReadingAhead: Sendable {
  let place: BatchPlace
  let buffer: BatchBuffer
  private let isDone = DispatchSemaphore(value: 0)
  private let error = Guarded<EvaluationError?>(nil)

  init(place: BatchPlace, buffer: BatchBuffer) {
    self.place = place
    self.buffer = buffer
  }

  func run(_ dataset: Dataset, _ rows: ArraySlice<Int>) {
    do {
      try buffer.fill(from: dataset, at: rows, epoch: place.epoch)
    } catch {
      self.error.withLock { $0 = error }
    }
    isDone.signal()
  }

  func wait() -> EvaluationError? {
    isDone.wait()
    return error.withLock { $0 }
  }
}
