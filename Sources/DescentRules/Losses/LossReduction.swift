import DescentCore

/// What becomes of the losses of the elements or examples.
public enum LossReduction: Sendable, Hashable {
  case mean, sum
  /// They are returned one by one.
  case none

  func callAsFunction(_ losses: Tensor) -> Tensor {
    switch self {
    case .mean: losses.mean()
    case .sum: losses.sum()
    case .none: losses
    }
  }
}

/// Predictions and targets in the predictions' shape and element type. A difference in axes of extent 1 is made up, for
/// [n, 1] and [n] mean the same column; anything else would broadcast silently, and stops the program.
func aligned(_ loss: String, _ predictions: Tensor, _ targets: Tensor) -> (predictions: Tensor, targets: Tensor) {
  let isSame = predictions.shape.filter { $0 != 1 } == targets.shape.filter { $0 != 1 }
  require(
    isSame,
    "\(loss): predictions have shape \(text(predictions.shape)), targets \(text(targets.shape)); they must be equal")
  let predictions = predictions.dtype.isFloat ? predictions : predictions.cast(to: .float32)
  return (predictions, targets.reshaped(predictions.shape).cast(to: predictions.dtype))
}
