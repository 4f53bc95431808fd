// The interpreter's longer definitions.

/// Calls `body` with the offsets along an axis, and the number of the line, for every line of a shape.
func forEachLine(of shape: [Int], axis: Int, _ body: (_ line: [Int], _ index: Int) -> Void) {
  let strides = shape.rowMajorStrides
  var remaining = shape
  remaining.remove(at: axis)
  forEachPosition(of: remaining) { index, position in
    var start = position
    start.insert(0, at: axis)
    let base = offset(start, strides)
    body((0..<shape[axis]).map { base + $0 * strides[axis] }, index)
  }
}

func interpretDot(_ axes: DotAxes, _ a: HostValue, _ b: HostValue, into y: inout HostValue) {
  let leftFree = axes.leftFree(rank: a.shape.count)
  let rightFree = axes.rightFree(rank: b.shape.count)
  let contracted = axes.leftContracting.map { a.shape[$0] }
  let aStrides = a.shape.rowMajorStrides
  let bStrides = b.shape.rowMajorStrides
  let batch = axes.leftBatch.count
  forEachPosition(of: y.shape) { index, position in
    var aBase = 0
    var bBase = 0
    for (place, axis) in axes.leftBatch.enumerated() { aBase += position[place] * aStrides[axis] }
    for (place, axis) in axes.rightBatch.enumerated() { bBase += position[place] * bStrides[axis] }
    for (place, axis) in leftFree.enumerated() { aBase += position[batch + place] * aStrides[axis] }
    for (place, axis) in rightFree.enumerated() {
      bBase += position[batch + leftFree.count + place] * bStrides[axis]
    }
    var sum = 0.0
    var integerSum: Int64 = 0
    forEachPosition(of: contracted) { _, inner in
      let left = aBase + offset(inner, axes.leftContracting.map { aStrides[$0] })
      let right = bBase + offset(inner, axes.rightContracting.map { bStrides[$0] })
      if a.dtype.isFloat {
        sum += a.reals[left] * b.reals[right]
      } else {
        integerSum &+= a.integers[left] &* b.integers[right]
      }
    }
    y[index] = a.dtype.isFloat ? .real(sum) : .integer(integerSum)
  }
}

func interpretReduce(_ reduction: Reduction, _ axes: [Int], _ x: HostValue, into y: inout HostValue) {
  let kept = x.shape.indices.filter { !axes.contains($0) }
  let strides = x.shape.rowMajorStrides
  let reduced = axes.map { x.shape[$0] }
  forEachPosition(of: y.shape) { index, position in
    let base = offset(position, kept.map { strides[$0] })
    var result: ScalarValue?
    var sum = 0.0
    forEachPosition(of: reduced) { _, inner in
      let value = x[base + offset(inner, axes.map { strides[$0] })]
      sum += value.real
      switch (reduction, result) {
      case (_, nil): result = value
      case (.sum, .integer(let total)): result = .integer(total &+ value.integer)
      case (.sum, _): result = .real(sum)
      case (.max, .real(let best)): result = .real(reference(.maximum, best, value.real))
      case (.min, .real(let best)): result = .real(reference(.minimum, best, value.real))
      case (.max, .integer(let best)): result = .integer(max(best, value.integer))
      case (.min, .integer(let best)): result = .integer(min(best, value.integer))
      }
    }
    y[index] = result ?? .integer(0)
  }
}

extension ScalarValue {
  fileprivate var isNaN: Bool { real.isNaN }

  /// Whether this number of one element type is less than another; integers are compared as such.
  fileprivate func isLess(than other: ScalarValue) -> Bool {
    if case .integer(let a) = self, case .integer(let b) = other { return a < b }
    return real < other.real
  }
}

