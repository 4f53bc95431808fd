#if !hasFeature(Embedded)
  extension SlidingWindow {
    /// The cotangent of the input: the result's cotangent under the weights turned round, strides and input dilation
    /// exchanged.
    func inputCotangent(_ c: Tensor, _ x: Tensor, _ w: Tensor) -> Tensor {
      let spatial = Array(0..<rank)
      let window = Array(w.shape[..<rank])
      let reach = spatial.map { spread(window[$0], windowDilation[$0]) }
      let low = spatial.map { reach[$0] - 1 - self.low[$0] }
      let high = spatial.map { axis in
        (x.shape[axis + 1] - 1) * inputDilation[axis] + reach[axis] - low[axis]
          - spread(c.shape[axis + 1], strides[axis])
      }
      let blocks = groups * batchGroups
      let back = SlidingWindow(
        strides: inputDilation, low: low, high: high, windowDilation: windowDilation, inputDilation: strides,
        groups: blocks)
      let cotangent = Tensor(.convolution(back), c, turned(w, groups: blocks))
      if batchGroups == 1 { return cotangent }
      // [examples, s…, groups × channels]: the groups are blocks of examples.
      let blocked = cotangent.reshaped(Array(cotangent.shape[...rank]) + [batchGroups, x.shape[rank + 1]])
      return blocked.movingAxis(rank + 1, to: 0).reshaped(x.shape)
    }

    /// The weights mirrored in space, with inputs and outputs of every group exchanged.
    func turned(_ w: Tensor, groups: Int) -> Tensor {
      let window = Array(w.shape[..<rank])
      let mirrored = w.flipped(axes: Array(0..<rank))
      if groups == 1 { return mirrored.swappingAxes(rank, rank + 1) }
      let (inputs, outputs) = (w.shape[rank], w.shape[rank + 1] / groups)
      return mirrored.reshaped(window + [inputs, groups, outputs]).swappingAxes(rank, rank + 2)
        .reshaped(window + [outputs, groups * inputs])
    }

    /// The cotangent of the weights: the input under the result's cotangent, with examples and channels exchanged.
    func weightsCotangent(_ c: Tensor, _ x: Tensor, _ w: Tensor) -> Tensor {
      let high = (0..<rank).map { axis in
        (w.shape[axis] - 1) * windowDilation[axis] + spread(c.shape[axis + 1], strides[axis]) - low[axis]
          - spread(x.shape[axis + 1], inputDilation[axis])
      }
      let across = SlidingWindow(
        strides: windowDilation, low: low, high: high, windowDilation: strides, inputDilation: inputDilation,
        groups: batchGroups, batchGroups: groups)
      let cotangent = Tensor(.convolution(across), x.swappingAxes(0, rank + 1), c.movingAxis(0, to: rank))
      return cotangent.movingAxis(0, to: rank)
    }
  }
#endif
