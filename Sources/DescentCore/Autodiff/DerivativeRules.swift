// The derivative of every primitive, one row each.

extension Primitive {
  var derivative: DerivativeRule {
    switch self {
    case .constant, .input, .literal, .iota, .random: .constant
    case .argReduce, .argSort, .stopGradient: .constant

    case .unary(let function): .elementwise { x, y in [function.partial(x[0], y)] }
    case .binary(let function) where function.isComparison: .constant
    case .binary(let function): .elementwise { x, y in function.partials(x[0], x[1], y) }
    case .custom(let rule): .custom(rule)
    #if !hasFeature(Embedded)
      case .fused: .elementwise { x, _ in x.indices.map { $0 == 0 ? Tensor(weak: 1) : nil } }
    #endif

    case .identity: .linear(in: [0]) { c, _ in [c] }
    case .convert(let dtype):
      dtype.isFloat ? .linear(in: [0]) { c, x in [c.cast(to: x[0].dtype)] } : .constant
    case .select:
      .linear(in: [1, 2]) { c, x in
        let zero = Tensor.zeros(like: c)
        return [x[0].select(c, zero), x[0].select(zero, c)]
      }

    case .reshape: .linear(in: [0]) { c, x in [c.reshaped(x[0].shape)] }
    case .transpose(let order):
      .linear(in: [0]) { c, _ in [c.transposed(order.indices.map { axis in order.firstIndex(of: axis)! })] }
    case .broadcast(_, let axes): .linear(in: [0]) { c, x in [sumToShape(c, x[0].shape, axes)] }
    case .slice(let starts, _, let strides):
      .linear(in: [0]) { c, x in [embed(c, in: x[0].shape, starts: starts, strides: strides)] }
    case .pad(let low, _, let interior):
      .linear(in: [0]) { c, x in
        [Tensor(.slice(starts: low, extents: x[0].shape, strides: interior.map { $0 + 1 }), c)]
      }
    case .concatenate(let axis):
      .linear(in: []) { c, x in c.split(x.map { $0.shape[axis] }, axis: axis) }
    case .reverse(let axes): .linear(in: [0]) { c, _ in [c.flipped(axes: axes)] }

    case .dot(let axes):
      .bilinear(
        left: { c, x in dotCotangent(axes, c, other: x[1], rank: x[0].rank, isLeft: true) },
        right: { c, x in dotCotangent(axes, c, other: x[0], rank: x[1].rank, isLeft: false) })
    #if !hasFeature(Embedded)
      case .convolution(let window):
        .bilinear(
          left: { c, x in window.inputCotangent(c, x[0], x[1]) },
          right: { c, x in window.weightsCotangent(c, x[0], x[1]) })
    #endif
    case .reduce(.sum, let axes):
      .linear(in: [0]) { c, x in [broadcastOver(c, axes, shape: x[0].shape)] }
    case .reduce(_, let axes):
      .reduction(axes: axes) { x, y in
        let wins = (x .== broadcastOver(y, axes, shape: x.shape)).cast(to: x.dtype)
        return wins / broadcastOver(wins.sum(axes: axes), axes, shape: x.shape)
      }
    case .cumulativeSum(let axis, let reverse, let exclusive):
      .linear(in: [0]) { c, _ in [c.cumulativeSum(axis: axis, reverse: !reverse, exclusive: exclusive)] }

    case .gather(let axis, let batchRank):
      .linear(in: [0]) { c, x in
        [Tensor(.scatterAdd(axis: axis, batchRank: batchRank, extent: x[0].shape[axis]), c, x[1])]
      }
    case .scatterAdd(let axis, let batchRank, _):
      .linear(in: [0]) { c, x in [Tensor(.gather(axis: axis, batchRank: batchRank), c, x[1])] }
    }
  }
}

/// Sums a broadcast's result back to its operand's shape.
private func sumToShape(_ c: Tensor, _ shape: [Int], _ axes: [Int]) -> Tensor {
  var repeated: [Int] = []
  for axis in 0..<c.rank {
    let position = axes.firstIndex(of: axis)
    if position == nil || (shape[position!] == 1 && c.shape[axis] != 1) { repeated.append(axis) }
  }
  return (repeated.isEmpty ? c : c.sum(axes: repeated)).reshaped(shape)
}

/// Puts a slice's elements back where they came from, among zeros.
private func embed(_ c: Tensor, in shape: [Int], starts: [Int], strides: [Int]) -> Tensor {
  var high: [Int] = []
  for axis in shape.indices {
    let extent = c.shape[axis]
    let covered = extent == 0 ? 0 : (extent - 1) * strides[axis] + 1
    high.append(shape[axis] - starts[axis] - covered)
  }
  return Tensor(.pad(low: starts, high: high, interior: strides.map { $0 - 1 }), c)
}

/// Repeats a reduction's result over the axes it lost.
private func broadcastOver(_ y: Tensor, _ axes: [Int], shape: [Int]) -> Tensor {
  let kept = shape.indices.filter { !axes.contains($0) }
  return y.shape == shape ? y : Tensor(.broadcast(shape: shape, axes: kept), y)
}

/// The cotangent of one operand of a product: again a product, of the cotangent with the other operand.
private func dotCotangent(_ axes: DotAxes, _ c: Tensor, other: Tensor, rank: Int, isLeft: Bool) -> Tensor {
  let batch = axes.leftBatch.count
  let (ownBatch, otherBatch) = isLeft ? (axes.leftBatch, axes.rightBatch) : (axes.rightBatch, axes.leftBatch)
  let (ownContracting, otherContracting) =
    isLeft ? (axes.leftContracting, axes.rightContracting) : (axes.rightContracting, axes.leftContracting)
  let ownFree = isLeft ? axes.leftFree(rank: rank) : axes.rightFree(rank: rank)
  let otherFree = isLeft ? axes.rightFree(rank: other.rank) : axes.leftFree(rank: other.rank)
  // The cotangent's axes: batch, left free, right free.
  let otherFreeInCotangent = otherFree.indices.map { (isLeft ? batch + ownFree.count : batch) + $0 }
  let product =
    isLeft
    ? Tensor(
      .dot(
        DotAxes(
          leftBatch: Array(0..<batch), rightBatch: otherBatch, leftContracting: otherFreeInCotangent,
          rightContracting: otherFree)), c, other)
    : Tensor(
      .dot(
        DotAxes(
          leftBatch: otherBatch, rightBatch: Array(0..<batch), leftContracting: otherFree,
          rightContracting: otherFreeInCotangent)), other, c)
  // Left: batch, own free, other's contracting axes ascending. Right: batch, other's contracting ascending, own free.
  let order = otherContracting.indices.sorted { otherContracting[$0] < otherContracting[$1] }
  let contracted = order.map { ownContracting[$0] }
  let places = ownBatch + (isLeft ? ownFree + contracted : contracted + ownFree)
  return product.transposed((0..<rank).map { axis in places.firstIndex(of: axis)! })
}
