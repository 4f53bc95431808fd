public import DescentCore

/// −t log σ(x) − (1 − t) log(1 − σ(x)) of logits x and probabilities or labels t, averaged over all elements.
///
/// Computed from log(1 + e^±x), it neither overflows nor loses small losses. `positiveWeight` multiplies the first term.
public func binaryCrossEntropy(
  logits: Tensor, targets: Tensor, positiveWeight: Double = 1, reduction: LossReduction = .mean
) -> Tensor {
  let (x, t) = aligned("binaryCrossEntropy", logits, targets)
  return reduction(positiveWeight * t * (-x).softplus() + (1 - t) * x.softplus())
}

/// max(0, 1 − t·y) of scores y and labels t = ±1, averaged over all elements. The derivative at the corner is 0.
public func hinge(_ predictions: Tensor, _ targets: Tensor, reduction: LossReduction = .mean) -> Tensor {
  let (y, t) = aligned("hinge", predictions, targets)
  return reduction((1 - t * y).relu())
}

/// −Σ t log p over the classes, with p = softmax of the logits, averaged over the examples.
///
/// Targets are class numbers (integers, of the logits' shape without the class axis or with extent 1 there) or
/// probabilities (of the logits' shape). A class number that does not exist stops the evaluation.
///
/// - Parameters:
///   - axis: where the classes lie.
///   - labelSmoothing: the share s of each target that is spread evenly over the K classes: t ← (1 − s)t + s/K.
///   - classWeights: one factor w per class for its term. For class numbers the mean is the weighted one,
///     divided by Σ w of the examples' classes instead of their number.
public func softmaxCrossEntropy(
  logits: Tensor, targets: Tensor, axis: Int = -1, labelSmoothing: Double = 0, classWeights: Tensor? = nil,
  reduction: LossReduction = .mean
) -> Tensor {
  require(labelSmoothing >= 0 && labelSmoothing <= 1, "softmaxCrossEntropy: the smoothing must lie in 0 ... 1")
  let axis = logits.normalized("softmaxCrossEntropy", axis)
  let costs = -logits.logSoftmax(axis: axis).movingAxis(axis, to: -1)  // [examples…, classes]
  let classes = costs.shape[costs.rank - 1]
  require(
    classWeights.map { $0.shape == [classes] } ?? true, "softmaxCrossEntropy: needs one weight for each class")
  let weights = classWeights?.cast(to: costs.dtype)
  let kept: Double = 1 - labelSmoothing
  let weighted = weights.map { costs * $0 } ?? costs

  guard let numbers = classNumbers(targets, axis: axis, of: logits) else {
    let t = targets.cast(to: costs.dtype).movingAxis(axis, to: -1)
    let spread: Double = labelSmoothing / Double(classes)
    let smoothed = labelSmoothing > 0 ? kept * t + spread : t
    return reduction((smoothed * weighted).sum(axis: -1))
  }
  var losses = weighted.gatherElements(numbers.expanded(axis: -1), axis: -1).squeezed(axes: [-1])  // [examples…]
  if labelSmoothing > 0 { losses = kept * losses + labelSmoothing * weighted.mean(axis: -1) }
  if let weights, reduction == .mean { return losses.sum() / weights.gather(numbers).sum() }
  return reduction(losses)
}

/// The class numbers of the examples, or nil if the targets are probabilities.
private func classNumbers(_ targets: Tensor, axis: Int, of logits: Tensor) -> Tensor? {
  var examples = logits.shape
  examples.remove(at: axis)
  let isNumber = !targets.dtype.isFloat
  if isNumber && targets.shape == examples { return targets }
  if isNumber && targets.shape == logits.shapeKeeping([axis]) { return targets.reshaped(examples) }
  require(
    targets.shape == logits.shape,
    "softmaxCrossEntropy: logits have shape \(text(logits.shape)), targets \(targets.dtype.name)\(text(targets.shape)); "
      + "expected integers of shape \(text(examples)) or probabilities of the logits' shape")
  return nil
}
