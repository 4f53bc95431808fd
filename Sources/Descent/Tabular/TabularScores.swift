/// The scores of predictions on some rows, by name, in the order to show them.
///
/// Regression: rSquared, meanAbsoluteError, rootMeanSquaredError, in the units of the target. Classification: accuracy,
/// balancedAccuracy (the mean over classes of the share found), logLoss, and for two classes rocAUC. A score that the
/// rows do not define, such as R² of one row, is left out.
public struct TabularScores: Sendable, Hashable {
  public struct Score: Sendable, Hashable {
    public let name: String
    public let value: Double
  }

  public let all: [Score]

  public init(_ scores: [Score]) { all = scores }

  public subscript(name: String) -> Double? { all.first { $0.name == name }?.value }

  init(named values: [(String, Double?)]) {
    all = values.compactMap { name, value in
      value.flatMap { $0.isFinite ? Score(name: name, value: $0) : nil }
    }
  }
}

extension TabularScores: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    all = try container.allKeys.sorted { $0.order < $1.order }.map { key in
      Score(name: key.stringValue, value: try container.decode(Double.self, forKey: key))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Name.self)
    for score in all { try container.encode(score.value, forKey: Name(stringValue: score.name)) }
  }

  private struct Name: CodingKey {
    static let known = [
      "rSquared", "meanAbsoluteError", "rootMeanSquaredError", "accuracy", "balancedAccuracy", "logLoss", "rocAUC",
    ]

    let stringValue: String
    var intValue: Int? { nil }
    var order: Int { Self.known.firstIndex(of: stringValue) ?? Self.known.count }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
