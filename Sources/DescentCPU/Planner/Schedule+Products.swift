import DescentCore

extension Schedule {
  /// A product's operands as [outer batch, inner batch, rows, columns] with one stride an axis group, copied where they
  /// are not.
  mutating func dotOperands(_ axes: DotAxes, _ operands: [Int]) -> [Int] {
    let left = value(operands[0])
    let right = value(operands[1])
    let leftAxes = (axes.leftFree(rank: left.shape.count), axes.leftContracting)
    let rightAxes = (axes.rightContracting, axes.rightFree(rank: right.shape.count))
    // The batch axes are cut in two where that spares most copies; undivided if that is as good.
    var best: (cut: Int, left: [Int]?, right: [Int]?)?
    for cut in (0...axes.leftBatch.count).reversed() {
      let strides = (
        matrixStrides(left, axes.leftBatch, cut, leftAxes.0, leftAxes.1),
        matrixStrides(right, axes.rightBatch, cut, rightAxes.0, rightAxes.1)
      )
      let fitting = [strides.0, strides.1].filter { $0 != nil }.count
      if best.map({ fitting > [$0.left, $0.right].filter { $0 != nil }.count }) ?? true {
        best = (cut, strides.0, strides.1)
      }
      if fitting == 2 { break }
    }
    let (cut, leftStrides, rightStrides) = best!
    return [
      matrix(operands[0], axes.leftBatch, cut, leftAxes.0, leftAxes.1, strides: leftStrides),
      matrix(operands[1], axes.rightBatch, cut, rightAxes.0, rightAxes.1, strides: rightStrides),
    ]
  }

  /// The strides of a value seen as [outer batch, inner batch, rows, columns], where a product can follow them.
  func matrixStrides(
    _ planned: PlannedValue, _ batch: [Int], _ cut: Int, _ rows: [Int], _ columns: [Int]
  ) -> [Int]? {
    var strides: [Int] = []
    for axes in [Array(batch[..<cut]), Array(batch[cut...]), rows, columns] {
      guard let stride = mergedStride(axes.map { planned.shape[$0] }, axes.map { planned.layout.strides[$0] }) else {
        return nil
      }
      strides.append(stride)
    }
    let height = rows.map { planned.shape[$0] }.elementCount
    let width = columns.map { planned.shape[$0] }.elementCount
    let hasUnitStride = strides[2] == 1 || strides[3] == 1 || height == 1 || width == 1
    let isForward =
      strides.allSatisfy { $0 >= 0 } && (strides[2] > 0 || height == 1) && (strides[3] > 0 || width == 1)
    return hasUnitStride && isForward ? strides : nil
  }

  mutating func matrix(
    _ operand: Int, _ batch: [Int], _ cut: Int, _ rows: [Int], _ columns: [Int], strides: [Int]?
  ) -> Int {
    let planned = value(operand)
    let extents = [Array(batch[..<cut]), Array(batch[cut...]), rows, columns].map { axes in
      axes.map { planned.shape[$0] }.elementCount
    }
    if let strides {
      var layout = planned.layout
      layout.strides = strides
      return addValue(PlannedValue(shape: extents, dtype: planned.dtype, layout: layout, unit: planned.unit))
    }
    let order = batch + rows + columns
    let copy = addCopy(
      of: operand, shape: order.map { planned.shape[$0] }, layout: planned.layout.transposed(order))
    return addValue(
      PlannedValue(
        shape: extents, dtype: planned.dtype, layout: .dense(copy, extents), unit: value(copy).unit))
  }
}
