#if !hasFeature(Embedded)
  /// How a window of weights slides over the spatial axes of its input.
  ///
  /// For an input x of shape [N, s₁…s_d, C] and weights w of shape [k₁…k_d, C / groups, O] the result is
  ///
  ///     y[n, o, j] = Σ over k, c of x̃[n, o · stride + k · windowDilation − low, c] · w[k, c, j]
  ///
  /// of shape [N / batchGroups, o₁…o_d, O]. x̃ is the input with `inputDilation − 1` zeros between neighbours and zeros
  /// beyond its edges; negative padding crops it. With several groups the channels of the input and of the result are
  /// cut into as many blocks, and a block of the result sees its own block of the input; batch groups do the same with
  /// the examples of the input. These are the terms of XLA's convolution, and with them its derivatives are convolutions.
  public struct SlidingWindow: Sendable, Hashable {
    // One number a spatial axis.
    public var strides: [Int]
    public var low: [Int]
    public var high: [Int]
    public var windowDilation: [Int]
    public var inputDilation: [Int]
    /// At most one of the two is greater than 1.
    public var groups: Int
    public var batchGroups: Int

    public init(
      strides: [Int], low: [Int], high: [Int], windowDilation: [Int], inputDilation: [Int], groups: Int = 1,
      batchGroups: Int = 1
    ) {
      self.strides = strides
      self.low = low
      self.high = high
      self.windowDilation = windowDilation
      self.inputDilation = inputDilation
      self.groups = groups
      self.batchGroups = batchGroups
    }

    package var rank: Int { strides.count }

    /// The extents of the result's spatial axes.
    package func extents(input: [Int], window: [Int]) -> [Int] {
      (0..<rank).map { axis in
        let padded = spread(input[axis], inputDilation[axis]) + low[axis] + high[axis]
        let reach = spread(window[axis], windowDilation[axis])
        return padded < reach ? 0 : (padded - reach) / strides[axis] + 1
      }
    }
  }

  /// The extent of an axis whose neighbours are moved so far apart.
  package func spread(_ extent: Int, _ dilation: Int) -> Int { extent == 0 ? 0 : (extent - 1) * dilation + 1 }
#endif
