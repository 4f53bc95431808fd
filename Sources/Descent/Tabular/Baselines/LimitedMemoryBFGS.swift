/// Minimises a smooth function: L-BFGS (Liu & Nocedal 1989) with steps halved until the function falls enough (Armijo).
package struct LimitedMemoryBFGS: Sendable {
  /// How many of the last steps shape the next.
  package var memory = 10
  package var maximumIterations = 1000
  /// The largest component that a gradient may have at a minimum.
  package var tolerance = 1e-7

  package struct Minimum: Sendable {
    package let point: [Double]
    package let value: Double
    package let iterations: Int
    package let isConverged: Bool
  }

  package typealias Objective = ([Double]) -> (value: Double, gradient: [Double])

  package init() {}

  package func minimum(from start: [Double], of objective: Objective) -> Minimum {
    var point = start
    var (value, gradient) = objective(point)
    var curvature = Curvature(memory: memory)
    for iteration in 0..<maximumIterations {
      if gradient.allSatisfy({ abs($0) <= tolerance }) {
        return Minimum(point: point, value: value, iterations: iteration, isConverged: true)
      }
      let direction = curvature.direction(down: gradient)
      let slope = dot(direction, gradient)
      // Without memory the direction is the plain gradient, whose length says nothing of how far to go.
      var size = curvature.isEmpty ? min(1, 1 / dot(gradient, gradient).squareRoot()) : 1
      var next = point
      var found = objective(point)
      repeat {
        for index in point.indices { next[index] = point[index] + size * direction[index] }
        found = objective(next)
        size /= 2
      } while !(found.value <= value + 2e-4 * size * slope) && size > 1e-20
      guard found.value < value else {
        return Minimum(point: point, value: value, iterations: iteration, isConverged: false)
      }
      curvature.record(step: difference(next, point), change: difference(found.gradient, gradient))
      (point, value, gradient) = (next, found.value, found.gradient)
    }
    return Minimum(point: point, value: value, iterations: maximumIterations, isConverged: false)
  }
}

/// What the last steps tell of the function's second derivative.
private struct Curvature {
  private let memory: Int
  private var pairs: [(step: [Double], change: [Double], product: Double)] = []

  init(memory: Int) { self.memory = memory }

  var isEmpty: Bool { pairs.isEmpty }

  mutating func record(step: [Double], change: [Double]) {
    let product = dot(step, change)
    guard product > 1e-14 * dot(change, change) else { return }  // not convex along this step
    if pairs.count == memory { pairs.removeFirst() }
    pairs.append((step, change, product))
  }

  /// −H·g with the approximate inverse H of the second derivative.
  func direction(down gradient: [Double]) -> [Double] {
    var result = gradient.map { -$0 }
    var shares: [Double] = []
    for pair in pairs.reversed() {
      let share = dot(pair.step, result) / pair.product
      for index in result.indices { result[index] -= share * pair.change[index] }
      shares.append(share)
    }
    if let last = pairs.last {
      let scale = last.product / dot(last.change, last.change)
      for index in result.indices { result[index] *= scale }
    }
    for (pair, share) in zip(pairs, shares.reversed()) {
      let correction = share - dot(pair.change, result) / pair.product
      for index in result.indices { result[index] += correction * pair.step[index] }
    }
    return result
  }
}

private func dot(_ left: [Double], _ right: [Double]) -> Double {
  var sum = 0.0
  for index in left.indices { sum += left[index] * right[index] }
  return sum
}

private func difference(_ left: [Double], _ right: [Double]) -> [Double] { zip(left, right).map { $0 - $1 } }
