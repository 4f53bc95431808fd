/// Stops training when it no longer helps: after `patience` epochs without improvement.
///
/// What is watched is the validation loss or, without validation data, the training loss. An epoch is an improvement
/// if its loss is lower than the best by more than `minimumImprovement`.
public struct EarlyStopping: Sendable, Hashable {
  public var patience: Int
  public var minimumImprovement: Double
  /// Whether the model ends with the weights of the last epoch that was an improvement, also where it is not stopped
  /// early.
  public var restoringBest: Bool

  public init(patience: Int = 10, minimumImprovement: Double = 0, restoringBest: Bool = true) {
    guard patience > 0 else { fatalError("EarlyStopping: the patience must be at least one epoch, not \(patience)") }
    self.patience = patience
    self.minimumImprovement = minimumImprovement
    self.restoringBest = restoringBest
  }
}

/// The loss of the last epoch that was an improvement, and how long ago it was.
struct LossWatch: Sendable, Hashable, Codable {
  private(set) var best = Double.infinity
  private(set) var bestEpoch = 0
  private(set) var epochsSince = 0

  /// Takes the loss of an epoch; true if it is an improvement.
  mutating func record(_ loss: Double, epoch: Int, minimumImprovement: Double) -> Bool {
    guard loss < best - minimumImprovement else {
      epochsSince += 1
      return false
    }
    best = loss
    bestEpoch = epoch
    epochsSince = 0
    return true
  }
}
