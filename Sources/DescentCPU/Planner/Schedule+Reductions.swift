import DescentCore

extension Schedule {
  /// Lines with so many elements are reduced in parts, which several threads can share. How depends on one line's shape
  /// alone: there may be more of them in another batch.
  private static let leastElements = 1 << 15
  private static let elementsOfParts = 1 << 10...1 << 15
  private static let manyParts = 64
  /// So many groups of neighbouring columns, which the kernel reduces at once, keep all threads busy anyway.
  private static let fewGroups = 8
  private static let columnsAtOnce = 32

  /// The operand of a reduction, [lines, length, columns], with its long lines brought down to a row for each part.
  mutating func reducedInParts(_ position: Int, _ operand: Int) -> Int {
    #if hasFeature(Embedded)
      return operand
    #else
      let planned = value(operand)
      let (lines, length, columns) = (planned.shape[0], planned.shape[1], planned.shape[2])
      let groups = (columns + Schedule.columnsAtOnce - 1) / Schedule.columnsAtOnce
      let most = Swift.max(length * columns / Schedule.manyParts, Schedule.elementsOfParts.upperBound / 4)
      let sizes = Schedule.elementsOfParts.clamped(to: 0...most)
      guard lines > 0, columns > 0, groups <= Schedule.fewGroups, length * columns >= Schedule.leastElements,
        let part = (sizes.lowerBound / columns...sizes.upperBound / columns)
          .last(where: { $0 > 1 && length % $0 == 0 })
      else { return operand }
      let parts = [lines * (length / part), part, columns]
      var layout = planned.layout
      layout.strides = parts.rowMajorStrides
      let source = addValue(PlannedValue(shape: parts, dtype: planned.dtype, layout: layout, unit: planned.unit))
      let shape = [lines, length / part, columns]
      let result = valueCount
      units.append(.partialReduction(instruction: position, source: source, result: result))
      return addValue(
        PlannedValue(shape: shape, dtype: planned.dtype, layout: .dense(result, shape), unit: units.count - 1))
    #endif
  }
}
