import DescentCPU
import DescentCore
import DescentRules

extension CompiledStep {
  /// The weights, what the optimizer remembers, the key and the step counter, copied.
  public func checkpoint() -> TrainingCheckpoint {
    let tensors = places.map { ($0.name, Tensor($0.memory.copy(), shape: $0.shape)) }
    return TrainingCheckpoint(
      tensors: Dictionary(uniqueKeysWithValues: tensors),
      metadata: [
        "optimizer": optimizerName, "hyperparameters": hyperparameters.text, "step": "\(stepCount)",
        "learningRateScale": "\(learningRateScale)", "learningRate": "\(learningRate)",
        "precision": precision.rawValue,
      ])
  }

  /// Goes on from a checkpoint of a step with the same model and optimizer. Nothing changes unless all of it fits.
  ///
  /// - Parameter changes: what may be another than before.
  /// - Throws: `TrainingError.checkpointMismatch`, which names what does not fit.
  public func restore(
    _ checkpoint: TrainingCheckpoint, allowing changes: CheckpointChanges = []
  ) throws(TrainingError) {
    let optimizer = try checkpoint.text("optimizer")
    guard optimizer == optimizerName else {
      throw .checkpointMismatch("it was made with the optimizer \(optimizer), expected \(optimizerName)")
    }
    let detached = memory.weights.detachedPaths()
    guard detached.isEmpty else { throw .convertedWeights(detached) }
    let saved = try checkpoint.text("hyperparameters")
    if !changes.contains(.hyperparameters), let difference = hyperparameters.difference(from: saved) {
      throw .checkpointMismatch(difference)
    }
    // One without the word is of a time when there was no choice.
    let precision = checkpoint.metadata["precision"] ?? Precision.float32.rawValue
    guard changes.contains(.precision) || precision == self.precision.rawValue else {
      throw .checkpointMismatch("its products are in \(precision), expected \(self.precision.rawValue)")
    }
    let steps = try checkpoint.text("step")
    guard let stepCount = Int(steps), 0...TrainingCheckpoint.mostSteps ~= stepCount,
      let scale = Double(try checkpoint.text("learningRateScale")), scale.isFinite && scale >= 0,
      let rate = Double(try checkpoint.text("learningRate")), !rate.isNaN
    else { throw .checkpointMismatch("its step counter or learning rate is not a number in its range") }
    let known = Set(places.map(\.name))
    if let extra = checkpoint.tensors.keys.filter({ !$0.hasPrefix("best/") && !known.contains($0) }).min() {
      throw .checkpointMismatch("it has a tensor \"\(extra)\" that the model or the optimizer has not")
    }
    var found: [Memory] = []
    for place in places { found.append(try checkpoint.memory(place.name, like: place.memory, shape: place.shape)) }
    for (place, saved) in zip(places, found) { place.memory.copy(from: saved) }
    self.stepCount = stepCount
    learningRateScale = scale
    learningRate = rate
  }

  private var optimizerName: String { "\(type(of: optimizer.unadjusted))" }

  private struct Place {
    let name: String
    let memory: Memory
    let shape: [Int]
  }

  /// Everything that a step changes, by the name it has in a checkpoint.
  private var places: [Place] {
    let weights = weightPlaces.map { Place(name: "model/\($0.path)", memory: $0.memory, shape: $0.shape) }
    let slots = zip(memory.trainable, memory.slots).flatMap { entry, slots in
      zip(optimizer.stateNames, slots).map { name, slot in
        Place(name: "optimizer/\(entry.path)/\(name)", memory: slot.memory, shape: slot.shape)
      }
    }
    return weights + slots + [Place(name: "key", memory: memory.key, shape: [2])]
  }

  /// The parameters and buffers, with their paths.
  var weightPlaces: [(path: String, memory: Memory, shape: [Int])] {
    zip(memory.trainable + memory.others, weights).map { ($0.path, $1, $0.storage.shape) }
  }
}
