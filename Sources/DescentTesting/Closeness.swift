public import Descent

/// Checks shape and elements: |actual − expected| ≤ tolerance · max(1, |expected|), with NaN equal to NaN and each
/// infinity to itself.
public func expectClose(
  _ actual: Tensor, _ expected: Tensor, tolerance: Double = 1e-6, _ what: String = "the tensor"
) throws {
  try require(actual.shape == expected.shape, "\(what) has shape \(actual.shape), expected \(expected.shape)")
  try expectClose(actual, expected.array(of: Double.self), tolerance: tolerance, what)
}

/// Checks the elements in row-major order: |actual − expected| ≤ tolerance · max(1, |expected|).
public func expectClose(
  _ actual: Tensor, _ expected: [Double], tolerance: Double = 1e-6, _ what: String = "the tensor"
) throws {
  let values = actual.array(of: Double.self)
  try require(values.count == expected.count, "\(what) has \(values.count) elements, expected \(expected.count)")
  var worst: (index: Int, excess: Double)?
  for (index, (value, wanted)) in zip(values, expected).enumerated() {
    let excess = distance(value, wanted)
    if excess > (worst?.excess ?? tolerance) { worst = (index, excess) }
  }
  guard let worst else { return }
  let place = position(worst.index, in: actual.shape)
  throw Mismatch(
    "\(what) is \(values[worst.index]) at \(place), expected \(expected[worst.index]) "
      + "(off by \(worst.excess), allowed \(tolerance))")
}

/// The difference relative to the expected value, absolute where that is below 1.
private func distance(_ value: Double, _ expected: Double) -> Double {
  if value == expected || value.isNaN && expected.isNaN { return 0 }
  let difference = (value - expected).magnitude / max(1, expected.magnitude)
  return difference.isFinite ? difference : .infinity
}

private func position(_ index: Int, in shape: [Int]) -> [Int] {
  var rest = index
  var result: [Int] = []
  for extent in shape.reversed() {
    result.append(rest % extent)
    rest /= extent
  }
  return result.reversed()
}
