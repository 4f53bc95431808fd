#if !hasFeature(Embedded)
  func interpretConvolution(_ window: SlidingWindow, _ x: HostValue, _ w: HostValue, into y: inout HostValue) {
    let rank = window.rank
    let (xStrides, wStrides) = (x.shape.rowMajorStrides, w.shape.rowMajorStrides)
    let (inputs, outputs) = (w.shape[rank], w.shape[rank + 1] / (window.groups * window.batchGroups))
    let taps = Array(w.shape[..<rank])
    forEachPosition(of: y.shape) { index, position in
      let channel = position[rank + 1]
      let block = channel / outputs
      // The first example or channel that this block of the result sees.
      let base =
        window.batchGroups > 1
        ? (position[0] + block * y.shape[0]) * xStrides[0] : position[0] * xStrides[0] + block * inputs
      var sum = 0.0
      var integerSum: Int64 = 0
      forEachPosition(of: taps) { _, tap in
        var from = base
        for axis in 0..<rank {
          let place =
            position[axis + 1] * window.strides[axis] + tap[axis] * window.windowDilation[axis] - window.low[axis]
          guard
            place >= 0 && place % window.inputDilation[axis] == 0
              && place / window.inputDilation[axis] < x.shape[axis + 1]
          else { return }
          from += place / window.inputDilation[axis] * xStrides[axis + 1]
        }
        let weights = offset(tap, wStrides) + channel
        for input in 0..<inputs {
          if x.dtype.isFloat {
            sum += x.reals[from + input] * w.reals[weights + input * wStrides[rank]]
          } else {
            integerSum &+= x.integers[from + input] &* w.integers[weights + input * wStrides[rank]]
          }
        }
      }
      y[index] = x.dtype.isFloat ? .real(sum) : .integer(integerSum)
    }
  }
#endif
