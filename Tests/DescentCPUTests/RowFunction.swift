import Descent

/// A function of batches: the first axis of what it takes and of what it gives counts examples.
struct RowFunction {
  /// One example of the input.
  let rowShape: [Int]
  /// Where examples are positions in a table, how many the table has.
  var vocabulary: Int?
  /// Whether it also takes an example that is not in a batch.
  var takesOneRow = false
  let apply: (Tensor) -> Tensor
}

/// Draws functions of batches at random, all of them small.
struct RowFunctionSource {
  enum Family: CaseIterable {
    case product, chainOfProducts, productFromTheRight, productOfEachExample, productOfEachHead, productOfTransposed
    case convolution1D, convolution2D, depthwise, transposedConvolution, pooling
    case softmax, normalization, rowReduction, innerReduction, ordering, attention
    case perceptron, imageNetwork, transformerBlock
  }

  var source: RandomSource
  let dtype: DType

  init(seed: UInt64, dtype: DType) {
    source = RandomSource(seed)
    self.dtype = dtype
  }

  mutating func draw(_ family: Family) -> RowFunction {
    switch family {
    case .product: product()
    case .chainOfProducts: chainOfProducts()
    case .productFromTheRight: productFromTheRight()
    case .productOfEachExample: productOfEachExample()
    case .productOfEachHead: productOfEachHead()
    case .productOfTransposed: productOfTransposed()
    case .convolution1D: convolution(axes: 1)
    case .convolution2D: convolution(axes: 2)
    case .depthwise: depthwise()
    case .transposedConvolution: transposedConvolution()
    case .pooling: pooling()
    case .softmax: softmax()
    case .normalization: normalization()
    case .rowReduction: rowReduction()
    case .innerReduction: innerReduction()
    case .ordering: ordering()
    case .attention: attention()
    case .perceptron: perceptron()
    case .imageNetwork: imageNetwork()
    case .transformerBlock: transformerBlock()
    }
  }

  // MARK: Numbers

  mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &source) }

  mutating func oneOf<T>(_ choices: [T]) -> T { choices[below(choices.count)] }

  /// From 1 to `most`, often just at, below or above what tiles, vectors and blocks are cut by.
  mutating func extent(_ most: Int) -> Int {
    let near = oneOf([4, 6, 8, 14, 16, 32, 48, 56, 64, 96, 128, 256]) + below(3) - 1
    return below(2) == 0 && near <= most ? near : 1 + below(most)
  }

  private static let noise: [Float] = RandomKey(11).normal([1 << 17]).array()

  /// Normally distributed, about `scale`.
  mutating func numbers(_ shape: [Int], scale: Double = 0.5) -> Tensor {
    let count = shape.reduce(1, *)
    let start = below(Self.noise.count - count)
    let values = Self.noise[start..<(start + count)]
    return dtype == .float32
      ? Tensor(values.map { $0 * Float(scale) }, shape: shape)
      : Tensor(values.map { Double($0) * scale }, shape: shape, dtype: dtype)
  }

  mutating func activation() -> Activation { oneOf([.identity, .identity, .relu] + Activation.allCases) }

  // MARK: Products

  /// Weights as they lie or transposed.
  private mutating func weights(_ k: Int, _ n: Int) -> Tensor {
    let scale = 1 / Double(k).squareRoot()
    return below(3) == 0 ? numbers([n, k], scale: scale).T : numbers([k, n], scale: scale)
  }

  private mutating func product() -> RowFunction {
    let (k, n) = (extent(300), extent(130))
    let (w, bias, activation) = (weights(k, n), numbers([n]), activation())
    let hasBias = below(2) == 0
    return RowFunction(rowShape: [k], takesOneRow: true) { x in
      let y = x.matmul(w)
      return activation(hasBias ? y + bias : y)
    }
  }

  private mutating func chainOfProducts() -> RowFunction {
    let widths = (0..<(3 + below(2))).map { _ in extent(70) }
    let layers = zip(widths, widths.dropFirst()).map { (weights($0, $1), numbers([$1]), activation()) }
    return RowFunction(rowShape: [widths[0]], takesOneRow: true) { x in
      layers.reduce(x) { $1.2($0.matmul($1.0) + $1.1) }
    }
  }

  /// y = (W·xᵀ)ᵀ: examples are columns.
  private mutating func productFromTheRight() -> RowFunction {
    let (k, n) = (extent(200), extent(70))
    let w = numbers([n, k], scale: 1 / Double(k).squareRoot())
    return RowFunction(rowShape: [k]) { x in w.matmul(x.T).T }
  }

  private mutating func productOfEachExample() -> RowFunction {
    let (m, n, k) = (extent(20), extent(20), extent(40))
    let isTransposed = below(2) == 0
    return RowFunction(rowShape: [m * k + k * n]) { x in
      let rows = x.shape[0]
      let a = x[TensorIndex.all, ..<(m * k)].reshaped([rows, m, k])
      let b = x[TensorIndex.all, (m * k)...]
      return a.matmul(isTransposed ? b.reshaped([rows, n, k]).swappingAxes(1, 2) : b.reshaped([rows, k, n]))
    }
  }

  /// A batched product whose batches are heads: examples are rows that lie apart.
  private mutating func productOfEachHead() -> RowFunction {
    let (heads, n, k) = (1 + below(4), extent(40), extent(40))
    let w = numbers([heads, k, n])
    return RowFunction(rowShape: [heads, k]) { x in einsum("bhk,hkn->bhn", x, w) }
  }

  private mutating func productOfTransposed() -> RowFunction {
    let (time, n, k) = (extent(20), extent(70), extent(70))
    let w = weights(k, n)
    return RowFunction(rowShape: [k, time]) { x in x.swappingAxes(1, 2).matmul(w).relu() }
  }

  // MARK: Images

  private mutating func padding(_ sides: [Int], reach: [Int]) -> WindowPadding {
    let fits = zip(sides, reach).allSatisfy { $0 >= $1 }
    switch below(3) {
    case 0 where fits: return .valid
    case 1: return .explicit(low: reach.map { $0 / 2 }, high: reach.map { $0 - 1 })
    default: return .same
    }
  }

  private mutating func convolution(axes: Int) -> RowFunction {
    let sides = (0..<axes).map { _ in axes == 1 ? extent(40) : extent(10) }
    let groups = oneOf([1, 1, 1, 2, 3])
    let (inputs, outputs) = (groups * extent(groups == 1 ? 20 : 6), groups * extent(groups == 1 ? 36 : 9))
    let window = sides.map { _ in 1 + below(4) }
    let strides = sides.map { _ in 1 + below(2) }
    let dilation = sides.map { _ in below(4) == 0 ? 2 : 1 }
    let padding = padding(sides, reach: zip(window, dilation).map { ($0 - 1) * $1 + 1 })
    let w = numbers(window + [inputs / groups, outputs])
    let (bias, activation) = (numbers([outputs]), activation())
    return RowFunction(rowShape: sides + [inputs]) { x in
      activation(x.convolved(with: w, strides: strides, padding: padding, dilation: dilation, groups: groups) + bias)
    }
  }

  private mutating func depthwise() -> RowFunction {
    let sides = (0..<(1 + below(2))).map { _ in extent(10) }
    let channels = extent(40)
    let window = sides.map { _ in 1 + below(4) }
    let strides = sides.map { _ in 1 + below(2) }
    let padding = padding(sides, reach: window)
    let w = numbers(window + [1, channels * (1 + below(2))])
    return RowFunction(rowShape: sides + [channels]) { x in
      x.convolved(with: w, strides: strides, padding: padding, groups: channels).relu()
    }
  }

  private mutating func transposedConvolution() -> RowFunction {
    let sides = (0..<(1 + below(2))).map { _ in extent(8) }
    let (inputs, outputs) = (extent(12), extent(20))
    let window = sides.map { _ in 2 + below(3) }
    let strides = sides.map { _ in 1 + below(2) }
    let w = numbers(window + [outputs, inputs])
    return RowFunction(rowShape: sides + [inputs]) { x in x.transposedConvolved(with: w, strides: strides) }
  }

  private mutating func pooling() -> RowFunction {
    let sides = (0..<(1 + below(2))).map { _ in 3 + below(9) }
    let channels = extent(40)
    let window = sides.map { _ in 1 + below(3) }
    let strides = below(2) == 0 ? window : window.map { _ in 1 + below(2) }
    let padding: WindowPadding = below(2) == 0 ? .valid : .same
    let takesLargest = below(2) == 0
    return RowFunction(rowShape: sides + [channels]) { x in
      takesLargest
        ? x.maxPooled(window: window, strides: strides, padding: padding)
        : x.averagePooled(window: window, strides: strides, padding: padding)
    }
  }

  // MARK: Rows

  private mutating func softmax() -> RowFunction {
    let isLog = below(2) == 0
    let isApart = below(3) == 0
    let rowShape = isApart ? [extent(40), extent(20)] : [extent(300)]
    let axis = isApart ? 1 : -1
    return RowFunction(rowShape: rowShape, takesOneRow: !isApart) { x in
      isLog ? (x * 3).logSoftmax(axis: axis) : (x * 3).softmax(axis: axis)
    }
  }

  private mutating func normalization() -> RowFunction {
    let features = extent(300)
    let (scale, shift) = (numbers([features]), numbers([features]))
    let time = below(3) == 0 ? [extent(9)] : []
    let epsilon = 1e-5
    switch below(3) {
    case 0:
      return RowFunction(rowShape: time + [features], takesOneRow: true) { x in
        let centred = x - x.mean(axis: -1, keepingAxis: true)
        return centred * (centred.squared().mean(axis: -1, keepingAxis: true) + epsilon).rsqrt() * scale + shift
      }
    case 1:
      return RowFunction(rowShape: time + [features], takesOneRow: true) { x in
        x * (x.squared().mean(axis: -1, keepingAxis: true) + epsilon).rsqrt() * scale
      }
    default:
      // Over several axes, as images are normalised.
      return RowFunction(rowShape: [3, features]) { x in
        let centred = x - x.mean(axes: [1, 2], keepingAxes: true)
        return centred / (centred.squared().mean(axes: [1, 2], keepingAxes: true) + epsilon).sqrt() * scale
      }
    }
  }

  private mutating func rowReduction() -> RowFunction {
    let kind = below(7)
    let rowShape = below(3) == 0 ? [1 + below(5), extent(100)] : [extent(300)]
    return RowFunction(rowShape: rowShape, takesOneRow: true) { x in
      switch kind {
      case 0: x.sum(axis: -1)
      case 1: x.mean(axis: -1, keepingAxis: true)
      case 2: x.max(axis: -1)
      case 3: (x * x).min(axis: -1)
      case 4: x.logSumExp(axis: -1)
      case 5: x.variance(axis: -1)
      default: x.norm(axis: -1)
      }
    }
  }

  private mutating func innerReduction() -> RowFunction {
    let kind = below(4)
    return RowFunction(rowShape: [extent(70), extent(40)]) { x in
      switch kind {
      case 0: x.sum(axis: 1)
      case 1: x.max(axis: 1)
      case 2: x.sigmoid().mean(axes: [1, 2])
      default: (x.sin() * x).sum(axis: 1) + x.mean(axis: 1)
      }
    }
  }

  private mutating func ordering() -> RowFunction {
    let kind = below(5)
    return RowFunction(rowShape: [extent(60)], takesOneRow: true) { x in
      switch kind {
      case 0: x.argMax(axis: -1)
      case 1: x.sorted(axis: -1, descending: true)
      case 2: x.cumulativeSum(axis: -1)
      case 3: x.cumulativeSum(axis: -1, reverse: true, exclusive: true).tanh()
      default: x.argSort(axis: -1)
      }
    }
  }

  // MARK: Networks

  private mutating func attention() -> RowFunction {
    let (heads, time, width) = (1 + below(3), extent(below(6) == 0 ? 140 : 18), extent(18))
    let mask: AttentionMask
    switch below(3) {
    case 0: mask = .none
    case 1: mask = .causal
    default: mask = .visible(Tensor((0..<(time * time)).map { _ in below(3) > 0 }, shape: [time, time]))
    }
    return RowFunction(rowShape: [time, 3, heads, width]) { x in
      let parts = x.split(into: 3, axis: 2).map { $0.squeezed(axes: [2]).swappingAxes(1, 2) }
      return scaledDotProductAttention(query: parts[0], key: parts[1], value: parts[2], mask: mask)
    }
  }

  private mutating func dense(_ inputs: Int, _ outputs: Int) -> Dense {
    let layer = Dense(inputs, outputs)
    layer.weight = numbers([inputs, outputs], scale: 1 / Double(inputs).squareRoot())
    layer.bias = numbers([outputs])
    return layer
  }

  private mutating func perceptron() -> RowFunction {
    let (inputs, hidden, classes) = (extent(60), extent(40), extent(12))
    let (first, second, third) = (dense(inputs, hidden), dense(hidden, hidden), dense(hidden, classes))
    let activation = activation()
    return RowFunction(rowShape: [inputs], takesOneRow: true) { x in
      third(activation(second(activation(first(x))))).softmax()
    }
  }

  private mutating func imageNetwork() -> RowFunction {
    let (side, channels, wide) = (6 + below(5), 1 + below(3), extent(16))
    let (first, second) = (numbers([3, 3, channels, wide]), numbers([3, 3, wide, 8], scale: 0.2))
    let (bias, activation) = (numbers([wide]), activation())
    let half = (side + 1) / 2
    let head = dense(((half + 1) / 2) * ((half + 1) / 2) * 8, 10)
    return RowFunction(rowShape: [side, side, channels]) { x in
      let y = activation(x.convolved(with: first, padding: .same) + bias).maxPooled(window: [2, 2], padding: .same)
      let z = y.convolved(with: second, strides: [2, 2], padding: .same).relu()
      return head(z.flattened(from: 1)).logSoftmax()
    }
  }

  private mutating func transformerBlock() -> RowFunction {
    let (heads, time, vocabulary) = (1 + below(3), extent(10), extent(30))
    let width = heads * extent(8)
    let (tokens, positions) = (numbers([vocabulary, width]), numbers([time, width]))
    let (qkv, output) = (dense(width, 3 * width), dense(width, width))
    let (up, down) = (dense(width, 4 * width), dense(4 * width, width))
    let scales = (numbers([width]), numbers([width]))
    func normalized(_ x: Tensor, _ scale: Tensor) -> Tensor {
      let centred = x - x.mean(axis: -1, keepingAxis: true)
      return centred * (centred.squared().mean(axis: -1, keepingAxis: true) + 1e-5).rsqrt() * scale
    }
    return RowFunction(rowShape: [time], vocabulary: vocabulary) { indices in
      let batch = indices.shape[0]
      let x = tokens.gather(indices) + positions  // [batch, time, width]
      let parts = qkv(normalized(x, scales.0)).split(into: 3, axis: -1).map { part in
        part.reshaped([batch, time, heads, width / heads]).swappingAxes(1, 2)  // [batch, head, time, feature]
      }
      let seen = scaledDotProductAttention(query: parts[0], key: parts[1], value: parts[2], mask: .causal)
      let y = x + output(seen.swappingAxes(1, 2).reshaped([batch, time, width]))
      return (y + down(up(normalized(y, scales.1)).gelu())).matmul(tokens.T).softmax()  // [batch, time, vocabulary]
    }
  }
}
