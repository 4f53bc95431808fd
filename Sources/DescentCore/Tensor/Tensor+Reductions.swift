extension Tensor {
  // Every reduction takes the axes to reduce (all of them by default, counted from the back if negative) and may keep
  // them with extent 1.

  /// The sum over the axes. bool, uint8 and int32 are summed as int64.
  public func sum(axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    let operand = dtype.isFloat ? self : cast(to: .int64)
    return operand.reduce(.sum, axes, keepingAxes)
  }

  /// The mean over the axes; integers become float32 first.
  public func mean(axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    let operand = dtype.isFloat ? self : cast(to: .float32)
    let total = operand.reduce(.sum, axes, keepingAxes)
    return total / Double(reducedCount("mean", axes))
  }

  /// The product over the axes, by halving: exact derivatives of any order even where factors are 0. Integers and
  /// booleans become int64 first.
  public func product(axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    if !dtype.isFloat && dtype != .int64 { return cast(to: .int64).product(axes: axes, keepingAxes: keepingAxes) }
    let axes = trapping { () throws(ShapeError) in try normalizedAxes("product", axes, rank: rank) }
    let kept = shape.indices.filter { !axes.contains($0) }
    let keptShape = kept.map { shape[$0] }
    let length = axes.map { shape[$0] }.elementCount
    var factors = transposed(kept + axes).reshaped(keptShape + [length])  // [kept…, length]
    if length == 0 { return Tensor.ones(keepingAxes ? shapeKeeping(axes) : keptShape, dtype: dtype) }
    while factors.shape[kept.count] > 1 {
      let count = factors.shape[kept.count]
      let half = count / 2
      let first = factors.slice(axis: kept.count, from: 0, count: half)
      let second = factors.slice(axis: kept.count, from: half, count: half)
      let product = first * second
      factors =
        count % 2 == 0
        ? product : .concatenate([product, factors.slice(axis: kept.count, from: 2 * half, count: 1)], axis: -1)
    }
    return factors.reshaped(keepingAxes ? shapeKeeping(axes) : keptShape)
  }

  /// The largest element over the axes; NaN wins. Elements that tie share the derivative equally.
  public func max(axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor { reduce(.max, axes, keepingAxes) }

  /// The smallest element over the axes; NaN wins. Elements that tie share the derivative equally.
  public func min(axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor { reduce(.min, axes, keepingAxes) }

  /// Mean squared distance from the mean: Σ(x − x̄)²/(n − correction). The correction is 0 for the population's
  /// variance, 1 for the unbiased estimate.
  public func variance(axes: [Int]? = nil, correction: Int = 0, keepingAxes: Bool = false) -> Tensor {
    let operand = dtype.isFloat ? self : cast(to: .float32)
    let centred = operand - operand.mean(axes: axes, keepingAxes: true)
    return centred.squared().sum(axes: axes, keepingAxes: keepingAxes)
      / Double(reducedCount("variance", axes) - correction)
  }

  /// The square root of the variance. Its derivative counts as 0 where all elements are equal.
  public func standardDeviation(axes: [Int]? = nil, correction: Int = 0, keepingAxes: Bool = false) -> Tensor {
    variance(axes: axes, correction: correction, keepingAxes: keepingAxes).flatAtZero { $0.sqrt() }
  }

  /// log Σ eˣ over the axes, without overflow: the maximum is taken out first. It is −∞ where all elements are, ∞ where
  /// one is; there its derivative counts as 0.
  public func logSumExp(axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    let operand = dtype.isFloat ? self : cast(to: .float32)
    let largest = operand.max(axes: axes, keepingAxes: true).stopGradient()
    let isInfinite = largest.isInfinite()
    let shift = isInfinite.select(0, largest)
    let exponents = isInfinite.select(0, operand - shift)
    let total = exponents.exp().sum(axes: axes, keepingAxes: true)
    let result = isInfinite.select(largest, total.log() + shift)
    return keepingAxes ? result : result.droppingReduced(axes, of: self)
  }

  /// Whether any element is not 0.
  public func any(axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    asBool().cast(to: .int32).sumOfCounts(axes, keepingAxes) .> 0
  }

  /// Whether all elements are not 0.
  public func all(axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    (asBool() .== false).cast(to: .int32).sumOfCounts(axes, keepingAxes) .== 0
  }

  /// The position (int32) of the first largest element along an axis, or in row-major order; NaN counts as largest.
  public func argMax(axis: Int? = nil, keepingAxis: Bool = false) -> Tensor { argReduce(.max, axis, keepingAxis) }

  /// The position (int32) of the first smallest element along an axis, or in row-major order; NaN counts as smallest.
  public func argMin(axis: Int? = nil, keepingAxis: Bool = false) -> Tensor { argReduce(.min, axis, keepingAxis) }

  /// Running sums along an axis, of the elements up to and including each one: from the back if `reverse`, without the
  /// element itself if `exclusive`.
  public func cumulativeSum(axis: Int, reverse: Bool = false, exclusive: Bool = false) -> Tensor {
    let axis = normalized("cumulativeSum", axis)
    let operand = dtype.isFloat ? self : cast(to: .int64)
    return Tensor(.cumulativeSum(axis: axis, reverse: reverse, exclusive: exclusive), operand)
  }

  /// Running products along an axis, of the elements up to and including each one: from the back if `reverse`, without
  /// the element itself if `exclusive`. By doubling steps, with exact derivatives of any order even where factors are 0.
  /// Integers and booleans become int64 first.
  public func cumulativeProduct(axis: Int, reverse: Bool = false, exclusive: Bool = false) -> Tensor {
    let axis = normalized("cumulativeProduct", axis)
    if !dtype.isFloat && dtype != .int64 {
      return cast(to: .int64).cumulativeProduct(axis: axis, reverse: reverse, exclusive: exclusive)
    }
    let extent = shape[axis]
    /// The elements `step` places further, with ones before them.
    func shifted(_ x: Tensor, by step: Int) -> Tensor {
      var front = shape
      front[axis] = step
      let rest = x.slice(axis: axis, from: 0, count: extent - step)
      return .concatenate([Tensor.ones(front, dtype: dtype), rest], axis: axis)
    }
    var products = reverse ? flipped(axes: [axis]) : self
    if exclusive && extent > 0 { products = shifted(products, by: 1) }
    var step = 1
    while step < extent {
      products = products * shifted(products, by: step)
      step *= 2
    }
    return reverse ? products.flipped(axes: [axis]) : products
  }

  // MARK: One axis

  /// The sum along one axis.
  public func sum(axis: Int, keepingAxis: Bool = false) -> Tensor { sum(axes: [axis], keepingAxes: keepingAxis) }
  /// The mean along one axis.
  public func mean(axis: Int, keepingAxis: Bool = false) -> Tensor { mean(axes: [axis], keepingAxes: keepingAxis) }
  /// The product along one axis.
  public func product(axis: Int, keepingAxis: Bool = false) -> Tensor {
    product(axes: [axis], keepingAxes: keepingAxis)
  }
  /// The largest element along one axis.
  public func max(axis: Int, keepingAxis: Bool = false) -> Tensor { max(axes: [axis], keepingAxes: keepingAxis) }
  /// The smallest element along one axis.
  public func min(axis: Int, keepingAxis: Bool = false) -> Tensor { min(axes: [axis], keepingAxes: keepingAxis) }
  /// The variance along one axis.
  public func variance(axis: Int, correction: Int = 0, keepingAxis: Bool = false) -> Tensor {
    variance(axes: [axis], correction: correction, keepingAxes: keepingAxis)
  }
  /// The standard deviation along one axis.
  public func standardDeviation(axis: Int, correction: Int = 0, keepingAxis: Bool = false) -> Tensor {
    standardDeviation(axes: [axis], correction: correction, keepingAxes: keepingAxis)
  }
  /// log Σ eˣ along one axis.
  public func logSumExp(axis: Int, keepingAxis: Bool = false) -> Tensor {
    logSumExp(axes: [axis], keepingAxes: keepingAxis)
  }
  /// Whether any element along one axis is not 0.
  public func any(axis: Int, keepingAxis: Bool = false) -> Tensor { any(axes: [axis], keepingAxes: keepingAxis) }
  /// Whether all elements along one axis are not 0.
  public func all(axis: Int, keepingAxis: Bool = false) -> Tensor { all(axes: [axis], keepingAxes: keepingAxis) }

  // MARK: Helpers

  private func reduce(_ reduction: Reduction, _ axes: [Int]?, _ keepingAxes: Bool) -> Tensor {
    let name = Primitive.reduce(reduction, axes: []).name
    let axes = trapping { () throws(ShapeError) in try normalizedAxes(name, axes, rank: rank) }
    let result = Tensor(.reduce(reduction, axes: axes), self)
    return keepingAxes ? result.reshaped(shapeKeeping(axes)) : result
  }

  private func sumOfCounts(_ axes: [Int]?, _ keepingAxes: Bool) -> Tensor { reduce(.sum, axes, keepingAxes) }

  private func argReduce(_ reduction: Reduction, _ axis: Int?, _ keepingAxis: Bool) -> Tensor {
    guard let axis else { return reshaped([count]).argReduce(reduction, 0, false) }
    let normalizedAxis = normalized(Primitive.argReduce(reduction, axis: 0).name, axis)
    let result = Tensor(.argReduce(reduction, axis: normalizedAxis), self)
    return keepingAxis ? result.expanded(axis: normalizedAxis) : result
  }

  package func shapeKeeping(_ axes: [Int]) -> [Int] { shape.indices.map { axes.contains($0) ? 1 : shape[$0] } }

  private func reducedCount(_ operation: String, _ axes: [Int]?) -> Int {
    let axes = trapping { () throws(ShapeError) in try normalizedAxes(operation, axes, rank: rank) }
    return axes.map { shape[$0] }.elementCount
  }

  private func droppingReduced(_ axes: [Int]?, of original: Tensor) -> Tensor {
    let axes = trapping { () throws(ShapeError) in try normalizedAxes("logSumExp", axes, rank: original.rank) }
    return reshaped(original.shape.indices.filter { !axes.contains($0) }.map { original.shape[$0] })
  }
}