/// The first position of the extreme value; NaN is more extreme than anything.
func extreme(_ reduction: Reduction, _ values: [ScalarValue]) -> Int {
  var best = 0
  for (position, value) in values.enumerated() where !values[best].isNaN {
    let beats = reduction == .max ? values[best].isLess(than: value) : value.isLess(than: values[best])
    if value.isNaN || beats { best = position }
  }
  return best
}

/// Positions in sorted order; equal keys keep theirs, NaN is the largest key.
func stableOrder(_ keys: [ScalarValue], descending: Bool) -> [Int] {
  func isLess(_ x: ScalarValue, _ y: ScalarValue) -> Bool { !x.isNaN && (y.isNaN || x.isLess(than: y)) }
  return keys.indices.sorted { a, b in
    let (x, y) = descending ? (keys[b], keys[a]) : (keys[a], keys[b])
    return isLess(x, y) || (!isLess(y, x) && a < b)
  }
}

func interpretGather(
  _ axis: Int, _ batchRank: Int, _ values: HostValue, _ indices: HostValue, into y: inout HostValue
) throws(EvaluationError) {
  let extent = values.shape[axis]
  if y.count > 0 { try requireInRange("gather", indices, extent: extent) }
  let strides = values.shape.rowMajorStrides
  let indexStrides = indices.shape.rowMajorStrides
  let picks = indices.shape.count - batchRank
  forEachPosition(of: y.shape) { index, position in
    let pick = offset(Array(position[..<batchRank]) + Array(position[axis..<(axis + picks)]), indexStrides)
    var source = Array(position[..<axis])
    source.append(Int(indices.integers[pick]))
    source += position[(axis + picks)...]
    y[index] = values[offset(source, strides)]
  }
}

func interpretScatterAdd(
  _ axis: Int, _ batchRank: Int, _ updates: HostValue, _ indices: HostValue, into y: inout HostValue
) throws(EvaluationError) {
  if updates.count > 0 { try requireInRange("scatterAdd", indices, extent: y.shape[axis]) }
  let strides = y.shape.rowMajorStrides
  let indexStrides = indices.shape.rowMajorStrides
  let picks = indices.shape.count - batchRank
  forEachPosition(of: updates.shape) { index, position in
    let pick = offset(Array(position[..<batchRank]) + Array(position[axis..<(axis + picks)]), indexStrides)
    var target = Array(position[..<axis])
    target.append(Int(indices.integers[pick]))
    target += position[(axis + picks)...]
    let place = offset(target, strides)
    y[place] =
      y.dtype.isFloat
      ? .real(y.reals[place] + updates.reals[index]) : .integer(y.integers[place] &+ updates.integers[index])
  }
}

private func requireInRange(_ operation: String, _ indices: HostValue, extent: Int) throws(EvaluationError) {
  for index in indices.integers where index < 0 || index >= extent {
    throw EvaluationError.indexOutOfRange(operation, index: Int(index), extent: extent)
  }
}

/// As the kernels' interface states it: block j of a row is threefry(key, (j, stream)).
func interpretRandom(_ count: Int, _ stream: Int, _ keys: HostValue, into y: inout HostValue) {
  let rows = keys.count / 2
  for row in 0..<rows {
    let key = (
      UInt32(truncatingIfNeeded: keys.integers[2 * row]), UInt32(truncatingIfNeeded: keys.integers[2 * row + 1])
    )
    for element in 0..<count {
      let block = UInt32(truncatingIfNeeded: y.dtype == .float64 ? element : element / 2)
      let words = threefry(key, (block, UInt32(truncatingIfNeeded: stream)))
      let word = element % 2 == 0 ? words.0 : words.1
      switch y.dtype {
      case .float64:
        let bits = (UInt64(words.0) << 32 | UInt64(words.1)) >> 11
        y[row * count + element] = .real(Double(bits) * 0x1p-53)
      case .float32: y[row * count + element] = .real(Double(word >> 8) * 0x1p-24)
      default: y[row * count + element] = .integer(Int64(Int32(bitPattern: word)))
      }
    }
  }
}
