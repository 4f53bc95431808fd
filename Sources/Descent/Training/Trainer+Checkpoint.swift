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
    let data: DataFingerprint
    let validation: DataFingerprint?
    let seed: UInt64
    let shuffles: Bool
    let dropsPartialBatch: Bool
    let accumulation: Int
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
  ///
  /// - Throws: `TrainingError.evaluation` if the rows of a source without a fingerprint cannot be read, by which the
  ///   checkpoint would know the data again.
  public func checkpoint() throws(TrainingError) -> TrainingCheckpoint {
    let (data, validationData) = (try fingerprint(), try validationFingerprint())
    let step = step.checkpoint()
    var tensors = step.tensors
    for (place, best) in zip(self.step.weightPlaces, bestWeights ?? []) {
      tensors["best/\(place.path)"] = Tensor(best.copy(), shape: place.shape)
    }
    // Where the model has its best weights already, training would go on from its last ones.
    for (place, last) in zip(self.step.weightPlaces, lastWeights ?? []) {
      tensors["model/\(place.path)"] = Tensor(last.copy(), shape: place.shape)
    }
    let cursor = Cursor(
      state: stateNow(),
      plateau: plateau.map {
        PlateauState(
          best: $0.best, badReports: $0.badReports, remainingCooldown: $0.remainingCooldown, scale: $0.scale)
      },
      batchSize: options.batchSize, data: data, validation: validationData,
      seed: options.seed, shuffles: options.shuffles, dropsPartialBatch: options.dropsPartialBatch,
      accumulation: options.accumulation)
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

  private func validationFingerprint() throws(TrainingError) -> DataFingerprint? {
    guard let validation else { return nil }
    return try DataFingerprint(validation)
  }

  /// Goes on from a checkpoint of training with the same model, optimizer, data and options. There may be more epochs
  /// or more patience than before: training that had ended goes on from its last step, not from its best weights.
  /// Nothing changes unless all of it fits.
  ///
  /// - Parameter changes: what may be another than before.
  /// - Throws: `TrainingError.checkpointMismatch`, which names what does not fit.
  public func restore(
    _ checkpoint: TrainingCheckpoint, allowing changes: CheckpointChanges = []
  ) throws(TrainingError) {
    let cursor = try cursor(of: checkpoint, allowing: changes)
    let best = try bestWeights(of: checkpoint, cursor.state)
    try step.restore(checkpoint, allowing: changes)
    bestWeights = best
    if let saved = cursor.plateau {
      plateau?.best = saved.best
      plateau?.badReports = saved.badReports
      plateau?.remainingCooldown = saved.remainingCooldown
      plateau?.scale = saved.scale
    }
    resume(at: cursor.state)
  }

  private func cursor(
    of checkpoint: TrainingCheckpoint, allowing changes: CheckpointChanges
  ) throws(TrainingError) -> Cursor {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let json = try checkpoint.text("cursor")
    guard let cursor = try? decoder.decode(Cursor.self, from: Data(json.utf8)) else {
      throw .checkpointMismatch("its place in the data cannot be read")
    }
    if !changes.contains(.data), let difference = try difference(in: cursor) { throw .checkpointMismatch(difference) }
    guard cursor.batchSize == options.batchSize else {
      throw .checkpointMismatch("it was made with \(cursor.batchSize) rows a batch, expected \(options.batchSize)")
    }
    guard cursor.accumulation == options.accumulation else {
      throw .checkpointMismatch(
        "it was made with batches in \(counted(cursor.accumulation, "part")), expected \(options.accumulation)")
    }
    guard
      cursor.seed == options.seed && cursor.shuffles == options.shuffles
        && cursor.dropsPartialBatch == options.dropsPartialBatch
    else { throw .checkpointMismatch("it goes through the rows in another order; use the same seed and options") }
    let counts = [
      cursor.state.epoch, cursor.state.stopping.epochsSince, cursor.plateau?.badReports ?? 0,
      cursor.plateau?.remainingCooldown ?? 0,
    ]
    let scale = cursor.plateau?.scale ?? 1
    guard counts.allSatisfy({ 0...TrainingCheckpoint.mostSteps ~= $0 }) && scale.isFinite && scale > 0 else {
      throw .checkpointMismatch("its counters are not numbers in their ranges")
    }
    guard cursor.state.batch >= 0 && cursor.state.batch < batchesPerEpoch && cursor.state.epoch >= 0 else {
      throw .checkpointMismatch("batch \(cursor.state.batch) is outside 0 ..< \(batchesPerEpoch)")
    }
    guard (cursor.plateau == nil) == (options.plateau == nil) else {
      throw .checkpointMismatch("only one of it and the options lowers the learning rate on a plateau")
    }
    return cursor
  }

  private func difference(in cursor: Cursor) throws(TrainingError) -> String? {
    if let difference = cursor.data.difference(from: try fingerprint(), in: "data") { return difference }
    switch (cursor.validation, try validationFingerprint()) {
    case (nil, nil): return nil
    case (let saved?, let expected?): return saved.difference(from: expected, in: "validation data")
    case (let saved, _): return "only \(saved == nil ? "the training" : "it") has validation data"
    }
  }

  private func bestWeights(of checkpoint: TrainingCheckpoint, _ state: State) throws(TrainingError) -> [Memory]? {
    guard options.earlyStopping?.restoringBest == true && state.history.bestEpoch > 0 else { return nil }
    var best: [Memory] = []
    for place in step.weightPlaces {
      best.append(try checkpoint.memory("best/\(place.path)", like: place.memory, shape: place.shape).copy())
    }
    return best
  }
}
