import Descent
import Dispatch
import Foundation
import Testing

/// The rows of `TrainingData.line`, made one by one, and moved by the epoch in training where that is asked for.
private struct LineRows: RowSource {
  let count: Int
  var moves = false
  /// The row that cannot be read.
  var broken: Int?
  var isKnown = true
  let inputs = RowType([1])
  let targets = RowType([1])
  var fingerprint: String? { isKnown ? "line of \(count)\(moves ? ", moved" : "")" : nil }

  func readInputs(_ rows: ArraySlice<Int>, epoch: Int?, into memory: Memory) throws(EvaluationError) {
    for (place, row) in rows.enumerated() {
      if row == broken { throw EvaluationError("row \(row) is torn") }
      let shift = moves ? Float((epoch ?? -1) + 1) / 64 : 0
      memory[place] = .real(Double(Float(row) / Float(count) + shift))
    }
  }

  func readTargets(_ rows: ArraySlice<Int>, epoch: Int?, into memory: Memory) {
    for (place, row) in rows.enumerated() {
      memory[place] = .real(Double(2 * (Float(row) / Float(count)) - 1 + Float((row * 7) % 5 - 2) * 0.05))
    }
  }
}

/// The same rows; each reading of a batch in training is counted.
private struct CountedRows: RowSource {
  let rows = LineRows(count: 22)
  let readings = DispatchSemaphore(value: 0)
  var count: Int { rows.count }
  var inputs: RowType { rows.inputs }
  var targets: RowType { rows.targets }

  func readInputs(_ places: ArraySlice<Int>, epoch: Int?, into memory: Memory) throws(EvaluationError) {
    try rows.readInputs(places, epoch: epoch, into: memory)
    if epoch != nil { readings.signal() }
  }

  func readTargets(_ places: ArraySlice<Int>, epoch: Int?, into memory: Memory) {
    rows.readTargets(places, epoch: epoch, into: memory)
  }
}

@Suite struct RowSourceTests {
  private func trainer(_ data: Dataset, validation: Dataset? = nil, seed: UInt64 = 1) throws -> Trainer<Sequential> {
    let model = withSeed(seed) {
      Sequential {
        Dense(1, 8); Tanh(); Dropout(0.2); Dense(8, 1)
      }
    }
    return try model.trainer(
      on: data, validation: validation, loss: .meanSquaredError, optimizer: .adam(learningRate: 0.01),
      options: TrainingOptions(epochs: 6, batchSize: 4, seed: 3, metrics: [.meanAbsoluteError]))
  }

  private func trained(_ trainer: Trainer<Sequential>) throws -> [[UInt32]] {
    while !trainer.isFinished { try trainer.advance() }
    return bits(trainer.model)
  }

  @Test func rowsMadeOnDemandTrainAsThoseInMemory() throws {
    let (made, held) = (Dataset(LineRows(count: 22)), TrainingData.line(22))
    #expect(made.inputs.array(of: Float.self) == held.inputs.array(of: Float.self))
    #expect(made.targets.array(of: Float.self) == held.targets.array(of: Float.self))
    let ofMade = try trainer(made.subset(0..<18), validation: made.subset(18..<22))
    let ofHeld = try trainer(held.subset(0..<18), validation: held.subset(18..<22))
    #expect(try trained(ofMade) == trained(ofHeld))
    #expect(ofMade.history["validationLoss"] == ofHeld.history["validationLoss"])
    let scores = [try ofMade.model.evaluate(made, .rSquared), try ofHeld.model.evaluate(held, .rSquared)]
    #expect(scores[0] == scores[1])
    #expect(try ofMade.model.predict(made).array(of: Float.self) == ofHeld.model.predict(held).array(of: Float.self))
  }

  /// While a step runs, or nobody asks for one, the batch after it is read, and no more than that.
  @Test func theNextBatchIsReadAhead() throws {
    let rows = CountedRows()
    let training = try trainer(Dataset(rows))
    #expect(rows.readings.wait(timeout: .now()) == .timedOut)
    for _ in 0..<3 {
      try training.advance()
      #expect(rows.readings.wait(timeout: .now() + 60) == .success)
    }
    #expect(rows.readings.wait(timeout: .now() + 60) == .success)
    #expect(rows.readings.wait(timeout: .now() + 0.2) == .timedOut)
  }

  @Test func trainingSeesTheEpochAndMeasuringDoesNot() throws {
    let rows = Dataset(LineRows(count: 64, moves: true))
    let first = Float(0)
    #expect(rows.batches(of: 2)[0].inputs.array(of: Float.self)[0] == first)
    for epoch in [0, 2] {
      let batches = rows.batches(of: 64, shuffledWith: 5, epoch: epoch)
      #expect(batches[0].inputs.array(of: Float.self).min() == Float(epoch + 1) / 64)
    }
    #expect(try trained(trainer(rows)) != trained(trainer(Dataset(LineRows(count: 64)))))
  }

  @Test func resumesBetweenAnyTwoBatches() throws {
    let rows = Dataset(LineRows(count: 14, moves: true))
    let whole = try trainer(rows)
    var checkpoints = [try whole.checkpoint()]
    while !whole.isFinished {
      try whole.advance()
      checkpoints.append(try whole.checkpoint())
    }
    for checkpoint in checkpoints {
      let resumed = try trainer(rows, seed: 8)
      try resumed.restore(checkpoint)
      #expect(try trained(resumed) == bits(whole.model))
    }
    let other = try trainer(Dataset(LineRows(count: 14)))
    #expect(throws: TrainingError.self) { try other.restore(checkpoints[3]) }
  }

  @Test func aRowThatCannotBeReadStopsEverythingThatAsksForIt() throws {
    let rows = Dataset(LineRows(count: 22, broken: 13))
    let training = try trainer(rows)
    let error = #expect(throws: TrainingError.self) { try trained(training) }
    let text = try #require(error?.description)
    #expect(text.hasPrefix("Step ") && text.contains(" stopped: row 13 is torn; the batch has rows "))
    #expect(text.contains("13"))
    let model = training.model
    let evaluating = #expect(throws: TrainingError.self) { try model.evaluate(rows, .rSquared) }
    #expect(evaluating?.description == "Evaluation stopped: row 13 is torn.")
    #expect(throws: EvaluationError("row 13 is torn")) { try model.predict(rows) }
    #expect(throws: EvaluationError("row 13 is torn")) { try rows.batches(of: 22).read(0) }
    #expect(throws: TrainingError.self) {
      try model.findLearningRate(rows, loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.1))
    }
    // A checkpoint reads all rows where nothing else tells them from others.
    let unknown = try trainer(Dataset(LineRows(count: 22, broken: 13, isKnown: false)))
    #expect(throws: TrainingError.evaluation(EvaluationError("row 13 is torn"), step: nil, rowNumbers: [])) {
      try unknown.checkpoint()
    }
    let validated = try trainer(
      TrainingData.line(4), validation: Dataset(LineRows(count: 22, broken: 13, isKnown: false)))
    #expect(throws: TrainingError.self) { try validated.checkpoint() }
    #expect(try trainer(rows).checkpoint().metadata["cursor"] != nil)
    // The steps before it count: training that is asked again fails at the same place.
    let steps = training.step.stepCount
    #expect(throws: TrainingError.self) { try training.advance() }
    #expect(training.step.stepCount == steps)
  }
}
