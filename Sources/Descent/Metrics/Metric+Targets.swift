import DescentCore

extension [Metric] {
  /// Looks for targets that are no classes of the model, where a metric is one of classes.
  ///
  /// - Parameter outputs: what the model answers for one row.
  func check(_ dataset: Dataset, outputs: @autoclosure () -> Tensor) throws(TrainingError) {
    guard let metric = first(where: { $0.isOfClasses }) else { return }
    let shape = outputs().shape
    let width = shape.count < 2 ? 1 : shape.last!
    // With as many targets as outputs, the largest marks the class, whatever it is.
    guard width > 0, width == 1 || dataset.targetRowShape.elementCount < shape.elementCount else { return }
    let encoding = dataset.targetEncoding
    func decoded(_ target: Double) -> Double { encoding.map { $0.decoded(target) } ?? target }
    let found = try dataset.firstTarget { ClassifiedRows.position(ofTarget: decoded($0), width: width) == nil }
    guard let found else { return }
    throw .unsuitableTarget(
      decoded(found.target), rowNumber: found.rowNumber, of: "metric \(metric.name)",
      expected: "that are classes from 0 to \(ClassifiedRows.classCount(width: width) - 1)")
  }
}
