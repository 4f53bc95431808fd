import Descent

/// How good a network is on frames of the recordings it learnt from, and on other recordings.
struct Outcome {
  let candidate: Candidate
  let strength: Double
  let training: Double
  /// On new frames of the recordings it was trained on.
  let sameRecordings: Double
  /// On frames of recordings it has not seen.
  let otherRecordings: Double
}

/// The frames of one strength, drawn once for all networks.
struct Study {
  let scans: BrainScans
  let train: Dataset
  let validation: Dataset
  let sameRecordings: Dataset
  let otherRecordings: Dataset

  /// - Parameter frames: how many of each recording to train on. Half as many in all are tests: new frames of these
  ///   recordings, and as many of others.
  init(strength: Double, frames: Int, seed: UInt64) {
    scans = BrainScans(seed: seed, strength: strength)
    let tested = max(frames / 2 * 2, 2)
    train = scans.dataset(recordings: BrainScans.training, frames: 0..<frames)
    validation = scans.dataset(recordings: BrainScans.validation, frames: 0..<tested)
    sameRecordings = scans.dataset(recordings: BrainScans.training, frames: frames..<(frames + tested / 2))
    otherRecordings = scans.dataset(recordings: BrainScans.test, frames: 0..<(tested * 5 / 4))
  }

  func run(_ candidate: Candidate) throws -> (outcome: Outcome, network: Sequential) {
    let network = candidate.makeNetwork(seed: scans.seed)
    // The course trained for a fixed time; ours takes the epoch that is best on recordings of neither test.
    let isChosen = candidate == .invariant
    try network.fit(
      train, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: candidate.learningRate),
      epochs: candidate.epochs, validation: isChosen ? validation : nil, seed: scans.seed,
      earlyStopping: isChosen ? EarlyStopping(patience: candidate.epochs) : nil)
    let outcome = Outcome(
      candidate: candidate, strength: scans.strength, training: try accuracy(network, train),
      sameRecordings: try accuracy(network, sameRecordings), otherRecordings: try accuracy(network, otherRecordings))
    return (outcome, network)
  }

  private func accuracy(_ network: Sequential, _ frames: Dataset) throws -> Double {
    try network.evaluate(frames, .accuracy)[.accuracy] ?? .nan
  }
}
