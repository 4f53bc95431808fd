#if !hasFeature(Embedded)
  extension SlidingWindow {
    /// The convolution of a batch of inputs, weights or both: the batch goes into the examples, the output channels or
    /// the groups.
    func batched(_ operands: [BatchedOperand], size: Int) -> Tensor {
      switch (operands[0], operands[1]) {
      case (.batched(let x), .shared(let w)):
        // [batch, groups × examples, …] → [groups × batch × examples, …]
        let examples = x.shape[1] / batchGroups
        let rest = Array(x.shape[2...])
        let split = batchGroups == 1 ? x : x.reshaped([size, batchGroups, examples] + rest).swappingAxes(0, 1)
        let result = Tensor(.convolution(self), split.reshaped([size * x.shape[1]] + rest), w)
        return result.reshaped([size, examples] + Array(result.shape[1...]))
      case (.shared(let x), .batched(let w)):
        // Output channels [groups, batch, outputs].
        let blocks = groups * batchGroups
        let outputs = w.shape[rank + 2] / blocks
        let kept = Array(w.shape[1...(rank + 1)])
        let split = w.reshaped([size] + kept + [blocks, outputs]).movingAxis(0, to: rank + 2)
        let result = Tensor(.convolution(self), x, split.reshaped(kept + [blocks * size * outputs]))
        let front = Array(result.shape[...rank])
        return result.reshaped(front + [blocks, size, outputs]).movingAxis(rank + 2, to: 0)
          .reshaped([size] + front + [blocks * outputs])
      case (.batched(let x), .batched(let w)):
        var wide = self
        let kept = Array(w.shape[1...(rank + 1)])
        let outputs = w.shape[rank + 2]
        let weights = w.movingAxis(0, to: rank + 1).reshaped(kept + [size * outputs])
        let input: Tensor
        if batchGroups == 1 {
          wide.groups *= size
          input = x.movingAxis(0, to: rank + 1).reshaped(Array(x.shape[1...(rank + 1)]) + [size * x.shape[rank + 2]])
        } else {
          wide.batchGroups *= size
          input = x.reshaped([size * x.shape[1]] + Array(x.shape[2...]))
        }
        let result = Tensor(.convolution(wide), input, weights)
        return result.reshaped(Array(result.shape[...rank]) + [size, outputs]).movingAxis(rank + 1, to: 0)
      case (.shared, .shared): fatalError("vmap: a convolution of shared operands has no batch")
      }
    }
  }
#endif
