import DescentCore

/// Where a product writes its result: another value's memory, with a stride for each batch axis and for rows.
struct ProductResult {
  let product: Int
  let root: Int
  let strides: [Int]
}

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
  private func matrixStrides(
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

  private mutating func matrix(
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

  // MARK: Results

  func productResult(_ product: Int) -> ProductResult? { productResults.first { $0.product == product } }

  /// Where all that becomes of a product is a copy in another order, the product writes that order itself.
  mutating func writeProductsInPlaceOfCopies() {
    var readers: [Int: Int] = [:]
    for index in units.indices { for root in reads(index) { readers[root, default: 0] += 1 } }
    for output in program.outputs { readers[value(output).layout.root, default: 0] += 1 }
    for index in units.indices {
      guard case .copy(let source, let result) = units[index] else { continue }
      let root = value(source).layout.root
      guard root < program.instructions.count, readers[root] == 1, case .dot = program.instructions[root].primitive,
        case .kernel(_, let operands) = units[values[root].unit],
        let strides = resultStrides(
          of: value(source), shape: Array(value(operands[0]).shape[..<3]) + [value(operands[1]).shape[3]])
      else { continue }
      productResults.append(ProductResult(product: root, root: result, strides: strides))
      units[index] = .nothing
      setUnit(of: result, to: values[root].unit)
    }
  }

  private mutating func setUnit(of id: Int, to unit: Int) {
    if id < program.instructions.count {
      values[id].unit = unit
    } else {
      copies[id - program.instructions.count].unit = unit
    }
  }

  /// With which strides a product of shape [outer, inner, rows, columns] fills the dense copy of a view of it.
  private func resultStrides(of view: PlannedValue, shape: [Int]) -> [Int]? {
    struct Digit { var extent, from, to: Int }
    // The view's axes from the innermost of the product's memory outwards; they must cover it without a gap.
    let to = view.shape.rowMajorStrides
    var digits: [Digit] = []
    var covered = 1
    while covered < shape.elementCount {
      guard let axis = view.shape.indices.first(where: { view.shape[$0] != 1 && view.layout.strides[$0] == covered })
      else { return nil }
      digits.append(Digit(extent: view.shape[axis], from: covered, to: to[axis]))
      covered *= view.shape[axis]
    }
    guard covered == shape.elementCount && view.shape.elementCount == covered && view.layout.offset == 0 else {
      return nil
    }
    var strides: [Int] = []
    for extent in shape.reversed() {
      var rest = extent
      var stride: Int?
      while rest > 1 {
        var digit = digits.removeFirst()
        if digit.extent > rest {
          guard digit.extent % rest == 0 else { return nil }
          digits.insert(
            Digit(extent: digit.extent / rest, from: digit.from * rest, to: digit.to * rest), at: 0)
          digit.extent = rest
        }
        guard rest % digit.extent == 0, stride == nil || digit.to == stride! * (extent / rest) else { return nil }
        stride = stride ?? digit.to
        rest /= digit.extent
      }
      strides.insert(stride ?? 1, at: 0)
    }
    return strides[3] == 1 || shape[3] == 1 ? Array(strides[..<3]) : nil
  }
}
