extension Tensor {
  /// The same elements in row-major order in another shape; one extent may be −1 and follows from the others.
  public func reshaped(_ shape: [Int]) -> Tensor {
    let resolved = trapping { () throws(ShapeError) in try resolvedShape(shape, count: count) }
    return resolved == self.shape ? self : Tensor(.reshape(resolved), self)
  }

  /// All elements in one axis, or the axes from `start` to `end` (both included) joined into one.
  public func flattened(from start: Int = 0, to end: Int = -1) -> Tensor {
    guard rank > 0 else { return reshaped([1]) }
    let first = normalized("flattened", start)
    let last = normalized("flattened", end)
    guard first <= last else { fatalError("flattened: axis \(start) comes after axis \(end)") }
    return reshaped(Array(shape[..<first]) + [shape[first...last].reduce(1, *)] + Array(shape[(last + 1)...]))
  }

  /// The axes in another order: axis i of the result is axis `permutation[i]`. Reversed by default.
  public func transposed(_ permutation: [Int]? = nil) -> Tensor {
    let order = permutation?.map { normalized("transpose", $0) } ?? Array((0..<rank).reversed())
    return order == Array(0..<rank) && order.count == rank ? self : Tensor(.transpose(order), self)
  }

  /// Two axes exchanged.
  public func swappingAxes(_ a: Int, _ b: Int) -> Tensor {
    var order = Array(0..<rank)
    order.swapAt(normalized("swappingAxes", a), normalized("swappingAxes", b))
    return transposed(order)
  }

