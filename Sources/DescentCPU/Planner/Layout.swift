import DescentCore

/// Where the elements of a value lie: in the memory of some root value, at an offset and with strides.
///
/// Transposes, slices, reversals, broadcasts and most reshapes only change the layout and cost nothing.
struct Layout: Hashable {
  /// The value whose memory holds the elements.
  var root: Int
  var offset: Int
  var strides: [Int]

  /// A value in memory of its own, dense and row-major.
  static func dense(_ root: Int, _ shape: [Int]) -> Layout {
    Layout(root: root, offset: 0, strides: shape.rowMajorStrides)
  }

  /// Whether the elements lie one after the other in row-major order.
  func isDense(_ shape: [Int]) -> Bool {
    if shape.elementCount == 0 { return true }
    var expected = 1
    for axis in shape.indices.reversed() where shape[axis] != 1 {
      if strides[axis] != expected { return false }
      expected *= shape[axis]
    }
    return true
  }

  func transposed(_ order: [Int]) -> Layout {
    Layout(root: root, offset: offset, strides: order.map { strides[$0] })
  }

  func broadcast(from shape: [Int], to result: [Int], axes: [Int]) -> Layout {
    var strides = [Int](repeating: 0, count: result.count)
    for (axis, place) in axes.enumerated() where shape[axis] != 1 { strides[place] = self.strides[axis] }
    return Layout(root: root, offset: offset, strides: strides)
  }

  func sliced(starts: [Int], strides steps: [Int]) -> Layout {
    var result = self
    for axis in starts.indices {
      result.offset += starts[axis] * strides[axis]
      result.strides[axis] = strides[axis] * steps[axis]
    }
    return result
  }

  func reversed(axes: [Int], shape: [Int]) -> Layout {
    var result = self
    for axis in axes where shape[axis] > 0 {
      result.offset += (shape[axis] - 1) * strides[axis]
      result.strides[axis] = -strides[axis]
    }
    return result
  }

  /// The layout of the same elements in another shape, where one exists.
  func reshaped(from shape: [Int], to result: [Int]) -> Layout? {
    if isDense(shape) { return Layout(root: root, offset: offset, strides: result.rowMajorStrides) }
    // Match runs of axes with equal products; inside a run the elements must lie at one stride.
    var strides = [Int](repeating: 0, count: result.count)
    var from = 0
    var to = 0
    while from < shape.count || to < result.count {
      let fromStart = from
      let toStart = to
      var left = 1
      var right = 1
      if from < shape.count {
        left *= shape[from]
        from += 1
      }
      if to < result.count {
        right *= result[to]
        to += 1
      }
      while left != right {
        if left < right {
          guard from < shape.count else { return nil }
          left *= shape[from]
          from += 1
        } else {
          guard to < result.count else { return nil }
          right *= result[to]
          to += 1
        }
      }
      guard let merged = mergedStride(Array(shape[fromStart..<from]), Array(self.strides[fromStart..<from])) else {
        return nil
      }
      var stride = merged
      for axis in (toStart..<to).reversed() {
        strides[axis] = stride
        stride *= result[axis]
      }
    }
    return Layout(root: root, offset: offset, strides: strides)
  }
}

/// The one stride at which the elements of several axes lie, taken together in row-major order, if there is one.
func mergedStride(_ extents: [Int], _ strides: [Int]) -> Int? {
  var merged: Int?
  var covered = 1
  for axis in extents.indices.reversed() where extents[axis] != 1 {
    if let merged {
      guard strides[axis] == merged * covered else { return nil }
    } else {
      merged = strides[axis]
    }
    covered *= extents[axis]
  }
  return merged ?? 1
}

/// A nest of loops in parts of at most `depth` axes: where it is deeper, its shortest axes are walked here, and every part
/// starts at offsets of its own.
func nests(
  _ extents: [Int], _ strides: [[Int]], depth: Int
) -> (extents: [Int], strides: [[Int]], starts: [[Int]]) {
  var extents = extents
  var strides = strides
  var starts = [[Int](repeating: 0, count: strides.count)]
  while extents.count > depth {
    let axis = extents.firstIndex(of: extents.min()!)!
    let steps = strides.indices.map { strides[$0].remove(at: axis) }
    starts = starts.flatMap { start in
      (0..<extents[axis]).map { place in start.indices.map { start[$0] + place * steps[$0] } }
    }
    extents.remove(at: axis)
  }
  return (extents, strides, starts)
}

/// Joins neighbouring axes along which every one of several layouts moves evenly, and drops axes of extent 1.
func collapsed(_ shape: [Int], _ strides: [[Int]]) -> (shape: [Int], strides: [[Int]]) {
  var extents: [Int] = []
  var result = strides.map { _ in [Int]() }
  for axis in shape.indices where shape[axis] != 1 {
    let last = extents.count - 1
    let joins =
      last >= 0
      && strides.indices.allSatisfy { result[$0][last] == strides[$0][axis] * shape[axis] }
    if joins {
      extents[last] *= shape[axis]
      for index in strides.indices { result[index][last] = strides[index][axis] }
    } else {
      extents.append(shape[axis])
      for index in strides.indices { result[index].append(strides[index][axis]) }
    }
  }
  return (extents, result)
}
