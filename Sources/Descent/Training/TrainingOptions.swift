public import DescentCore
public import DescentRules

/// How a model is trained on a dataset: how long, in which batches, and what is watched meanwhile.
public struct TrainingOptions: Sendable {
  /// How often training goes through the data.
  public var epochs: Int
  public var batchSize: Int
  /// Whether each epoch goes through the rows in another order.
  public var shuffles: Bool
  /// Whether a last batch with fewer rows is left out.
  public var dropsPartialBatch: Bool
  /// What the order of the rows and random layers follow from: same seed, same bits.
  public var seed: UInt64
  public var penalties: [Penalty]
  /// What is measured after each epoch: of the validation data if there are any, else of the training data. Each needs
  /// a name of its own.
  public var metrics: [Metric]
  public var earlyStopping: EarlyStopping?
  public var plateau: ReduceOnPlateau?
  /// In how many parts a batch is computed, one after the other, whose gradients add up: large batches in little memory.
  public var accumulation: Int
  /// What matrix products and convolutions of a step multiply, forward and backward. Weights and what the optimizer
  /// remembers stay float32, and losses and metrics of an epoch are measured in float32.
  public var precision: Precision
  /// How many rows are measured at once at the end of an epoch; nil for those of a batch, but no fewer than 256. Smaller
  /// ones need less memory where rows are large.
  public var evaluationBatchSize: Int?
  /// Reports progress within an epoch after every so many batches; nil reports at its end only.
  public var reportInterval: Int?

  public init(
    epochs: Int, batchSize: Int = 32, shuffles: Bool = true, dropsPartialBatch: Bool = false, seed: UInt64 = 0,
    penalties: [Penalty] = [], metrics: [Metric] = [], earlyStopping: EarlyStopping? = nil,
    plateau: ReduceOnPlateau? = nil, accumulation: Int = 1, precision: Precision = .float32,
    evaluationBatchSize: Int? = nil, reportInterval: Int? = nil
  ) {
    guard
      epochs >= 0 && batchSize > 0 && accumulation > 0 && evaluationBatchSize ?? 1 > 0 && reportInterval ?? 1 > 0
    else {
      fatalError("TrainingOptions: epochs \(epochs) and batch size \(batchSize) must not be negative or 0")
    }
    self.epochs = epochs
    self.batchSize = batchSize
    self.shuffles = shuffles
    self.dropsPartialBatch = dropsPartialBatch
    self.seed = seed
    self.penalties = penalties
    self.metrics = metrics
    self.earlyStopping = earlyStopping
    self.plateau = plateau
    self.accumulation = accumulation
    self.precision = precision
    self.evaluationBatchSize = evaluationBatchSize
    self.reportInterval = reportInterval
  }
}
