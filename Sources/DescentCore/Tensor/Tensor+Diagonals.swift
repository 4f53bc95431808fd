extension Tensor {
  /// The diagonal of the matrices in the last two axes: [..., m, n] → [..., count]. A positive offset counts diagonals to
  /// the right of the main one, a negative one those below.
  public func diagonal(offset: Int = 0) -> Tensor {
    requireMatrices("diagonal")
    let (rows, columns) = (shape[rank - 2], shape[rank - 1])
    let count = Swift.max(0, Swift.min(rows + Swift.min(offset, 0), columns - Swift.max(offset, 0)))
    let batch = Array(shape.dropLast(2))
    guard count > 0 else { return Tensor.zeros(batch + [0], dtype: dtype) }
    // In row-major order the next element of a diagonal lies a row and a column further.
    let start = offset >= 0 ? offset : -offset * columns
    return Tensor(
      .slice(
        starts: batch.map { _ in 0 } + [start], extents: batch + [count], strides: batch.map { _ in 1 } + [columns + 1]),
      reshaped(batch + [rows * columns]))
  }

  /// Square matrices with the last axis on diagonal `offset` and zeros elsewhere: [..., n] → [..., m, m], m = n + |offset|.
  public func diagonalMatrix(offset: Int = 0) -> Tensor {
    guard let length = shape.last else { fatalError("diagonalMatrix: needs rank 1 or more, not shape []") }
    let size = length + Int(offset.magnitude)
    let none = [Int](repeating: 0, count: rank - 1)
    let start = offset >= 0 ? offset : -offset * size
    let covered = length == 0 ? 0 : (length - 1) * (size + 1) + 1
    return Tensor(
      .pad(low: none + [start], high: none + [size * size - start - covered], interior: none + [size]), self
    ).reshaped(Array(shape.dropLast()) + [size, size])
  }

  /// The sum of a diagonal of the matrices in the last two axes. bool, uint8 and int32 are summed as int64.
  public func trace(offset: Int = 0) -> Tensor {
    requireMatrices("trace")
    return diagonal(offset: offset).sum(axis: -1)
  }
}
