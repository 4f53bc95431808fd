/// A loss that is NaN or infinite: where that began, and what to do.
public struct NonFiniteLoss: Equatable, Sendable, CustomStringConvertible {
  /// What made the loss NaN or infinite.
  public enum Cause: Equatable, Sendable, CustomStringConvertible {
    /// An input is not finite. `feature` is its name, or "feature 3".
    case input(value: Float, feature: String, rowNumber: Int?)
    /// A target is not finite.
    case target(value: Float, rowNumber: Int?)
    /// Weights are not finite to begin with.
    case weights(path: String)
    /// An operation gave a value that is not finite for finite operands. `layer` is nil in the loss itself.
    case operation(name: String, value: Float, layer: String?, rowNumber: Int?)

    public var description: String {
      switch self {
      case .input(let value, let feature, let row): "The input \(feature)\(place(row)) is \(word(value))."
      case .target(let value, let row): "The target\(place(row)) is \(word(value))."
      case .weights(let path): "The weights \(path) are not finite."
      case .operation(let name, let value, let layer, let row):
        "It began with \(word(value)) from \(name) in \(layer.map { "layer \($0)" } ?? "the loss")"
          + "\(row.map { ", row \($0)" } ?? "")."
      }
    }

    private func place(_ row: Int?) -> String { row.map { " of row \($0)" } ?? "" }
  }

  /// The number of the step, from 1.
  public let step: Int
  public let loss: Float
  /// The rows of the batch.
  public let rowNumbers: [Int]
  public let cause: Cause?
  /// Whether the step was undone, so that the model has the weights from before it.
  public let isUndone: Bool

  /// What happened, without the rows of the batch.
  var finding: String { "The loss is \(word(loss)) at step \(step)." + (cause.map { " \($0)" } ?? "") }

  /// Whether training itself led there, rather than what the rows hold.
  var isDivergence: Bool {
    switch cause {
    case .input, .target: false
    case .weights, .operation, nil: true
    }
  }

  public var description: String {
    var sentences = [finding]
    if !rowNumbers.isEmpty { sentences.append("The batch has \(rowText(rowNumbers)).") }
    sentences.append(advice)
    sentences.append(
      isUndone
        ? "The model has the weights from before this step."
        : "The model has the weights from after this step; go back to a checkpoint.")
    return sentences.joined(separator: " ")
  }

  private var advice: String {
    isDivergence
      ? "Try a lower learning rate, limit the gradients with clipping, or scale the inputs."
      : "Correct or leave out such rows."
  }
}

/// The sign of a NaN means nothing.
private func word(_ value: Float) -> String { value.isNaN ? "nan" : "\(value)" }
