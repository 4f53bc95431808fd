/// Everything that determines a playground network and its training: the same settings give the same losses.
public struct PlaygroundSettings: Sendable, Hashable {
  public var pattern: PointPattern = .circle
  /// How far points stray from their pattern, 0 ... 0.5.
  public var noise = 0.0
  public var pointCount = 500
  /// The part of the points that is trained on; the rest tests.
  public var trainingShare = 0.5
  public var features: [PointFeature] = [.x, .y]
  /// The number of units of each hidden layer.
  public var hiddenLayers = [4, 2]
  public var activation: UnitActivation = .tanh
  public var optimizer: OptimizerChoice = .gradientDescent
  public var learningRate = 0.03
  public var penalty: WeightPenalty = .none
  /// λ, the price of the penalty.
  public var penaltyRate = 0.0
  public var batchSize = 10
  public var seed: UInt64 = 0

  public init() {}

  var trainingCount: Int { Int(Double(pointCount) * trainingShare + 0.5) }

  /// Throws what is wrong with the settings, if anything is.
  func validate() throws(SettingsError) {
    guard pointCount >= 2 && pointCount % 2 == 0 else {
      throw SettingsError("pointCount: there must be an even number of points, half of each class")
    }
    guard noise >= 0 && noise <= 0.5 else { throw SettingsError("noise: must lie in 0 ... 0.5") }
    guard trainingCount >= 1 && trainingCount < pointCount else {
      throw SettingsError("trainingShare: must leave points both to train on and to test on")
    }
    guard batchSize >= 1 && batchSize <= trainingCount else {
      throw SettingsError("batchSize: must lie in 1 ... \(trainingCount), the number of training points")
    }
    guard !features.isEmpty else { throw SettingsError("features: a network needs at least one") }
    guard hiddenLayers.allSatisfy({ $0 >= 1 }) else { throw SettingsError("hiddenLayers: a layer needs a unit") }
    guard learningRate > 0 && learningRate.isFinite else { throw SettingsError("learningRate: must be above 0") }
    guard penaltyRate >= 0 && penaltyRate.isFinite else { throw SettingsError("penaltyRate: must not be negative") }
  }
}

/// The function a hidden unit applies to its weighted sum.
public enum UnitActivation: Int, Sendable, CaseIterable {
  case tanh, relu, sigmoid, linear
}

/// How gradients become steps.
public enum OptimizerChoice: Int, Sendable, CaseIterable {
  case gradientDescent
  /// Gradient descent with momentum 0.9.
  case momentum
  case adam
}

/// What is added to the loss for large weights; biases are free.
public enum WeightPenalty: Int, Sendable, CaseIterable {
  case none
  /// λ Σ |w|.
  case l1
  /// ½ λ Σ w².
  case l2
}

/// Why settings describe no network.
public struct SettingsError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
