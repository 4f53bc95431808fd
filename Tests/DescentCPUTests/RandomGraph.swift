import DescentCore

/// Draws graphs of operations and of whole patterns at random, to meet combinations of layouts and fusions that nobody
/// thought of.
struct RandomGraph {
  private var source: RandomSource
  let dtype: DType
  /// Whether operations that jump (comparisons, rounding, sorting) may occur. With them, results computed in different
  /// orders can differ by more than rounding; so there are no patterns then, whose derivatives are often sums of 0 but for
  /// rounding.
  let mayJump: Bool
  private var pool: [Tensor] = []

  init(seed: UInt64, dtype: DType, mayJump: Bool) {
    source = RandomSource(seed)
    self.dtype = dtype
    self.mayJump = mayJump
  }

  /// A few results of a graph of `count` operations.
  mutating func draw(_ count: Int) -> [Tensor] {
    for _ in 0..<3 { pool.append(leaf(shape())) }
    for _ in 0..<count {
      let x = pick()
      let results = !mayJump && chance(3) == 0 ? pattern(on: x) : [operation(x)]
      for result in results { pool.append(bounded(result)) }
    }
    var results: [Tensor] = [pool[pool.count - 1]]
    for _ in 0..<2 { results.append(pick()) }
    return results
  }

  mutating func chance(_ count: Int) -> Int { Int.random(in: 0..<count, using: &source) }

  private mutating func pick() -> Tensor {
    // Recent values more often, so that graphs become deep as well as wide.
    let back = Swift.min(chance(pool.count), chance(pool.count))
    return pool[pool.count - 1 - back]
  }

  private mutating func shape() -> [Int] {
    (0..<chance(4)).map { _ in [1, 2, 3, 4, 5, 7, 16, 17][chance(8)] }
  }

  mutating func leaf(_ shape: [Int]) -> Tensor {
    let values = (0..<shape.reduce(1, *)).map { _ in Double.random(in: -2...2, using: &source) }
    return Tensor(values, shape: shape, dtype: dtype)
  }

  /// Keeps values small, so that errors stay comparable, and tensors small, so that tests stay quick.
  private mutating func bounded(_ x: Tensor) -> Tensor {
    let y = x.dtype == dtype ? x : x.cast(to: dtype)
    let small = y.count > 4000 ? y.reshaped([-1])[0..<500] : y
    return chance(3) == 0 ? small.tanh() : small.clamped(from: -50, to: 50)
  }

  private mutating func operation(_ x: Tensor) -> Tensor {
    switch chance(mayJump ? 24 : 18) {
    case 0: return [x.tanh(), x.sigmoid(), x.sin(), x.abs(), -x, x.erf(), x.clamped(from: -3, to: 3).exp()][chance(7)]
    case 1: return (x.abs() + 0.5).log()
    case 2, 3: return combined(x, pick())
    case 4: return x * x + Double(chance(5)) / 2
    case 5: return x.transposed(permutation(x.rank))
    case 6: return x.reshaped([-1])
    case 7: return x.rank == 0 ? x.expanded(axis: 0) : x.sum(axis: chance(x.rank), keepingAxis: chance(2) == 0)
    case 8: return x.rank == 0 ? x : x.mean(axes: axes(x.rank), keepingAxes: chance(2) == 0)
    case 9: return x.rank == 0 ? x : sliced(x)
    case 10: return x.flipped(axes: axes(x.rank))
    case 11: return x.padded((0..<x.rank).map { _ in (chance(2), chance(3)) }, with: Double(chance(2)))
    case 12: return x.rank == 0 ? x : Tensor.concatenate([x, x * 0.5], axis: chance(x.rank))
    case 13: return x.rank == 0 ? x : x.cumulativeSum(axis: chance(x.rank), reverse: chance(2) == 0)
    case 14: return chance(2) == 0 ? product(x) : convolved(x)
    case 15: return x.rank == 0 ? x : x.gather(indices(x.shape[0], count: 1 + chance(4)), axis: 0)
    case 16: return x.rank == 0 ? x : x.logSumExp(axis: chance(x.rank), keepingAxis: true)
    case 17: return x.broadcast(to: [1 + chance(3)] + x.shape)
    case 18: return (x .> 0).select(x, x * 0.1)
    case 19: return (x * 3).floor() + x.cast(to: .int32) * 2
    case 20: return x.rank == 0 ? x : x.sorted(axis: chance(x.rank), descending: chance(2) == 0)
    case 21: return x.rank == 0 ? x : x.argMax(axis: chance(x.rank)).cast(to: dtype)
    case 22: return ((x .> 0) .&& (x .< 1)).cast(to: .uint8) + x.sign()
    default: return x.rank == 0 ? x : x.max(axis: chance(x.rank))
    }
  }

