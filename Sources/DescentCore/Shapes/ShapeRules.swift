/// An element type and a shape: all that is known of a tensor before it is computed.
package struct TensorType: Hashable, Sendable {
  package var shape: [Int]
  package var dtype: DType

  package init(_ shape: [Int], _ dtype: DType) {
    self.shape = shape
    self.dtype = dtype
  }
}

extension Primitive {
  /// The type of the result, or why these operands do not fit.
  package func resultType(_ operands: [TensorType]) throws(ShapeError) -> TensorType {
    switch self {
    case .constant, .input: throw ShapeError(name, "leaves have no operands to infer a shape from")
    case .literal(_, let dtype): return TensorType([], dtype)
    case .iota(let shape, let axis, let dtype):
      try requireExtents(shape)
      _ = try normalizedAxis(name, axis, rank: shape.count)
      return TensorType(shape, dtype)
    case .unary(let function): return try unaryType(function, operands[0])
    case .binary(let function):
      try requireEqual(operands[0], operands[1])
      return TensorType(operands[0].shape, function.isComparison ? .bool : operands[0].dtype)
    case .select:
      try requireEqual(operands[1], operands[2])
      guard operands[0] == TensorType(operands[1].shape, .bool) else {
        throw ShapeError(name, "the condition must be bool of shape \(text(operands[1].shape))")
      }
      return operands[1]
    case .convert(let dtype): return TensorType(operands[0].shape, dtype)
    case .identity, .stopGradient, .custom: return operands[0]
    #if !hasFeature(Embedded)
      case .fused: return operands[0]
    #endif
    case .reshape(let shape):
      try requireExtents(shape)
      guard shape.elementCount == operands[0].shape.elementCount else {
        throw ShapeError(
          name,
          "\(text(operands[0].shape)) has \(operands[0].shape.elementCount) elements, \(text(shape)) has "
            + "\(shape.elementCount); they must be equal")
      }
      return TensorType(shape, operands[0].dtype)
    case .transpose(let permutation): return try transposeType(permutation, operands[0])
    case .broadcast(let shape, let axes): return try broadcastType(shape, axes, operands[0])
    case .slice(let starts, let extents, let strides): return try sliceType(starts, extents, strides, operands[0])
    case .pad(let low, let high, let interior): return try padType(low, high, interior, operands[0])
    case .concatenate(let axis): return try concatenateType(axis, operands)
    case .reverse(let axes):
      _ = try normalizedAxes(name, axes, rank: operands[0].shape.count)
      return operands[0]
    case .dot(let axes): return try dotType(axes, operands[0], operands[1])
    #if !hasFeature(Embedded)
      case .convolution(let window): return try window.resultType(operands[0], operands[1])
    #endif
    case .reduce(let reduction, let axes): return try reduceType(reduction, axes, operands[0])
    case .argReduce(_, let axis):
      return TensorType(try removing(axis, from: operands[0], mayBeEmpty: false), .int32)
    case .cumulativeSum(let axis, _, _):
      _ = try normalizedAxis(name, axis, rank: operands[0].shape.count)
      return operands[0]
    case .argSort(let axis, _):
      _ = try normalizedAxis(name, axis, rank: operands[0].shape.count)
      return TensorType(operands[0].shape, .int32)
    case .gather(let axis, let batchRank): return try gatherType(axis, batchRank, operands[0], operands[1])
    case .scatterAdd(let axis, let batchRank, let extent):
      return try scatterType(axis, batchRank, extent, operands[0], operands[1])
    case .random(let sample, let dtype, _): return try randomType(sample, dtype, operands[0])
    }
  }

  private func requireExtents(_ shape: [Int]) throws(ShapeError) {
    guard shape.allSatisfy({ $0 >= 0 }) else {
      throw ShapeError(name, "\(text(shape)) has a negative extent")
    }
  }

  private func requireEqual(_ a: TensorType, _ b: TensorType) throws(ShapeError) {
    guard a.dtype == b.dtype else {
      throw ShapeError(name, "element types \(a.dtype.name) and \(b.dtype.name) differ; cast one of them")
    }
    guard a.shape == b.shape else {
      throw ShapeError(name, "shapes \(text(a.shape)) and \(text(b.shape)) differ; broadcast them first")
    }
  }

