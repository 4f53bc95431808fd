/// What training recorded, epoch by epoch. Printing it gives a table.
public struct History: Sendable, Hashable, Codable, CustomStringConvertible {
  public struct Epoch: Sendable, Hashable, Codable {
    /// The number of the epoch, from 1.
    public let number: Int
    /// The mean training loss over the epoch, while the weights changed.
    public let loss: Double
    public let validationLoss: Double?
    /// Metrics by name, of the validation data if there are any, else of the training data.
    public let metrics: [String: Double]
    /// The learning rate of the last step.
    public let learningRate: Double
    public let seconds: Double
  }

  /// Of training that was stopped within an epoch the last one is that of its steps until then.
  public internal(set) var epochs: [Epoch] = []
  /// The number of the last epoch that was an improvement, which without a least improvement is the one with the lowest
  /// loss that was watched; 0 before the first.
  public internal(set) var bestEpoch = 0
  /// Whether training ended before its last epoch because it no longer helped.
  public internal(set) var stoppedEarly = false

  public init() {}

  /// The names under which values can be read.
  public var names: [String] {
    guard let last = epochs.last else { return [] }
    let validation = last.validationLoss == nil ? [] : ["validationLoss"]
    return ["loss"] + validation + last.metrics.keys.sorted() + ["learningRate", "seconds"]
  }

  /// The names of values that are not metrics.
  static let ownNames = ["loss", "validationLoss", "learningRate", "seconds"]

  /// The values of all epochs called `name`: "loss", "validationLoss", "learningRate", "seconds" or a metric. Empty if
  /// nothing was recorded under that name.
  public subscript(name: String) -> [Double] { epochs.compactMap { $0[name] } }

  /// All values by name.
  public var dictionary: [String: [Double]] { Dictionary(uniqueKeysWithValues: names.map { ($0, self[$0]) }) }

  /// One line an epoch; the best is marked.
  public var description: String {
    let names = names.filter { $0 != "seconds" }
    let header = ["epoch"] + names
    let rows = epochs.map { epoch in
      ["\(epoch.number)\(epoch.number == bestEpoch ? "*" : "")"] + names.map { epoch[$0].map(shortText) ?? "" }
    }
    let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max()! }
    return ([header] + rows).map { row in
      zip(row, widths).map { cell, width in String(repeating: " ", count: width - cell.count) + cell }
        .joined(separator: "  ")
    }.joined(separator: "\n")
  }
}

extension History.Epoch {
  subscript(name: String) -> Double? {
    switch name {
    case "loss": loss
    case "validationLoss": validationLoss
    case "learningRate": learningRate
    case "seconds": seconds
    default: metrics[name]
    }
  }
}