  private mutating func combined(_ a: Tensor, _ b: Tensor) -> Tensor {
    let other = (try? broadcastShape("", a.shape, b.shape)) == nil ? leaf(Array(a.shape.suffix(chance(a.rank + 1)))) : b
    switch chance(5) {
    case 0: return a + other
    case 1: return a - other
    case 2: return a * other
    case 3: return a / (other.abs() + 1)
    default: return maximum(a, other)
    }
  }

  private mutating func product(_ x: Tensor) -> Tensor {
    guard x.rank > 0 else { return x }
    let inner = x.shape[x.rank - 1]
    let columns = 1 + chance(6)
    let batch = x.rank > 2 && chance(2) == 0 ? Array(x.shape.dropLast(2)) : []
    let right = leaf(batch + [inner, columns])
    let product = x.matmul(right) * 0.3
    return chance(3) == 0 && x.rank == 2 ? x.T.matmul(product) : product
  }

  /// A convolution, a transposed one or a pooling over the trailing axes of a small part of x.
  private mutating func convolved(_ x: Tensor) -> Tensor {
    guard let input = images(of: x) else { return product(x) }
    let (extents, channels) = (Array(input.shape.dropFirst().dropLast()), input.shape.last!)
    let window = extents.map { _ in 1 + chance(3) }
    let strides = extents.map { _ in 1 + chance(2) }
    let groups = [1, 2, channels][chance(3)]
    switch chance(5) {
    case 0: return input.maxPooled(window: window, strides: strides, padding: chance(2) == 0 ? .same : .valid)
    case 1: return input.averagePooled(window: window, strides: strides, padding: chance(2) == 0 ? .same : .valid)
    case 2:
      let weights = leaf(window + [1 + chance(3), channels])
      return input.transposedConvolved(with: weights, strides: strides, groups: 1) * 0.2
    default:
      let weights = leaf(window + [channels / groups, groups * (1 + chance(2))])
      let dilation = extents.map { _ in 1 + chance(2) }
      return input.convolved(
        with: weights, strides: strides, padding: chance(2) == 0 ? .same : .valid, dilation: dilation, groups: groups)
        * 0.2
    }
  }

  /// The first elements as images of one or two axes, if there are enough for one.
  mutating func images(of x: Tensor) -> Tensor? {
    let spatial = 1 + chance(2)
    let part = x.reshaped([-1])
    let side = spatial == 1 ? 12 : 5
    let channels = 2 * (1 + chance(3))
    let pixels = spatial == 1 ? side : side * side
    let images = Swift.min(part.count / (pixels * channels), 3)
    guard images > 0 else { return nil }
    let extents = [Int](repeating: side, count: spatial)
    return part[0..<(images * pixels * channels)].reshaped([images] + extents + [channels])
  }

  private mutating func sliced(_ x: Tensor) -> Tensor {
    let indices = x.shape.map { extent -> TensorIndex in
      switch chance(4) {
      case 0: return .at(chance(extent))
      case 1: return .range(nil, nil, stride: 1 + chance(3))
      case 2: return .range(nil, nil, stride: -1 - chance(2))
      default: return .range(chance(extent), nil)
      }
    }
    return x.count == 0 ? x : x.indexed(indices)
  }

  private mutating func permutation(_ rank: Int) -> [Int] { Array(0..<rank).shuffled(using: &source) }

  private mutating func axes(_ rank: Int) -> [Int] { Array(0..<rank).filter { _ in chance(2) == 0 } }

  mutating func indices(_ extent: Int, count: Int) -> Tensor {
    Tensor((0..<count).map { _ in Int32(chance(Swift.max(extent, 1))) })
  }
}
