/// What was understood of a table before training on it.
public struct TabularPlan: Sendable {
  public let table: TableSummary
  public let source: String
  public let decision: TaskDecision
  public let checks: [DataCheck]
  public let split: Split
  public let preprocessing: TablePreprocessing
  public let configuration: TabularConfiguration
  public let batchSize: Int
  /// The sizes of the layers from the features to the outputs.
  public let layerSizes: [Int]
  public let parameterCount: Int
}

/// What training gave, beside the model.
public struct TabularReport: Sendable {
  public let plan: TabularPlan
  public let history: History
  /// Whether it was asked to stop before its time.
  public let wasCancelled: Bool
  public let test: TabularTest
}

/// The scores on the test rows, which nothing was fitted to, of the network and of what it has to beat.
public struct TabularTest: Sendable, Hashable, Codable {
  public let rowCount: Int
  public let network: TabularScores
  /// Least squares for a regression, logistic regression for a classification.
  public let linear: TabularScores
  /// The mean of the target, or the majority class.
  public let trivial: TabularScores
}

/// What training reports while it runs.
public enum TabularEvent: Sendable {
  case planned(TabularPlan)
  case progressed(Progress)
  case trained(History, wasCancelled: Bool)
}

/// Where a model came from: all that is needed to make it again, and how good it was.
public struct TabularProvenance: Sendable, Hashable, Codable {
  /// The file or table it was trained on.
  public struct Source: Sendable, Hashable, Codable {
    public var name: String
    /// SHA-256 of the bytes of the file, in hexadecimal; nil for a table that was not read from one.
    public var sha256: String?

    public init(name: String, sha256: String? = nil) {
      self.name = name
      self.sha256 = sha256
    }
  }

  public let library: String
  public let source: Source
  public let rowCount: Int
  public let columnCount: Int
  public let target: String
  public let task: PredictionTask
  public let configuration: TabularConfiguration
  public let trainingRows: Int
  public let validationRows: Int
  public let epochs: Int
  public let bestEpoch: Int
  public let test: TabularTest
}