  /// The matrices in the last two axes transposed, named as in mathematics.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  public var T: Tensor {
    guard rank >= 2 else { fatalError("T: needs rank 2 or more, not shape \(text(shape))") }
    return swappingAxes(-2, -1)
  }

  /// One axis taken elsewhere, the others in their order.
  public func movingAxis(_ source: Int, to destination: Int) -> Tensor {
    var order = Array(0..<rank)
    let axis = order.remove(at: normalized("movingAxis", source))
    order.insert(axis, at: normalized("movingAxis", destination))
    return transposed(order)
  }

  /// Without the axes of extent 1, or without the given ones, which must have extent 1.
  public func squeezed(axes: [Int]? = nil) -> Tensor {
    guard let axes else { return reshaped(shape.filter { $0 != 1 }) }
    let dropped = trapping { () throws(ShapeError) in try normalizedAxes("squeeze", axes, rank: rank) }
    for axis in dropped where shape[axis] != 1 {
      fatalError("squeeze: axis \(axis) of shape \(text(shape)) has extent \(shape[axis]), not 1")
    }
    return reshaped(shape.indices.filter { !dropped.contains($0) }.map { shape[$0] })
  }

  /// With a new axis of extent 1, so that it becomes axis `axis` of the result.
  public func expanded(axis: Int) -> Tensor {
    let position = trapping { () throws(ShapeError) in try normalizedAxis("expand", axis, rank: rank + 1) }
    var result = shape
    result.insert(1, at: position)
    return reshaped(result)
  }

  /// Repeated along axes of extent 1 and along new leading axes until it has the given shape.
  public func broadcast(to shape: [Int]) -> Tensor {
    if shape == self.shape { return self }
    guard shape.count >= rank else {
      fatalError("broadcast: \(text(self.shape)) has more axes than \(text(shape))")
    }
    return Tensor(.broadcast(shape: shape, axes: Array((shape.count - rank)..<shape.count)), self)
  }

  /// The whole tensor repeated `repetitions[i]` times along axis i.
  public func tiled(_ repetitions: [Int]) -> Tensor {
    guard repetitions.count == rank, repetitions.allSatisfy({ $0 >= 0 }) else {
      fatalError("tile: needs \(rank) repetitions, not negative, for shape \(text(shape))")
    }
    var split: [Int] = []
    var axes: [Int] = []
    for axis in 0..<rank {
      axes.append(split.count + 1)
      split += [repetitions[axis], shape[axis]]
    }
    return Tensor(.broadcast(shape: split, axes: axes), self).reshaped(zip(repetitions, shape).map(*))
  }

  /// The elements in opposite order along the axes (all of them by default).
  public func flipped(axes: [Int]? = nil) -> Tensor {
    let axes = trapping { () throws(ShapeError) in try normalizedAxes("flip", axes, rank: rank) }
    return axes.isEmpty ? self : Tensor(.reverse(axes: axes), self)
  }

  /// `value` added before and after the elements: `padding[i]` is (before, after) of axis i.
  public func padded(_ padding: [(before: Int, after: Int)], with value: Double = 0) -> Tensor {
    let low = padding.map { $0.before }
    let high = padding.map { $0.after }
    let interior = [Int](repeating: 0, count: padding.count)
    let padded = Tensor(.pad(low: low, high: high, interior: interior), self)
    if value == 0 { return padded }
    let isInside = Tensor(
      .pad(low: low, high: high, interior: interior), Tensor.full(shape, true, dtype: .bool))
    return isInside.select(padded, Tensor(.literal(.real(value).converted(to: dtype), dtype)))
  }

  /// The tensors one after the other along an axis; all other extents must agree.
  public static func concatenate(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
    guard let first = tensors.first else { fatalError("concatenate: needs at least one tensor") }
    let axis = first.normalized("concatenate", axis)
    let dtype = commonDType(of: tensors)
    return tensors.count == 1 ? first : Tensor(.concatenate(axis: axis), tensors.map { $0.cast(to: dtype) })
  }

  /// The type several tensors share: that of those whose type is fixed, if any is.
  private static func commonDType(of tensors: [Tensor]) -> DType {
    let fixed = tensors.filter { !$0.isWeak }
    let dtype = (fixed.isEmpty ? tensors : fixed).map { $0.dtype }.reduce(DType.bool) { DType.promoting($0, $1) }
    let isReal = tensors.contains { tensor in
      if case .literal(.integer, _) = tensor.node.primitive { false } else { tensor.isWeak && tensor.dtype.isFloat }
    }
    return isReal && !dtype.isFloat ? .float32 : dtype
  }

  /// The tensors, all of one shape, along a new axis.
  public static func stack(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
    concatenate(tensors.map { $0.expanded(axis: axis) }, axis: axis)
  }

  /// Parts of the given extents along an axis, in order; they must add up to the axis's extent.
  public func split(_ extents: [Int], axis: Int = 0) -> [Tensor] {
    let axis = normalized("split", axis)
    guard extents.reduce(0, +) == shape[axis], extents.allSatisfy({ $0 >= 0 }) else {
      fatalError("split: parts \(text(extents)) do not add up to extent \(shape[axis]) of axis \(axis)")
    }
    var start = 0
    return extents.map { extent in
      defer { start += extent }
      return slice(axis: axis, from: start, count: extent)
    }
  }

  /// Equal parts along an axis, whose extent they must divide.
  public func split(into count: Int, axis: Int = 0) -> [Tensor] {
    let axis = normalized("split", axis)
    guard count > 0 && shape[axis] % count == 0 else {
      fatalError("split: extent \(shape[axis]) of axis \(axis) is not divisible by \(count)")
    }
    return split([Int](repeating: shape[axis] / count, count: count), axis: axis)
  }

  package func slice(axis: Int, from start: Int, count: Int) -> Tensor {
    var starts = [Int](repeating: 0, count: rank)
    var extents = shape
    starts[axis] = start
    extents[axis] = count
    return Tensor(.slice(starts: starts, extents: extents, strides: [Int](repeating: 1, count: rank)), self)
  }

  package func normalized(_ operation: String, _ axis: Int) -> Int {
    trapping { () throws(ShapeError) in try normalizedAxis(operation, axis, rank: rank) }
  }
}

/// A shape with its one −1 worked out from the number of elements.
package func resolvedShape(_ shape: [Int], count: Int) throws(ShapeError) -> [Int] {
  guard let unknown = shape.firstIndex(of: -1) else { return shape }
  var known = 1
  for (axis, extent) in shape.enumerated() where axis != unknown {
    guard extent >= 0 else { throw ShapeError("reshape", "\(text(shape)) has more than one unknown extent") }
    known *= extent
  }
  guard known > 0 && count % known == 0 else {
    throw ShapeError("reshape", "\(count) elements do not fill \(text(shape)): \(known) does not divide \(count)")
  }
  var result = shape
  result[unknown] = count / known
  return result
}
