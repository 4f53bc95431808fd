/// The state of a random stream, as a value: the same key always gives the same numbers, on every engine.
///
/// Numbers come from Threefry-2x32 with 20 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011).
/// A key is used once; for more numbers, split it.
///
/// ```swift
/// let (first, second) = RandomKey(7).split()
/// let noise = first.normal([3, 4])
/// ```
public struct RandomKey: Sendable {
  /// The key as int32 [2] (or [..., 2] inside a batched function).
  public let data: Tensor

  public init(_ seed: UInt64) {
    let high = Int32(truncatingIfNeeded: seed >> 32)
    let low = Int32(truncatingIfNeeded: seed)
    data = Tensor([high, low])
  }

  public init(data: Tensor) {
    guard data.dtype == .int32 && data.shape.last == 2 else {
      fatalError("RandomKey: a key is int32 of shape [2], not \(data.dtype.name)\(text(data.shape))")
    }
    self.data = data
  }

  /// Two independent keys.
  public func split() -> (RandomKey, RandomKey) {
    let keys = split(2)
    return (keys[0], keys[1])
  }

  /// `count` independent keys.
  public func split(_ count: Int) -> [RandomKey] {
    let words = bits([count, 2], stream: 1)
    let axis = words.rank - 2
    return (0..<count).map { index in
      RandomKey(data: words.slice(axis: axis, from: index, count: 1).squeezed(axes: [axis]))
    }
  }

  /// The key numbered `index`, from 0, of those derived from this one.
  public func folding(in index: Int) -> RandomKey {
    guard index >= 0 else { fatalError("RandomKey: keys are numbered from 0, not \(index)") }
    return RandomKey(data: bits([2], stream: 2 + index))
  }

  /// Random 32-bit words.
  public func bits(_ shape: [Int]) -> Tensor { bits(shape, stream: 0) }

  private func bits(_ shape: [Int], stream: Int) -> Tensor {
    Tensor(.random(sample: shape, .int32, stream: stream), data)
  }

  /// Uniform on [low, high).
  public func uniform(_ shape: [Int], from low: Double = 0, to high: Double = 1, dtype: DType = .float32) -> Tensor {
    let unit = Tensor(.random(sample: shape, dtype, stream: 0), data)
    if low == 0 && high == 1 { return unit }
    let sample = unit * (high - low) + low
    // The sum may round up to the bound.
    let last = dtype == .float64 ? high.nextDown : Double(Float(high).nextDown)
    return last > low ? minimum(sample, Tensor(weak: last)) : sample
  }

  // What goes through logarithms and cosines is computed in float64 and rounded once, so that engines whose functions
  // differ in the last place of float32 still give the same numbers.

  /// Normal with the given mean and standard deviation, by the transform of Box and Muller (1958):
  /// √(−2 log(1 − u)) · cos(2πv) for uniform u, v.
  public func normal(
    _ shape: [Int], mean: Double = 0, standardDeviation: Double = 1, dtype: DType = .float32
  ) -> Tensor {
    let pair = uniform([2] + shape, dtype: .float64)
    let axis = pair.rank - shape.count - 1
    let parts = pair.split(into: 2, axis: axis).map { $0.squeezed(axes: [axis]) }
    let radius = (-2 * (1 - parts[0]).log()).sqrt()
    let unit = radius * (2 * Double.pi * parts[1]).cos()
    return (unit * standardDeviation + mean).cast(to: dtype)
  }

  /// Normal, cut at `limit` standard deviations on both sides, by inverting the distribution function. The standard
  /// deviation is that of the normal before it is cut.
  public func truncatedNormal(
    _ shape: [Int], mean: Double = 0, standardDeviation: Double = 1, limit: Double = 2, dtype: DType = .float32
  ) -> Tensor {
    let tail = Tensor(limit, dtype: .float64).normalCDF()
    let u = uniform(shape, dtype: .float64)
    let unit = (1 - tail + u * (2 * tail - 1)).normalQuantile()
    let cut = unit.clamped(from: Tensor(weak: -limit), to: Tensor(weak: limit))
    return (cut * standardDeviation + mean).cast(to: dtype)
  }

  /// True with the given probability.
  public func bernoulli(_ shape: [Int], probability: Double = 0.5) -> Tensor { uniform(shape) .< probability }

  /// One class (int32) per row of unnormalised log-probabilities over the last axis, by the Gumbel maximum.
  public func categorical(logits: Tensor) -> Tensor {
    let u = maximum(uniform(logits.shape, dtype: .float64), 0x1p-54)
    let gumbel = -(-u.log()).log()
    return (logits.cast(to: .float64) + gumbel).argMax(axis: -1)
  }

  /// The numbers 0 ..< count (int32) in random order.
  public func permutation(_ count: Int) -> Tensor { bits([count]).argSort() }
}

/// The host's own random numbers, for shuffling and splitting data: the same generator without tensors.
public struct RandomSource: RandomNumberGenerator, Sendable {
  private let key: (UInt32, UInt32)
  private var block: UInt32 = 0
  private let stream: UInt32

  public init(_ seed: UInt64, stream: UInt32 = 0) {
    key = (UInt32(truncatingIfNeeded: seed >> 32), UInt32(truncatingIfNeeded: seed))
    self.stream = stream
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    let words = threefry(key, (block, stream))
    block &+= 1
    return UInt64(words.0) << 32 | UInt64(words.1)
  }
}