  private func unaryType(_ function: Unary, _ operand: TensorType) throws(ShapeError) -> TensorType {
    guard operand.dtype.isFloat || function.acceptsIntegers else {
      throw ShapeError(name, "is not defined on \(operand.dtype.name); cast to float32 first")
    }
    guard function != .not || operand.dtype == .bool else {
      throw ShapeError(name, "needs bool, not \(operand.dtype.name)")
    }
    return operand
  }

  private func transposeType(_ permutation: [Int], _ operand: TensorType) throws(ShapeError) -> TensorType {
    let rank = operand.shape.count
    guard permutation.sorted() == Array(0..<rank) else {
      throw ShapeError(
        name, "\(text(permutation)) is not a permutation of the \(rank) axes of shape \(text(operand.shape))")
    }
    return TensorType(permutation.map { operand.shape[$0] }, operand.dtype)
  }

  private func broadcastType(_ shape: [Int], _ axes: [Int], _ operand: TensorType) throws(ShapeError) -> TensorType {
    try requireExtents(shape)
    var fits = axes.count == operand.shape.count
    for (index, axis) in axes.enumerated() where fits {
      let isAscending = index == 0 || axes[index - 1] < axis
      fits =
        isAscending && shape.indices.contains(axis)
        && (operand.shape[index] == 1 || operand.shape[index] == shape[axis])
    }
    guard fits else {
      throw ShapeError(
        name,
        "\(text(operand.shape)) does not broadcast to \(text(shape)); aligned at the last axis, extents must be equal "
          + "or 1")
    }
    return TensorType(shape, operand.dtype)
  }

  private func sliceType(
    _ starts: [Int], _ extents: [Int], _ strides: [Int], _ operand: TensorType
  ) throws(ShapeError) -> TensorType {
    let rank = operand.shape.count
    guard starts.count == rank && extents.count == rank && strides.count == rank else {
      throw ShapeError(name, "\(starts.count) ranges for a tensor of rank \(rank)")
    }
    for axis in 0..<rank {
      let last = starts[axis] + (extents[axis] - 1) * strides[axis]
      let isEmpty = extents[axis] == 0 && starts[axis] >= 0 && starts[axis] <= operand.shape[axis]
      guard
        strides[axis] > 0
          && (isEmpty || (extents[axis] > 0 && starts[axis] >= 0 && last < operand.shape[axis]))
      else {
        throw ShapeError(
          name,
          "axis \(axis) of shape \(text(operand.shape)) has no \(extents[axis]) elements from \(starts[axis]) by "
            + "\(strides[axis])")
      }
    }
    return TensorType(extents, operand.dtype)
  }

  private func padType(
    _ low: [Int], _ high: [Int], _ interior: [Int], _ operand: TensorType
  ) throws(ShapeError) -> TensorType {
    let rank = operand.shape.count
    guard low.count == rank && high.count == rank && interior.count == rank else {
      throw ShapeError(name, "\(low.count) paddings for a tensor of rank \(rank)")
    }
    guard (low + high + interior).allSatisfy({ $0 >= 0 }) else {
      throw ShapeError(name, "paddings must not be negative; slice instead")
    }
    let shape = (0..<rank).map { axis in
      let extent = operand.shape[axis]
      return low[axis] + extent + max(extent - 1, 0) * interior[axis] + high[axis]
    }
    return TensorType(shape, operand.dtype)
  }

  private func concatenateType(_ axis: Int, _ operands: [TensorType]) throws(ShapeError) -> TensorType {
    guard let first = operands.first else { throw ShapeError(name, "needs at least one tensor") }
    let axis = try normalizedAxis(name, axis, rank: first.shape.count)
    var shape = first.shape
    for operand in operands.dropFirst() {
      var expected = operand.shape
      if expected.count == shape.count { expected[axis] = first.shape[axis] }
      guard expected == first.shape && operand.dtype == first.dtype else {
        throw ShapeError(
          name,
          "\(first.dtype.name)\(text(first.shape)) and \(operand.dtype.name)\(text(operand.shape)) differ beyond axis "
            + "\(axis)")
      }
      shape[axis] += operand.shape[axis]
    }
    return TensorType(shape, first.dtype)
  }

