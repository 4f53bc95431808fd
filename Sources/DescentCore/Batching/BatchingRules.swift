/// An operand of a batched operation: one tensor per example, or one for all.
enum BatchedOperand {
  case batched(Tensor)
  case shared(Tensor)

  /// With the batch in front, repeated if it was shared.
  func materialized(_ size: Int) -> Tensor {
    switch self {
    case .batched(let tensor): tensor
    case .shared(let tensor):
      Tensor(.broadcast(shape: [size] + tensor.shape, axes: Array(1..<(tensor.rank + 1))), tensor)
    }
  }

  var isBatched: Bool {
    if case .batched = self { true } else { false }
  }
}

// The batched form of every primitive, one row each: the operands' batches lie in axis 0, and so does the result's.

extension Primitive {
  func batched(_ operands: [BatchedOperand], in batch: Batch) -> Tensor {
    let size = batch.size
    func all() -> [Tensor] { operands.map { $0.materialized(size) } }
    func shifted(_ axes: [Int]) -> [Int] { axes.map { $0 + 1 } }
    switch self {
    case .constant, .input, .literal, .iota:
      fatalError("vmap: \(name) has no operands to batch")
    case .unary, .binary, .select, .convert, .identity, .stopGradient: return Tensor(self, all())
    case .custom(let rule): return Tensor(.custom(rule.batched(in: batch)), all())
    #if !hasFeature(Embedded)
      case .fused: return Tensor(self, all())
    #endif
    case .reshape(let shape): return Tensor(.reshape([size] + shape), all())
    case .transpose(let order): return Tensor(.transpose([0] + shifted(order)), all())
    case .broadcast(let shape, let axes):
      return Tensor(.broadcast(shape: [size] + shape, axes: [0] + shifted(axes)), all())
    case .slice(let starts, let extents, let strides):
      return Tensor(.slice(starts: [0] + starts, extents: [size] + extents, strides: [1] + strides), all())
    case .pad(let low, let high, let interior):
      return Tensor(.pad(low: [0] + low, high: [0] + high, interior: [0] + interior), all())
    case .concatenate(let axis): return Tensor(.concatenate(axis: axis + 1), all())
    case .reverse(let axes): return Tensor(.reverse(axes: shifted(axes)), all())
    case .dot(let axes): return batchedDot(axes, operands)
    #if !hasFeature(Embedded)
      case .convolution(let window): return window.batched(operands, size: size)
    #endif
    case .reduce(let reduction, let axes): return Tensor(.reduce(reduction, axes: shifted(axes)), all())
    case .argReduce(let reduction, let axis): return Tensor(.argReduce(reduction, axis: axis + 1), all())
    case .cumulativeSum(let axis, let reverse, let exclusive):
      return Tensor(.cumulativeSum(axis: axis + 1, reverse: reverse, exclusive: exclusive), all())
    case .argSort(let axis, let descending): return Tensor(.argSort(axis: axis + 1, descending: descending), all())
    case .gather(let axis, let batchRank):
      if case .shared(let indices) = operands[1], batchRank == 0 {
        return Tensor(.gather(axis: axis + 1, batchRank: 0), operands[0].materialized(size), indices)
      }
      if case .shared(let values) = operands[0], batchRank == 0 {
        // [before, batch, picks, after]: the batch comes to the front.
        let picked = Tensor(.gather(axis: axis, batchRank: 0), values, operands[1].materialized(size))
        return picked.movingAxis(axis, to: 0)
      }
      return Tensor(.gather(axis: axis + 1, batchRank: batchRank + 1), all())
    case .scatterAdd(let axis, let batchRank, let extent):
      if case .shared(let indices) = operands[1], batchRank == 0 {
        return Tensor(
          .scatterAdd(axis: axis + 1, batchRank: 0, extent: extent), operands[0].materialized(size), indices)
      }
      return Tensor(.scatterAdd(axis: axis + 1, batchRank: batchRank + 1, extent: extent), all())
    case .random: return Tensor(self, all())
    }
  }

  private func batchedDot(_ axes: DotAxes, _ operands: [BatchedOperand]) -> Tensor {
    func shifted(_ axes: [Int]) -> [Int] { axes.map { $0 + 1 } }
    switch (operands[0], operands[1]) {
    case (.batched(let left), .batched(let right)):
      return Tensor(
        .dot(
          DotAxes(
            leftBatch: [0] + shifted(axes.leftBatch), rightBatch: [0] + shifted(axes.rightBatch),
            leftContracting: shifted(axes.leftContracting), rightContracting: shifted(axes.rightContracting))),
        left, right)
    case (.batched(let left), .shared(let right)):
      let product = Tensor(
        .dot(
          DotAxes(
            leftBatch: shifted(axes.leftBatch), rightBatch: axes.rightBatch,
            leftContracting: shifted(axes.leftContracting), rightContracting: axes.rightContracting)), left, right)
      return product.movingAxis(axes.leftBatch.count, to: 0)
    case (.shared(let left), .batched(let right)):
      let product = Tensor(
        .dot(
          DotAxes(
            leftBatch: axes.leftBatch, rightBatch: shifted(axes.rightBatch), leftContracting: axes.leftContracting,
            rightContracting: shifted(axes.rightContracting))), left, right)
      return product.movingAxis(axes.leftBatch.count + axes.leftFree(rank: left.rank).count, to: 0)
    case (.shared, .shared): fatalError("vmap: a product of shared operands has no batch")
    }
  }
}

extension CustomRule {
  /// The rule for a whole batch: each example's cotangents by the rule for one. What that captures of its example is
  /// taken from the batch too.
  func batched(in batch: Batch) -> CustomRule {
    CustomRule { inputs, output, cotangent in
      let arguments = inputs + [output, cotangent]
      let examples = arguments.map { Tensor.example(of: $0) }
      let cotangents = self.cotangents(
        Array(examples.dropLast(2)), examples[examples.count - 2], examples[examples.count - 1])
      return Batch(
        placeholders: examples + batch.placeholders, values: arguments + batch.values, size: batch.size
      ).rewriting(cotangents)
    }
  }
}
