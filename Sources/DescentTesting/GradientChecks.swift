public import Descent

/// Checks the derivatives of a function at a point, in float64 along pseudo-random directions: forward mode, reverse
/// mode and differences agree, and so do the second derivatives.
///
/// The function may return any shape; what is differentiated is the sum of its result times fixed weights. It must be
/// smooth within 0.01 of the point. Differences are of fourth order:
/// (8(f(x+hv) − f(x−hv)) − (f(x+2hv) − f(x−2hv))) / 12h with h = 10⁻³.
public func expectGradients(
  at values: [Tensor], tolerance: Double = 1e-7, secondOrder: Bool = true, _ what: String = "the function",
  of function: @escaping ([Tensor]) -> Tensor
) throws {
  let point = values.map { $0.cast(to: .float64) }
  let weights = direction(like: function(point), seed: 1)
  let scalar = { (x: [Tensor]) in (function(x) * weights).sum() }
  for seed in UInt64(2)...3 {
    let along = point.enumerated().map { direction(like: $1, seed: seed, stream: $0) }
    try expectDirectional(scalar, at: point, along: along, tolerance: tolerance, "first derivative of \(what)")
  }
  guard secondOrder else { return }
  let other = point.enumerated().map { direction(like: $1, seed: 4, stream: $0) }
  let along = point.enumerated().map { direction(like: $1, seed: 5, stream: $0) }
  let slope = { (x: [Tensor]) in dot(gradients(at: x, of: scalar), other) }
  try expectDirectional(slope, at: point, along: along, tolerance: tolerance, "second derivative of \(what)")
}

/// Checks the derivatives of a function of one tensor.
public func expectGradients(
  at value: Tensor, tolerance: Double = 1e-7, secondOrder: Bool = true, _ what: String = "the function",
  of function: @escaping (Tensor) -> Tensor
) throws {
  try expectGradients(at: [value], tolerance: tolerance, secondOrder: secondOrder, what) { function($0[0]) }
}

private func expectDirectional(
  _ function: @escaping ([Tensor]) -> Tensor, at point: [Tensor], along: [Tensor], tolerance: Double, _ what: String
) throws {
  let difference = centralDifference(function, at: point, along: along)
  let reverse = dot(gradients(at: point, of: function), along)
  try expectClose(reverse, [difference], tolerance: tolerance, "\(what) in reverse mode, against differences,")
  let forward = derivative(at: point, along: along, of: function).derivative
  try expectClose(forward, reverse, tolerance: 1e-10, "\(what) in forward mode, against reverse mode,")
}

private func centralDifference(
  _ function: ([Tensor]) -> Tensor, at point: [Tensor], along: [Tensor], step: Double = 1e-3
) -> Double {
  func value(_ multiple: Double) -> Double {
    function(zip(point, along).map { $0 + $1 * (multiple * step) }).scalar(of: Double.self)
  }
  return (8 * (value(1) - value(-1)) - (value(2) - value(-2))) / (12 * step)
}

private func dot(_ a: [Tensor], _ b: [Tensor]) -> Tensor {
  zip(a, b).map { ($0 * $1).sum() }.reduce(Tensor(0.0)) { $0 + $1 }
}

/// Fixed numbers on ± [0.5, 1.5): none of them hides an element.
private func direction(like tensor: Tensor, seed: UInt64, stream: Int = 0) -> Tensor {
  var source = RandomSource(seed, stream: UInt32(stream))
  let values = (0..<tensor.count).map { _ in
    Double.random(in: 0.5..<1.5, using: &source) * (Bool.random(using: &source) ? 1 : -1)
  }
  return Tensor(values, shape: tensor.shape, dtype: tensor.dtype)
}