  private func dotType(_ axes: DotAxes, _ left: TensorType, _ right: TensorType) throws(ShapeError) -> TensorType {
    guard left.dtype == right.dtype else {
      throw ShapeError(name, "element types \(left.dtype.name) and \(right.dtype.name) differ; cast one of them")
    }
    let pairs = zip(axes.leftBatch + axes.leftContracting, axes.rightBatch + axes.rightContracting)
    for (l, r) in pairs where left.shape[l] != right.shape[r] {
      throw ShapeError(
        name,
        "\(text(left.shape)) and \(text(right.shape)) do not match: axis \(l) of the first has extent "
          + "\(left.shape[l]), axis \(r) of the second \(right.shape[r]); they must be equal")
    }
    let shape =
      axes.leftBatch.map { left.shape[$0] } + axes.leftFree(rank: left.shape.count).map { left.shape[$0] }
      + axes.rightFree(rank: right.shape.count).map { right.shape[$0] }
    return TensorType(shape, left.dtype)
  }

  private func reduceType(
    _ reduction: Reduction, _ axes: [Int], _ operand: TensorType
  ) throws(ShapeError) -> TensorType {
    let axes = try normalizedAxes(name, axes, rank: operand.shape.count)
    let reduced = axes.map { operand.shape[$0] }
    guard reduction == .sum || reduced.elementCount > 0 else {
      throw ShapeError(name, "an empty axis of shape \(text(operand.shape)) has no extreme element")
    }
    let shape = operand.shape.indices.filter { !axes.contains($0) }.map { operand.shape[$0] }
    return TensorType(shape, operand.dtype)
  }

  private func removing(
    _ axis: Int, from operand: TensorType, mayBeEmpty: Bool
  ) throws(ShapeError) -> [Int] {
    let axis = try normalizedAxis(name, axis, rank: operand.shape.count)
    guard mayBeEmpty || operand.shape[axis] > 0 else {
      throw ShapeError(name, "axis \(axis) of shape \(text(operand.shape)) is empty")
    }
    var shape = operand.shape
    shape.remove(at: axis)
    return shape
  }

  private func gatherType(
    _ axis: Int, _ batchRank: Int, _ operand: TensorType, _ indices: TensorType
  ) throws(ShapeError) -> TensorType {
    let axis = try normalizedAxis(name, axis, rank: operand.shape.count)
    try requireIndices(batchRank, axis, operand.shape, indices)
    let shape =
      Array(operand.shape[..<axis]) + Array(indices.shape[batchRank...]) + Array(operand.shape[(axis + 1)...])
    return TensorType(shape, operand.dtype)
  }

  private func scatterType(
    _ axis: Int, _ batchRank: Int, _ extent: Int, _ updates: TensorType, _ indices: TensorType
  ) throws(ShapeError) -> TensorType {
    let picks = indices.shape.count - batchRank
    let rank = updates.shape.count - picks + 1
    let axis = try normalizedAxis(name, axis, rank: rank)
    let shape = Array(updates.shape[..<axis]) + [extent] + Array(updates.shape[(axis + picks)...])
    try requireIndices(batchRank, axis, shape, indices)
    guard Array(updates.shape[axis..<(axis + picks)]) == Array(indices.shape[batchRank...]) else {
      throw ShapeError(
        name,
        "updates \(text(updates.shape)) do not have the shape of the indices \(text(indices.shape)) at axis \(axis)")
    }
    return TensorType(shape, updates.dtype)
  }

  private func requireIndices(
    _ batchRank: Int, _ axis: Int, _ shape: [Int], _ indices: TensorType
  ) throws(ShapeError) {
    guard indices.dtype == .int32 || indices.dtype == .int64 || indices.dtype == .uint8 else {
      throw ShapeError(name, "indices must be int32, int64 or uint8, not \(indices.dtype.name)")
    }
    guard
      batchRank <= axis && batchRank <= indices.shape.count
        && Array(shape[..<batchRank]) == Array(indices.shape[..<batchRank])
    else {
      throw ShapeError(
        name, "indices \(text(indices.shape)) do not share the first \(batchRank) axes of \(text(shape))")
    }
  }

  private func randomType(_ sample: [Int], _ dtype: DType, _ keys: TensorType) throws(ShapeError) -> TensorType {
    guard keys.dtype == .int32 && keys.shape.last == 2 else {
      throw ShapeError(name, "a key is int32 of shape [..., 2], not \(keys.dtype.name)\(text(keys.shape))")
    }
    try requireExtents(sample)
    guard dtype.isFloat || dtype == .int32 else {
      throw ShapeError(name, "samples are float32, float64 or int32, not \(dtype.name)")
    }
    return TensorType(Array(keys.shape.dropLast()) + sample, dtype)
  }
}
