import DescentCPU
package import DescentCore
import DescentRules

/// Logistic regression for two classes, softmax regression for more, in double precision.
///
/// Minimises Σ −log p + ½ λ Σ w² over all rows, intercepts free, until the gradient vanishes: with λ = 1 what
/// scikit-learn's LogisticRegression does by default.
package struct LogisticRegression: Sendable {
  /// [features, outputs], float64; one output for two classes.
  package let weights: Tensor
  /// [outputs], float64.
  package let intercepts: Tensor
  package let isConverged: Bool

  /// - Parameters:
  ///   - features: float64 [rows, features].
  ///   - targets: labels 0 and 1, [rows, 1], of two classes; class positions, int32 [rows], of more.
  package init(features: Tensor, classes: Int, targets: Tensor) {
    self.init(features: features, targets: targets, head: classes == 2 ? .twoClasses : .classes(classes))
  }

  init(features: Tensor, targets: Tensor, head: PredictionHead, l2: Double = 1) {
    let rows = Double(features.shape[0])
    let shapes = (weights: [features.shape[1], head.outputs], intercepts: [head.outputs])
    let weightCount = shapes.weights.elementCount
    func parts(_ point: [Double]) -> (weights: Tensor, intercepts: Tensor) {
      (
        Tensor(Array(point[..<weightCount]), shape: shapes.weights, dtype: .float64),
        Tensor(Array(point[weightCount...]), shape: shapes.intercepts, dtype: .float64)
      )
    }
    let loss = head.loss()
    let start = [Double](repeating: 0, count: weightCount + head.outputs)
    let minimum = LimitedMemoryBFGS().minimum(from: start) { point in
      let (weights, intercepts) = parts(point)
      let (value, gradient) = valueAndGradient(at: weights, intercepts) { weights, intercepts in
        loss(features.matmul(weights) + intercepts, targets) + l2 / (2 * rows) * weights.squared().sum()
      }
      evaluate(value, gradient.0, gradient.1)
      return (value.scalar(of: Double.self), gradient.0.array(of: Double.self) + gradient.1.array(of: Double.self))
    }
    (weights, intercepts) = parts(minimum.point)
    isConverged = minimum.isConverged
  }

  /// [rows, outputs]
  package func logits(for features: Tensor) -> Tensor { features.matmul(weights) + intercepts }
}
