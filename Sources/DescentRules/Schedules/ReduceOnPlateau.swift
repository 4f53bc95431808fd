/// Lowers the learning rate when a metric has stopped improving.
///
/// It watches on the host: after each epoch or validation, `update` takes the metric and gives the factor for the
/// learning rate from then on. All it remembers is in its stored properties, so a copy is a checkpoint.
public struct ReduceOnPlateau: Sendable, Hashable {
  /// Which metrics are better.
  public enum Mode: Int, Sendable, Hashable { case minimum, maximum }

  /// By how much a metric has to be better than the best one to count: by a share of the best, or by a difference.
  public enum Threshold: Sendable, Hashable {
    case relative(Double)
    case absolute(Double)
  }

  public let mode: Mode
  /// What the learning rate is multiplied by.
  public let factor: Double
  /// How many reports in a row may be no better before it is.
  public let patience: Int
  public let threshold: Threshold
  /// How many reports after a reduction are not held against it.
  public let cooldown: Int
  /// What `scale` does not fall below.
  public let minimumScale: Double

  /// The best metric so far.
  public var best: Double
  /// Reports in a row that were no better.
  public var badReports = 0
  /// Reports that will not be counted as bad.
  public var remainingCooldown = 0
  /// The factor for the learning rate.
  public var scale = 1.0

  public init(
    _ mode: Mode = .minimum, factor: Double = 0.1, patience: Int = 10, threshold: Threshold = .relative(1e-4),
    cooldown: Int = 0, minimumScale: Double = 0
  ) {
    require(factor > 0 && factor < 1, "ReduceOnPlateau: the factor must lie between 0 and 1")
    require(patience >= 0 && cooldown >= 0, "ReduceOnPlateau: patience and cooldown must not be negative")
    self.mode = mode
    self.factor = factor
    self.patience = patience
    self.threshold = threshold
    self.cooldown = cooldown
    self.minimumScale = minimumScale
    best = mode == .minimum ? .infinity : -.infinity
  }

  /// Takes the next metric and gives the factor for the learning rate from now on. NaN counts as no better.
  public mutating func update(_ metric: Double) -> Double {
    if isBetter(metric) {
      best = metric
      badReports = 0
    } else {
      badReports += 1
    }
    if remainingCooldown > 0 {
      remainingCooldown -= 1
      badReports = 0
    }
    if badReports > patience {
      scale = max(scale * factor, minimumScale)
      remainingCooldown = cooldown
      badReports = 0
    }
    return scale
  }

  private func isBetter(_ metric: Double) -> Bool {
    if !best.isFinite { return mode == .minimum ? metric < best : metric > best }
    switch (mode, threshold) {
    case (.minimum, .relative(let share)): return metric < best * (1 - share)
    case (.maximum, .relative(let share)): return metric > best * (1 + share)
    case (.minimum, .absolute(let difference)): return metric < best - difference
    case (.maximum, .absolute(let difference)): return metric > best + difference
    }
  }
}
