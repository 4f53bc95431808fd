import DescentCPU
import DescentCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension Trainer {
  /// Where training is in its data, and what it watches.
  private struct Cursor: Codable {
    let state: State
    let plateau: PlateauState?
    let batchSize: Int
    let rowCount: Int
    let seed: UInt64
    let shuffles: Bool
    let dropsPartialBatch: Bool
  }

  private struct PlateauState: Codable {
    let best: Double
    let badReports: Int
    let remainingCooldown: Int
    let scale: Double
  }

  /// A copy of everything training goes on from: weights, optimizer, key, place in the data, history, best weights.
  ///
  /// Training that is resumed from it ends with the same bits as training that was never stopped.
  public func checkpoint() -> TrainingCheckpoint {
    let step = step.checkpoint()
    var tensors = step.tensors
    for (place, best) in zip(self.step.weightPlaces, bestWeights ?? []) {
      tensors["best/\(place.path)"] = Tensor(best.copy(), shape: place.shape)
    }
    let cursor = Cursor(
      state: stateNow(),
      plateau: plateau.map {
        PlateauState(
          best: $0.best, badReports: $0.badReports, remainingCooldown: $0.remainingCooldown, scale: $0.scale)
      },
      batchSize: options.batchSize, rowCount: dataset.count, seed: options.seed, shuffles: options.shuffles,
      dropsPartialBatch: options.dropsPartialBatch)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      let json = String(decoding: try encoder.encode(cursor), as: UTF8.self)
      return TrainingCheckpoint(tensors: tensors, metadata: step.metadata.merging(["cursor": json]) { $1 })
    } catch {
      preconditionFailure("numbers and names can always be written as JSON: \(error)")
    }
  }

  /// Goes on from a checkpoint of training with the same model, optimizer, data and options; there may be more epochs
  /// than before. Nothing changes unless all of it fits.
  ///
  /// - Throws: `TrainingError.checkpointMismatch`, which names what does not fit.
  public func restore(_ checkpoint: TrainingCheckpoint) throws(TrainingError) {
    let cursor = try cursor(of: checkpoint)
    let best = try bestWeights(of: checkpoint)
    try step.restore(checkpoint)
    bestWeights = best
    if let saved = cursor.plateau {
      plateau?.best = saved.best
      plateau?.badReports = saved.badReports
      plateau?.remainingCooldown = saved.remainingCooldown
      plateau?.scale = saved.scale
    }
    resume(at: cursor.state)
  }

  private func cursor(of checkpoint: TrainingCheckpoint) throws(TrainingError) -> Cursor {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let json = try checkpoint.text("cursor")
    guard let cursor = try? decoder.decode(Cursor.self, from: Data(json.utf8)) else {
      throw .checkpointMismatch("its place in the data cannot be read")
    }
    let rows = [
      ("rows of data", cursor.rowCount, dataset.count), ("rows a batch", cursor.batchSize, options.batchSize),
    ]
    for (name, found, expected) in rows where found != expected {
      throw .checkpointMismatch("it was made with \(found) \(name), expected \(expected)")
    }
    guard
      cursor.seed == options.seed && cursor.shuffles == options.shuffles
        && cursor.dropsPartialBatch == options.dropsPartialBatch
    else { throw .checkpointMismatch("it goes through the rows in another order; use the same seed and options") }
    guard cursor.state.batch >= 0 && cursor.state.batch < batchesPerEpoch && cursor.state.epoch >= 0 else {
      throw .checkpointMismatch("batch \(cursor.state.batch) is outside 0 ..< \(batchesPerEpoch)")
    }
    guard (cursor.plateau == nil) == (options.plateau == nil) else {
      throw .checkpointMismatch("only one of it and the options lowers the learning rate on a plateau")
    }
    return cursor
  }

  private func bestWeights(of checkpoint: TrainingCheckpoint) throws(TrainingError) -> [Memory]? {
    guard checkpoint.tensors.keys.contains(where: { $0.hasPrefix("best/") }) else { return nil }
    var best: [Memory] = []
    for place in step.weightPlaces {
      best.append(try checkpoint.memory("best/\(place.path)", like: place.memory, shape: place.shape).copy())
    }
    return best
  }
}
