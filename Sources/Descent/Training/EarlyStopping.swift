/// Stops training when it no longer helps: after `patience` epochs without improvement.
///
/// What is watched is the validation loss or, without validation data, the training loss. An epoch is an improvement
/// if its loss is lower than the best by more than `minimumImprovement`.
public struct EarlyStopping: Sendable, Hashable {
  public var patience: Int
  public var minimumImprovement: Double
  /// Whether the model ends with the weights of its best epoch, also where it is not stopped early.
  public var restoringBest: Bool

  public init(patience: Int = 10, minimumImprovement: Double = 0, restoringBest: Bool = true) {
    guard patience > 0 else { fatalError("EarlyStopping: the patience must be at least one epoch, not \(patience)") }
    self.patience = patience
    self.minimumImprovement = minimumImprovement
    self.restoringBest = restoringBest
  }
}

/// Lowers the learning rate where the loss no longer falls: times `factor` after `patience` epochs without improvement.
public struct ReduceOnPlateau: Sendable, Hashable {
  public var factor: Double
  public var patience: Int
  public var minimumImprovement: Double
  /// The scale of the learning rate is not lowered below this.
  public var minimumScale: Double

  public init(factor: Double = 0.5, patience: Int = 5, minimumImprovement: Double = 1e-4, minimumScale: Double = 1e-3) {
    guard factor > 0 && factor < 1 && patience > 0 else {
      fatalError("ReduceOnPlateau: needs a factor between 0 and 1 and a patience of at least one epoch")
    }
    self.factor = factor
    self.patience = patience
    self.minimumImprovement = minimumImprovement
    self.minimumScale = minimumScale
  }
}

/// The lowest loss so far, and how long ago it was.
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

  /// Starts to wait anew without forgetting the best.
  mutating func restartWaiting() { epochsSince = 0 }
}
