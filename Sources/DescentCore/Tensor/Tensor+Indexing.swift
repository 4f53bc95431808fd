/// What stands between the brackets for one axis: a position, a range, every n-th element.
public enum TensorIndex: Sendable {
  /// One position, from the back if negative; the axis vanishes.
  case at(Int)
  /// From `start` up to but not including `end`, by `stride`; as in NumPy, either end may be left out or count from
  /// the back, ends beyond the axis are cut, and a negative stride runs backwards.
  case range(_ start: Int? = nil, _ end: Int? = nil, stride: Int = 1)
  /// A new axis of extent 1.
  case newAxis
  /// The whole axis.
  public static var all: TensorIndex { .range() }
}

/// A value that selects along one axis: `2`, `1..<3`, `(-2)...`, `TensorIndex.all`.
public protocol TensorIndexing {
  var tensorIndex: TensorIndex { get }
}

extension TensorIndex: TensorIndexing {
  public var tensorIndex: TensorIndex { self }
}
extension Int: TensorIndexing {
  public var tensorIndex: TensorIndex { .at(self) }
}
extension Range<Int>: TensorIndexing {
  public var tensorIndex: TensorIndex { .range(lowerBound, upperBound) }
}
extension ClosedRange<Int>: TensorIndexing {
  public var tensorIndex: TensorIndex { .range(lowerBound, upperBound == -1 ? nil : upperBound + 1) }
}
extension PartialRangeFrom<Int>: TensorIndexing {
  public var tensorIndex: TensorIndex { .range(lowerBound, nil) }
}
extension PartialRangeUpTo<Int>: TensorIndexing {
  public var tensorIndex: TensorIndex { .range(nil, upperBound) }
}
extension PartialRangeThrough<Int>: TensorIndexing {
  public var tensorIndex: TensorIndex { .range(nil, upperBound == -1 ? nil : upperBound + 1) }
}

extension Tensor {
  /// Selects along the leading axes, one index each; axes without an index stay whole.
  public subscript<A: TensorIndexing>(_ a: A) -> Tensor { indexed([a.tensorIndex]) }
  /// Selects along the first two axes.
  public subscript<A: TensorIndexing, B: TensorIndexing>(_ a: A, _ b: B) -> Tensor {
    indexed([a.tensorIndex, b.tensorIndex])
  }
  /// Selects along the first three axes.
  public subscript<A: TensorIndexing, B: TensorIndexing, C: TensorIndexing>(_ a: A, _ b: B, _ c: C) -> Tensor {
    indexed([a.tensorIndex, b.tensorIndex, c.tensorIndex])
  }
  /// Selects along the first four axes.
  public subscript<A: TensorIndexing, B: TensorIndexing, C: TensorIndexing, D: TensorIndexing>(
    _ a: A, _ b: B, _ c: C, _ d: D
  ) -> Tensor {
    indexed([a.tensorIndex, b.tensorIndex, c.tensorIndex, d.tensorIndex])
  }

  /// Selects along the leading axes, one index each; axes without an index stay whole.
  public func indexed(_ indices: [TensorIndex]) -> Tensor {
    trapping { () throws(ShapeError) in try tryIndexed(indices) }
  }

  package func tryIndexed(_ indices: [TensorIndex]) throws(ShapeError) -> Tensor {
    var starts: [Int] = []
    var extents: [Int] = []
    var strides: [Int] = []
    var reversed: [Int] = []
    var result: [Int] = []
    for index in indices {
      if case .newAxis = index {
        result.append(1)
        continue
      }
      let axis = starts.count
      guard axis < rank else {
        throw ShapeError("subscript", "more indices than the \(rank) axes of shape \(text(shape))")
      }
      switch index {
      case .at(let position):
        let extent = shape[axis]
        guard position >= -extent && position < extent else {
          throw ShapeError("subscript", "index \(position) is outside axis \(axis) of extent \(extent)")
        }
        starts.append(position < 0 ? position + extent : position)
        extents.append(1)
        strides.append(1)
      case .range(let start, let end, let stride):
        guard stride != 0 else { throw ShapeError("subscript", "the stride of axis \(axis) must not be 0") }
        if stride < 0 { reversed.append(axis) }
        let range = Self.positions(start, end, stride, extent: shape[axis])
        starts.append(range.start)
        extents.append(range.count)
        strides.append(range.stride)
        result.append(range.count)
      case .newAxis: break
      }
    }
    for axis in starts.count..<rank {
      starts.append(0)
      extents.append(shape[axis])
      strides.append(1)
      result.append(shape[axis])
    }
    let sliced =
      extents == shape && strides.allSatisfy { $0 == 1 }
      ? self : Tensor(.slice(starts: starts, extents: extents, strides: strides), self)
    return sliced.flipped(axes: reversed).reshaped(result)
  }

