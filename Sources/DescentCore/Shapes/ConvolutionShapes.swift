#if !hasFeature(Embedded)
  extension SlidingWindow {
    /// The type of the result, or why these operands do not fit.
    func resultType(_ x: TensorType, _ w: TensorType) throws(ShapeError) -> TensorType {
      try requireFacts()
      guard x.dtype == w.dtype else {
        throw error("element types \(x.dtype.name) and \(w.dtype.name) differ; cast one of them")
      }
      guard x.shape.count == rank + 2 && w.shape.count == rank + 2 else {
        throw error(
          "over \(rank) spatial axes needs an input [batch, …, channels] and weights [window…, inputs, outputs] of rank "
            + "\(rank + 2), not \(text(x.shape)) and \(text(w.shape))")
      }
      let (channels, inputs, outputs) = (x.shape[rank + 1], w.shape[rank], w.shape[rank + 1])
      guard channels == inputs * groups else {
        throw error(
          "\(text(x.shape)) has \(channels) channels, weights \(text(w.shape)) take \(inputs)"
            + (groups == 1 ? "" : " in each of \(groups) groups") + "; they must be equal")
      }
      guard outputs % (groups * batchGroups) == 0 else {
        throw error("\(outputs) output channels are not divisible by \(groups * batchGroups) groups")
      }
      guard x.shape[0] % batchGroups == 0 else {
        throw error("\(x.shape[0]) examples are not divisible by \(batchGroups) batch groups")
      }
      let extents = extents(input: Array(x.shape[1...rank]), window: Array(w.shape[..<rank]))
      return TensorType([x.shape[0] / batchGroups] + extents + [outputs], x.dtype)
    }

    private func requireFacts() throws(ShapeError) {
      guard (1...3).contains(rank) else { throw error("slides over 1, 2 or 3 spatial axes, not \(rank)") }
      let facts: [(name: String, numbers: [Int], least: Int)] = [
        ("strides", strides, 1), ("low padding", low, .min), ("high padding", high, .min),
        ("window dilation", windowDilation, 1), ("input dilation", inputDilation, 1),
      ]
      for fact in facts {
        guard fact.numbers.count == rank else {
          throw error("\(fact.name) \(text(fact.numbers)) for \(rank) spatial axes; needs one number each")
        }
        guard fact.numbers.allSatisfy({ $0 >= fact.least }) else {
          throw error("\(fact.name) \(text(fact.numbers)) must be at least \(fact.least)")
        }
      }
      guard groups >= 1 && batchGroups >= 1 && (groups == 1 || batchGroups == 1) else {
        throw error("\(groups) groups and \(batchGroups) batch groups; both at least 1 and one of them 1")
      }
    }

    private func error(_ problem: String) -> ShapeError { ShapeError("convolution", problem) }
  }
#endif
