/// Why an operation cannot be applied to operands of these shapes.
///
/// Inside a program this is a programming error: the operation that builds the graph stops with this text.
/// The rules themselves throw it, so that whatever comes from outside can be checked first.
public struct ShapeError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The operation that cannot be applied.
  public let operation: String
  /// What does not fit and, after a semicolon, what would.
  public let problem: String

  package init(_ operation: String, _ problem: String) {
    self.operation = operation
    self.problem = problem
  }

  public var description: String { "\(operation): \(problem)" }
}

/// Runs a shape rule and stops the program with its text if it fails.
@inline(__always)
package func trapping<R>(_ rule: () throws(ShapeError) -> R) -> R {
  do {
    return try rule()
  } catch {
    fatalError(error.description)
  }
}

extension [Int] {
  /// The number of elements of a tensor of this shape.
  package var elementCount: Int { reduce(1, *) }

  /// Row-major strides, in elements.
  package var rowMajorStrides: [Int] {
    var strides = [Int](repeating: 1, count: count)
    for axis in stride(from: count - 2, through: 0, by: -1) { strides[axis] = strides[axis + 1] * self[axis + 1] }
    return strides
  }
}

/// How shapes are written in messages: `[2, 3]`.
package func text(_ shape: [Int]) -> String {
  var result = "["
  for (index, extent) in shape.enumerated() { result += (index == 0 ? "" : ", ") + String(extent) }
  return result + "]"
}

/// The shape both operands broadcast to: aligned at the last axis, extents equal or one of them 1.
package func broadcastShape(_ operation: String, _ a: [Int], _ b: [Int]) throws(ShapeError) -> [Int] {
  let rank = max(a.count, b.count)
  var result = [Int](repeating: 1, count: rank)
  for axis in 0..<rank {
    let left = axis < rank - a.count ? 1 : a[axis - (rank - a.count)]
    let right = axis < rank - b.count ? 1 : b[axis - (rank - b.count)]
    guard left == right || left == 1 || right == 1 else {
      throw ShapeError(
        operation,
        "shapes \(text(a)) and \(text(b)) do not broadcast: axis \(axis - rank) has extents \(left) and \(right); "
          + "they must be equal or one of them 1")
    }
    result[axis] = left == 1 ? right : left
  }
  return result
}

/// The axis counted from the front, given one that may count from the back.
package func normalizedAxis(_ operation: String, _ axis: Int, rank: Int) throws(ShapeError) -> Int {
  guard axis >= -rank && axis < rank else {
    throw ShapeError(
      operation,
      rank == 0
        ? "there is no axis \(axis); the tensor has rank 0"
        : "there is no axis \(axis) in a tensor of rank \(rank); use \(-rank) ... \(rank - 1)")
  }
  return axis < 0 ? axis + rank : axis
}

/// Distinct axes counted from the front, in ascending order; all axes where none are given.
package func normalizedAxes(_ operation: String, _ axes: [Int]?, rank: Int) throws(ShapeError) -> [Int] {
  guard let axes else { return Array(0..<rank) }
  var result: [Int] = []
  for axis in axes {
    let normalized = try normalizedAxis(operation, axis, rank: rank)
    guard !result.contains(normalized) else { throw ShapeError(operation, "axis \(axis) is named twice") }
    result.append(normalized)
  }
  return result.sorted()
}
