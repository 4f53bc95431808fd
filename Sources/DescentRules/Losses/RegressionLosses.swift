public import DescentCore

// y are the predictions, t the targets, of one shape.

/// (y − t)², averaged over all elements.
public func meanSquaredError(_ predictions: Tensor, _ targets: Tensor, reduction: LossReduction = .mean) -> Tensor {
  let (y, t) = aligned("meanSquaredError", predictions, targets)
  return reduction((y - t).squared())
}

/// ½ Σ (y − t)² over the outputs of an example, averaged over the examples, which lie along the first axis.
public func halfSquaredError(_ predictions: Tensor, _ targets: Tensor, reduction: LossReduction = .mean) -> Tensor {
  let (y, t) = aligned("halfSquaredError", predictions, targets)
  let outputAxes = Array(y.shape.indices.dropFirst())
  return reduction(0.5 * (y - t).squared().sum(axes: outputAxes))  // [examples]
}

/// |y − t|, averaged over all elements. The derivative is 0 where y = t.
public func meanAbsoluteError(_ predictions: Tensor, _ targets: Tensor, reduction: LossReduction = .mean) -> Tensor {
  let (y, t) = aligned("meanAbsoluteError", predictions, targets)
  return reduction((y - t).abs())
}

/// ½d² where |d| ≤ δ, else δ(|d| − ½δ), of the difference d = y − t, averaged over all elements (Huber 1964).
public func huber(
  _ predictions: Tensor, _ targets: Tensor, delta: Double = 1, reduction: LossReduction = .mean
) -> Tensor {
  require(delta > 0, "huber: delta must be positive")
  let (y, t) = aligned("huber", predictions, targets)
  let difference = y - t
  let size = difference.abs()
  let half: Double = delta / 2
  return reduction((size .<= delta).select(0.5 * difference.squared(), delta * (size - half)))
}
