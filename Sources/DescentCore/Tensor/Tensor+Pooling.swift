#if !hasFeature(Embedded)
  extension Tensor {
    /// The largest element under a window that slides over the spatial axes of [N, s₁…s_d, C], d = 1, 2 or 3, channel
    /// by channel: [N, o₁…o_d, C] with o = ⌊(s + low + high − window) / stride⌋ + 1. The strides are the window's
    /// extents unless given. Padding never wins. Elements that tie share the derivative equally, as in `max`.
    public func maxPooled(window: [Int], strides: [Int]? = nil, padding: WindowPadding = .valid) -> Tensor {
      trapping { () throws(ShapeError) in try tryMaxPooled(window: window, strides: strides, padding: padding) }
    }

    package func tryMaxPooled(
      window: [Int], strides: [Int]?, padding: WindowPadding
    ) throws(ShapeError) -> Tensor {
      let pool = try PoolingWindow("maxPooled", self, window, strides, padding)
      return withDerivative(at: [self]) { x in
        let taps = pool.taps(of: pool.padded(x[0], with: -.infinity))
        return taps.dropFirst().reduce(taps[0]) { maximum($0, $1) }
      } pullback: { x, y, c in
        let wins = pool.taps(of: pool.padded(x[0], with: -.infinity)).map { ($0 .== y).cast(to: c.dtype) }
        let share = c / wins.dropFirst().reduce(wins[0], +)
        return [pool.givenBack(share, to: x[0], largest: y)]
      }
    }

    /// The mean of the elements under a window that slides over the spatial axes of [N, s₁…s_d, C], as `maxPooled`
    /// does. Padding does not count: at the edges the mean is that of fewer elements, unless `countsPadding`.
    public func averagePooled(
      window: [Int], strides: [Int]? = nil, padding: WindowPadding = .valid, countsPadding: Bool = false
    ) -> Tensor {
      let pool = trapping { () throws(ShapeError) in
        try PoolingWindow("averagePooled", self, window, strides, padding)
      }
      let channels = shape[rank - 1]
      if channels == 0 { return Tensor.zeros([shape[0]] + pool.results + [0], dtype: dtype) }
      func sums(_ x: Tensor, _ channels: Int) -> Tensor {
        x.convolved(
          with: Tensor.ones(window + [1, channels], dtype: dtype), strides: pool.strides,
          padding: .explicit(low: pool.low, high: pool.high), groups: channels)
      }
      let isWhole = countsPadding || (pool.low + pool.high).allSatisfy { $0 == 0 }
      let counts =
        isWhole
        ? Tensor(Double(window.elementCount))
        : sums(Tensor.ones([1] + shape[1..<(rank - 1)] + [1], dtype: dtype), 1)
      return sums(self, channels) / counts.cast(to: dtype)
    }
  }

  /// What a pooling window meets, checked against its input.
  private struct PoolingWindow: Sendable {
    let window, strides, low, high: [Int]
    /// The extents of the result's spatial axes.
    let results: [Int]

    init(
      _ operation: String, _ x: Tensor, _ window: [Int], _ strides: [Int]?, _ padding: WindowPadding
    ) throws(ShapeError) {
      guard (3...5).contains(x.rank) else {
        throw ShapeError(
          operation, "needs [batch, …, channels] with 1, 2 or 3 spatial axes, not \(text(x.shape))")
      }
      guard x.dtype.isFloat else {
        throw ShapeError(operation, "is not defined on \(x.dtype.name); cast to float32 first")
      }
      let rank = x.rank - 2
      self.window = try numbers(operation, "window", window, rank: rank)
      self.strides = try numbers(operation, "strides", strides ?? window, rank: rank)
      let input = Array(x.shape[1...rank])
      (low, high) = try padding.resolved(operation, input: input, window: window, strides: self.strides)
      var results: [Int] = []
      for axis in 0..<rank {
        guard low[axis] < window[axis] && high[axis] < window[axis] else {
          throw ShapeError(
            operation, "padding \(text(low)), \(text(high)) must be less than the window \(text(window))")
        }
        let room = input[axis] + low[axis] + high[axis] - window[axis]
        guard room >= 0 else {
          throw ShapeError(
            operation,
            "a window of \(window[axis]) does not fit spatial axis \(axis) of \(text(x.shape)), which has "
              + "\(input[axis] + low[axis] + high[axis]) elements with its padding")
        }
        results.append(room / self.strides[axis] + 1)
      }
      self.results = results
    }

    func padded(_ x: Tensor, with value: Double) -> Tensor {
      (low + high).allSatisfy { $0 == 0 }
        ? x : x.padded([(0, 0)] + zip(low, high).map { ($0, $1) } + [(0, 0)], with: value)
    }

    /// What each place of the window sees, one tensor in the result's shape for each.
    func taps(of x: Tensor) -> [Tensor] {
      positions.map { place in
        Tensor(
          .slice(
            starts: [0] + place + [0], extents: [x.shape[0]] + results + [x.shape[x.rank - 1]],
            strides: [1] + strides + [1]), x)
      }
    }

    private var positions: [[Int]] {
      var positions: [[Int]] = []
      forEachPosition(of: window) { _, position in positions.append(position) }
      return positions
    }

    /// The share of each result for those elements that are the largest of its window.
    func givenBack(_ share: Tensor, to x: Tensor, largest y: Tensor) -> Tensor {
      let isTiled = strides == window && (low + high).allSatisfy { $0 == 0 }
      return isTiled ? givenToTiles(share, x, y) : givenToOverlaps(share, x, y)
    }

    /// Windows that lie side by side: each element belongs to one.
    private func givenToTiles(_ share: Tensor, _ x: Tensor, _ y: Tensor) -> Tensor {
      let (batch, channels) = (x.shape[0], x.shape[x.rank - 1])
      let covered = zip(results, window).map { $0 * $1 }
      let rest = zip(x.shape[1...], covered).map { $0 - $1 }
      let ones = [Int](repeating: 1, count: x.rank)
      let inside = Tensor(
        .slice(starts: ones.map { _ in 0 }, extents: [batch] + covered + [channels], strides: ones), x)
      // [batch, o₁, window₁, o₂, window₂, …, channels]
      let split = [batch] + zip(results, window).flatMap { [$0, $1] } + [channels]
      let axes = [0] + results.indices.map { 1 + 2 * $0 } + [split.count - 1]
      func spread(_ t: Tensor) -> Tensor { Tensor(.broadcast(shape: split, axes: axes), t) }
      let given = (inside.reshaped(split) .== spread(y)).select(spread(share), 0).reshaped(inside.shape)
      return rest.allSatisfy { $0 == 0 } ? given : given.padded([(0, 0)] + rest.map { (0, $0) } + [(0, 0)])
    }

    /// Windows that overlap or leave gaps: from every place of the window the result that sees the element there. Where
    /// there is none the share is 0.
    private func givenToOverlaps(_ share: Tensor, _ x: Tensor, _ y: Tensor) -> Tensor {
      let before = zip(window, low).map { $0 - 1 - $1 }
      let after = results.indices.map { axis in
        x.shape[axis + 1] + low[axis] - ((results[axis] - 1) * strides[axis] + 1)
      }
      func placed(_ t: Tensor) -> Tensor {
        Tensor(
          .pad(low: [0] + before + [0], high: [0] + after + [0], interior: [0] + strides.map { $0 - 1 } + [0]), t)
      }
      let (winners, shares) = (placed(y), placed(share))
      let ones = [Int](repeating: 1, count: x.rank)
      let terms = positions.map { place -> Tensor in
        let starts = [0] + zip(window, place).map { $0 - 1 - $1 } + [0]
        func seen(_ t: Tensor) -> Tensor { Tensor(.slice(starts: starts, extents: x.shape, strides: ones), t) }
        return (x .== seen(winners)).select(seen(shares), 0)
      }
      return terms.dropFirst().reduce(terms[0], +)
    }
  }
#endif
