#if !hasFeature(Embedded)
  extension Tensor {
    /// The convolution of inputs [N, s₁…s_d, C] with weights [k₁…k_d, C / groups, O], d = 1, 2 or 3: channels last.
    ///
    ///     y[n, o, j] = Σ over k, c of x[n, o · stride + k · dilation − low, c] · w[k, c, j]
    ///
    /// of shape [N, o₁…o_d, O], with o = ⌊(s + low + high − (k − 1) · dilation − 1) / stride⌋ + 1. The window is not
    /// mirrored (a cross-correlation, as in all libraries of neural networks). With `groups` the channels of input and
    /// result are cut into so many blocks, each with weights of its own; as many groups as channels make a depthwise
    /// convolution.
    public func convolved(
      with weights: Tensor, strides: [Int]? = nil, padding: WindowPadding = .valid, dilation: [Int]? = nil,
      groups: Int = 1
    ) -> Tensor {
      trapping { () throws(ShapeError) in
        try Tensor.tryConvolved(self, weights, strides, padding, dilation, groups: groups)
      }
    }

    /// The transposed convolution of inputs [N, s₁…s_d, C] with weights [k₁…k_d, O / groups, C]: the derivative of a
    /// `convolved(with:)` with these weights, which takes O channels to C, with respect to its input.
    ///
    /// Every input element adds its multiple of the window to the result of shape [N, o₁…o_d, O], with
    /// o = (s − 1) · stride + (k − 1) · dilation + 1 − low − high + outputPadding. Padding `.same` gives o = s · stride.
    /// `outputPadding` adds zeros of the input behind each axis, to tell the extents that a convolution with a stride
    /// takes to the same result.
    public func transposedConvolved(
      with weights: Tensor, strides: [Int]? = nil, padding: WindowPadding = .valid, outputPadding: [Int]? = nil,
      dilation: [Int]? = nil, groups: Int = 1
    ) -> Tensor {
      trapping { () throws(ShapeError) in
        try Tensor.tryTransposedConvolved(self, weights, strides, padding, outputPadding, dilation, groups: groups)
      }
    }

    package static func tryConvolved(
      _ x: Tensor, _ w: Tensor, _ strides: [Int]?, _ padding: WindowPadding, _ dilation: [Int]?, groups: Int
    ) throws(ShapeError) -> Tensor {
      let rank = try spatialRank("convolution", x, w)
      let strides = try numbers("convolution", "strides", strides, rank: rank)
      let dilation = try numbers("convolution", "dilation", dilation, rank: rank)
      let input = Array(x.shape[1...rank])
      let reach = (0..<rank).map { spread(w.shape[$0], dilation[$0]) }
      let (low, high) = try padding.resolved("convolution", input: input, window: reach, strides: strides)
      for axis in 0..<rank where input[axis] + low[axis] + high[axis] < reach[axis] {
        throw ShapeError(
          "convolution",
          "a window that reaches over \(reach[axis]) elements does not fit spatial axis \(axis) of \(text(x.shape)), which "
            + "has \(input[axis] + low[axis] + high[axis]) with its padding; pad the input")
      }
      let (input_, weights) = commonNumbers(x, w)
      let isPointwise = groups == 1 && (reach + strides).allSatisfy { $0 == 1 } && (low + high).allSatisfy { $0 == 0 }
      if isPointwise && x.shape[rank + 1] == w.shape[rank] {
        return input_.matmul(weights.reshaped(Array(w.shape.suffix(2))))
      }
      let window = SlidingWindow(
        strides: strides, low: low, high: high, windowDilation: dilation,
        inputDilation: [Int](repeating: 1, count: rank), groups: groups)
      _ = try window.resultType(TensorType(x.shape, weights.dtype), TensorType(w.shape, weights.dtype))
      return Tensor(.convolution(window), input_, weights)
    }

    package static func tryTransposedConvolved(
      _ x: Tensor, _ w: Tensor, _ strides: [Int]?, _ padding: WindowPadding, _ outputPadding: [Int]?,
      _ dilation: [Int]?, groups: Int
    ) throws(ShapeError) -> Tensor {
      let operation = "transposed convolution"
      let rank = try spatialRank(operation, x, w)
      let strides = try numbers(operation, "strides", strides, rank: rank)
      let dilation = try numbers(operation, "dilation", dilation, rank: rank)
      let reach = (0..<rank).map { spread(w.shape[$0], dilation[$0]) }
      var extra = outputPadding ?? [Int](repeating: 0, count: rank)
      guard extra.count == rank && extra.allSatisfy({ $0 >= 0 }) else {
        throw ShapeError(
          operation, "output padding \(text(extra)) for \(rank) spatial axes; needs one number each, not negative")
      }
      for axis in 0..<rank where extra[axis] > 0 {
        guard padding != .same else {
          throw ShapeError(
            operation,
            "output padding \(text(extra)) beside padding .same, which sets the extents; leave one of them out")
        }
        guard extra[axis] < Swift.max(strides[axis], dilation[axis]) else {
          throw ShapeError(
            operation,
            "output padding \(text(extra)) must be below the stride or the dilation, which are \(strides[axis]) and "
              + "\(dilation[axis]) on spatial axis \(axis)")
        }
      }
      // What the convolution this is the derivative of pads, for a result of stride times the input's extents.
      var (low, high) = try padding.resolved(
        operation, input: zip(x.shape[1...rank], strides).map { $0 * $1 }, window: reach, strides: strides)
      if padding == .same {
        for axis in 0..<rank { extra[axis] = Swift.max(strides[axis] - reach[axis], 0) }
      }
      for axis in 0..<rank where x.shape[1 + axis] > 0 {
        let spreadOut = (x.shape[1 + axis] - 1) * strides[axis] + reach[axis] + extra[axis]
        guard spreadOut > low[axis] + high[axis] else {
          throw ShapeError(
            operation,
            "padding \(text(low)), \(text(high)) leaves nothing of spatial axis \(axis), which spreads to \(spreadOut) "
              + "elements")
        }
      }
      for axis in 0..<rank {
        low[axis] = reach[axis] - 1 - low[axis]
        high[axis] = reach[axis] - 1 - high[axis] + extra[axis]
      }
      guard w.shape[rank + 1] == x.shape[rank + 1] && groups >= 1 && x.shape[rank + 1] % groups == 0 else {
        throw ShapeError(
          operation,
          "\(text(x.shape)) has \(x.shape[rank + 1]) channels, weights \(text(w.shape)) [window…, outputs / groups, inputs] "
            + "take \(w.shape[rank + 1]) in \(groups) groups; they must be equal and divisible")
      }
      let (input, weights) = commonNumbers(x, w)
      let window = SlidingWindow(
        strides: [Int](repeating: 1, count: rank), low: low, high: high, windowDilation: dilation,
        inputDilation: strides, groups: groups)
      return Tensor(.convolution(window), input, window.turned(weights, groups: groups))
    }

    private static func spatialRank(_ operation: String, _ x: Tensor, _ w: Tensor) throws(ShapeError) -> Int {
      guard (3...5).contains(x.rank) && w.rank == x.rank else {
        throw ShapeError(
          operation,
          "needs an input [batch, …, channels] with 1, 2 or 3 spatial axes and weights of the same rank, not "
            + "\(text(x.shape)) and \(text(w.shape))")
      }
      return x.rank - 2
    }

    /// Both in the element type they share; booleans and bytes become int32.
    private static func commonNumbers(_ x: Tensor, _ w: Tensor) -> (Tensor, Tensor) {
      var dtype = x.commonDType(with: w)
      if dtype == .bool || dtype == .uint8 { dtype = .int32 }
      return (x.cast(to: dtype), w.cast(to: dtype))
    }
  }
#endif
