import DescentCPU
import DescentCore
import DescentRules

extension Loss {
  /// Looks for targets that the loss has no meaning for.
  func check(_ dataset: Dataset) throws(TrainingError) {
    guard let labels else { return }
    let targets = dataset.targets.memory
    let width = max(1, dataset.targetRowShape.elementCount)
    for index in 0..<targets.count where !labels.contains(targets[index].real) {
      throw .unsuitableTarget(
        targets[index].real, rowNumber: dataset.rowNumbers(at: [index / width])[0], loss: name, expected: labels)
    }
  }
}
