/// How far training is.
public struct Progress: Sendable, Hashable {
  /// The number of the current epoch, from 1.
  public let epoch: Int
  public let epochs: Int
  /// How many batches of the epoch are done.
  public let batch: Int
  public let batches: Int
  /// How many steps were made in all.
  public let step: Int
  /// The mean training loss of the epoch so far.
  public let loss: Double
  /// Measured at the end of an epoch.
  public let validationLoss: Double?
  /// Measured at the end of an epoch.
  public let metrics: [String: Double]
  public let learningRate: Double
  /// The time trained so far.
  public let seconds: Double

  /// Whether the epoch is complete.
  public var isEpochEnd: Bool { batch == batches }
  /// The share of all steps that is done.
  public var fraction: Double {
    (Double(epoch - 1) + Double(batch) / Double(batches)) / Double(epochs)
  }
}

extension Progress: CustomStringConvertible {
  /// `epoch 10/60  loss 0.02876  validation 0.09043`, with batches within an epoch and metrics where there are any.
  public var description: String {
    var text = "epoch \(epoch)/\(epochs)"
    if !isEpochEnd { text += "  batch \(batch)/\(batches)" }
    text += "  loss \(shortText(loss))"
    if let validationLoss { text += "  validation \(shortText(validationLoss))" }
    for (name, value) in metrics.sorted(by: { $0.key < $1.key }) { text += "  \(name) \(shortText(value))" }
    return text
  }
}
