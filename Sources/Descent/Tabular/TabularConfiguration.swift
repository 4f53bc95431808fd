public import DescentCore

/// How a tabular model is made and trained; the defaults suit most tables.
public struct TabularConfiguration: Sendable, Hashable, Codable {
  /// The sizes of the hidden layers; none makes the model linear.
  public var hidden: [Int] = [64, 64]
  /// At most so many passes over the training rows.
  public var epochs = 300
  /// nil chooses by the number of training rows: 32 below 5,000, 128 below 50,000, else 256.
  public var batchSize: Int?
  public var learningRate = 3e-3
  /// Decoupled weight decay (AdamW) of the weights, not of biases.
  public var weightDecay = 0.1
  /// The share of each class label that is spread over all classes while training, so that the network does not become
  /// sure of what it has seen; its probabilities are set right afterwards, on the validation rows.
  public var labelSmoothing = 0.1
  /// What matrix products multiply while training; predictions are computed in float32.
  public var precision = Precision.float32
  /// Training stops after so many epochs without a lower validation loss.
  public var patience = 30
  /// The shares of the rows for early stopping and for the final test.
  public var validationShare = 0.15
  public var testShare = 0.2
  /// What the split, the initial weights and the order of the rows follow from.
  public var seed: UInt64 = 0
  /// nil lets the target's values decide.
  public var task: PredictionTask?
  /// Columns that must not be used.
  public var ignoredColumns: [String] = []

  public init() {}

  func check() throws(TabularError) {
    let problems: [ConfigurationProblem?] = [
      .ofShares(validation: validationShare, test: testShare, of: "rows"),
      .outsideCounts(["epochs": [epochs], "patience": [patience], "batchSize": [batchSize], "hidden": hidden]),
      .outside(.above0, ["learningRate": [learningRate]]),
      .outside(.atLeast0, ["weightDecay": [weightDecay]]),
      .outside(.below1, ["labelSmoothing": [labelSmoothing]]),
    ]
    for case let problem? in problems { throw .configuration(problem) }
  }

  /// The batch size for a number of training rows.
  public func batchSize(forRows rows: Int) -> Int {
    if let batchSize { return batchSize }
    return rows < 5_000 ? 32 : rows < 50_000 ? 128 : 256
  }
}

extension KeyedDecodingContainer {
  /// What the decoding that the compiler writes finds before the library's own: files from before there was a choice of
  /// precision do not name one.
  func decode(_ type: Precision.Type, forKey key: Key) throws -> Precision {
    try decodeIfPresent(type, forKey: key) ?? .float32
  }
}
