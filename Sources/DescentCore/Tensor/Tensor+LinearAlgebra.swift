extension Tensor {
  /// The matrix product over the last two axes; leading axes broadcast as batches. A vector on the left counts as a
  /// row, on the right as a column, and its axis vanishes: [..., m, k] × [..., k, n] → [..., m, n].
  public func matmul(_ other: Tensor) -> Tensor {
    trapping { () throws(ShapeError) in try Tensor.tryMatmul(self, other) }
  }

  package static func tryMatmul(_ a: Tensor, _ b: Tensor) throws(ShapeError) -> Tensor {
    guard a.rank > 0 && b.rank > 0 else {
      throw ShapeError("matmul", "needs rank 1 or more, not \(text(a.shape)) and \(text(b.shape)); use * for numbers")
    }
    let contraction = Swift.max(b.rank - 2, 0)
    guard a.shape[a.rank - 1] == b.shape[contraction] else {
      throw ShapeError(
        "matmul",
        "\(text(a.shape)) × \(text(b.shape)): the last axis of the first has extent \(a.shape[a.rank - 1]), axis "
          + "\(contraction) of the second \(b.shape[contraction]); they must be equal")
    }
    var dtype = a.commonDType(with: b)
    if dtype == .bool || dtype == .uint8 { dtype = .int32 }
    let left = a.cast(to: dtype)
    let right = b.cast(to: dtype)
    if b.rank <= 2 {
      return Tensor(.dot(DotAxes(leftContracting: [a.rank - 1], rightContracting: [contraction])), left, right)
    }
    if a.rank == 1 {
      return Tensor(.dot(DotAxes(leftContracting: [0], rightContracting: [contraction])), left, right)
    }
    let batch = try broadcastShape("matmul", Array(a.shape.dropLast(2)), Array(b.shape.dropLast(2)))
    let batchAxes = Array(batch.indices)
    return Tensor(
      .dot(
        DotAxes(
          leftBatch: batchAxes, rightBatch: batchAxes, leftContracting: [batch.count + 1],
          rightContracting: [batch.count])),
      left.broadcast(to: batch + a.shape.suffix(2)), right.broadcast(to: batch + b.shape.suffix(2)))
  }

  /// Every product of an element of one vector with one of another: [m], [n] → [m, n].
  public func outer(_ other: Tensor) -> Tensor {
    guard rank == 1 && other.rank == 1 else {
      fatalError("outer: needs two vectors, not \(text(shape)) and \(text(other.shape))")
    }
    return expanded(axis: 1) * other.expanded(axis: 0)
  }

  /// The inner product of two vectors.
  public func dot(_ other: Tensor) -> Tensor {
    guard rank == 1 && other.rank == 1 else {
      fatalError("dot: needs two vectors, not \(text(shape)) and \(text(other.shape))")
    }
    return matmul(other)
  }

  /// The elements on and below diagonal `diagonal` of the matrices in the last two axes; zeros above.
  public func lowerTriangle(diagonal: Int = 0) -> Tensor {
    requireMatrices("lowerTriangle")
    return keeping(Tensor.lowerTriangleMask(shape[rank - 2], shape[rank - 1], diagonal: diagonal))
  }

  /// The elements on and above diagonal `diagonal` of the matrices in the last two axes; zeros below.
  public func upperTriangle(diagonal: Int = 0) -> Tensor {
    requireMatrices("upperTriangle")
    return keeping(.!Tensor.lowerTriangleMask(shape[rank - 2], shape[rank - 1], diagonal: diagonal - 1))
  }

  /// True on and below diagonal `diagonal` (the causal mask of attention).
  public static func lowerTriangleMask(_ rows: Int, _ columns: Int, diagonal: Int = 0) -> Tensor {
    let row = Tensor(.iota(shape: [rows, 1], axis: 0, .int32))
    let column = Tensor(.iota(shape: [1, columns], axis: 1, .int32))
    return column .<= row + diagonal
  }

  func requireMatrices(_ operation: String) {
    guard rank >= 2 else { fatalError("\(operation): needs rank 2 or more, not shape \(text(shape))") }
  }

  private func keeping(_ mask: Tensor) -> Tensor {
    mask.select(self, Tensor(.literal(ScalarValue.integer(0).converted(to: dtype), dtype)))
  }
}

/// The matrix product; see `Tensor.matmul(_:)`.
public func matmul(_ a: Tensor, _ b: Tensor) -> Tensor { a.matmul(b) }
