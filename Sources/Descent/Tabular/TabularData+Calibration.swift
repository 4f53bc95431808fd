import DescentCPU
import DescentCore

extension TabularData {
  /// Scales the logits, and so neither order nor accuracy, such that the probabilities of the validation rows come out
  /// best (temperature scaling, Guo et al. 2017); the scale becomes part of the last layer.
  ///
  /// Minimises Σ −log p + (log₂ scale)² over scales from ¼ to 4: a few rows, all right, are no reason to be certain.
  func calibrate(_ network: Sequential) throws(TabularError) {
    guard let last = network.layers.last as? Dense else { return }
    let logits: Tensor
    do {
      logits = try network.predict(validation.inputs).cast(to: .float64)
    } catch {
      throw .evaluation(error)
    }
    let loss = head.loss()
    let scales = stride(from: -2, through: 2, by: 0.1).map { Tensor($0 * 0.6931471805599453, dtype: .float64).exp() }
    let costs = zip(scales, stride(from: -2, through: 2, by: 0.1)).map { scale, power in
      Double(validation.count) * loss(scale * logits, validation.targets) + power * power
    }
    evaluate(scales + costs)
    let values = costs.map { $0.scalar(of: Double.self) }
    guard let best = values.indices.min(by: { values[$0] < values[$1] }) else { return }
    last.weight = last.weight * scales[best]
    if let bias = last.bias { last.bias = bias * scales[best] }
  }
}