  /// The ascending positions a range selects; a negative stride selects the same ones backwards.
  private static func positions(
    _ start: Int?, _ end: Int?, _ stride: Int, extent: Int
  ) -> (start: Int, count: Int, stride: Int) {
    func fromFront(_ position: Int) -> Int { position < 0 ? position + extent : position }
    if stride > 0 {
      let first = Swift.min(Swift.max(start.map(fromFront) ?? 0, 0), extent)
      let last = Swift.min(Swift.max(end.map(fromFront) ?? extent, first), extent)
      return (first, (last - first + stride - 1) / stride, stride)
    }
    let step = -stride
    let first = Swift.min(Swift.max(start.map(fromFront) ?? extent - 1, -1), extent - 1)
    let last = Swift.max(end.map(fromFront) ?? -1, -1)
    let count = first > last ? (first - last + step - 1) / step : 0
    return count == 0 ? (0, 0, step) : (first - (count - 1) * step, count, step)
  }

  // MARK: Looking up by tensors of positions

  /// The slices at `indices` along an axis: the axis is replaced by the shape of `indices`. As in an embedding,
  /// `table.gather(words)` on [words, features] gives [words.shape…, features]. Indices must lie within the axis; one
  /// that does not stops evaluation with its value.
  public func gather(_ indices: Tensor, axis: Int = 0) -> Tensor {
    Tensor(.gather(axis: normalized("gather", axis), batchRank: 0), self, indices.asIndices())
  }

  /// One element (or several) per line along an axis: `indices` has the receiver's shape but for that axis, and
  /// result[…, i, …] = self[…, indices[…, i, …], …].
  public func gatherElements(_ indices: Tensor, axis: Int) -> Tensor {
    let axis = normalized("gatherElements", axis)
    let last = rank - 1
    let lines = movingAxis(axis, to: last)
    let picks = indices.asIndices().movingAxis(axis, to: last)
    return Tensor(.gather(axis: last, batchRank: last), lines, picks).movingAxis(last, to: axis)
  }

  /// A copy in which each slice of `updates` was added at its index along an axis; repeated indices add up. `updates`
  /// has the receiver's shape with the axis replaced by the shape of `indices`.
  public func scatterAdd(_ updates: Tensor, at indices: Tensor, axis: Int = 0) -> Tensor {
    let axis = normalized("scatterAdd", axis)
    let dtype = commonDType(with: updates)
    return cast(to: dtype)
      + Tensor(
        .scatterAdd(axis: axis, batchRank: 0, extent: shape[axis]), updates.cast(to: dtype), indices.asIndices())
  }

  /// 1 at the receiver's values along a new last axis of extent `depth`, 0 elsewhere; a value outside gives zeros.
  public func oneHot(depth: Int, dtype: DType = .float32) -> Tensor {
    // A byte could not count up to a larger depth.
    let positions = self.dtype == .uint8 ? cast(to: .int32) : asIndices()
    return (positions.expanded(axis: -1) .== Tensor.index(depth, dtype: positions.dtype)).cast(to: dtype)
  }

  /// Positions (int32) that sort the axis; equal elements keep their order, NaN comes last (first if descending).
  public func argSort(axis: Int = -1, descending: Bool = false) -> Tensor {
    Tensor(.argSort(axis: normalized("argSort", axis), descending: descending), self)
  }

  /// The elements in order along an axis.
  public func sorted(axis: Int = -1, descending: Bool = false) -> Tensor {
    gatherElements(argSort(axis: axis, descending: descending), axis: axis)
  }

  /// The k largest elements along an axis (smallest if `largest` is false), in order, and their positions.
  public func topK(_ k: Int, axis: Int = -1, largest: Bool = true) -> (values: Tensor, indices: Tensor) {
    let axis = normalized("topK", axis)
    guard k >= 0 && k <= shape[axis] else {
      fatalError("topK: k is \(k), but axis \(axis) of shape \(text(shape)) has extent \(shape[axis])")
    }
    let indices = argSort(axis: axis, descending: largest).slice(axis: axis, from: 0, count: k)
    return (gatherElements(indices, axis: axis), indices)
  }

  private func asIndices() -> Tensor {
    guard !dtype.isFloat else { fatalError("gather: indices must be integers, not \(dtype.name); cast them") }
    return dtype == .bool ? cast(to: .int32) : self
  }
}
