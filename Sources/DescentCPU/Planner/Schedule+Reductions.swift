import DescentCore

extension Schedule {
  /// A line this long is reduced in parts, which several threads can share; how depends on its length alone.
  private static let leastLength = 1 << 15
  private static let partLengths = 1 << 10...1 << 13
  private static let fewLines = 8

  /// The operand of a reduction, [lines, length, 1], with its few long lines brought down to a number for each part.
  mutating func reducedInParts(_ position: Int, _ operand: Int) -> Int {
    #if hasFeature(Embedded)
      return operand
    #else
      let planned = value(operand)
      let (lines, length) = (planned.shape[0], planned.shape[1])
      guard planned.shape[2] == 1, lines <= Schedule.fewLines, length >= Schedule.leastLength,
        let part = Schedule.partLengths.last(where: { length % $0 == 0 })
      else { return operand }
      let parts = [lines * (length / part), part, 1]
      var layout = planned.layout
      layout.strides = parts.rowMajorStrides
      let source = addValue(PlannedValue(shape: parts, dtype: planned.dtype, layout: layout, unit: planned.unit))
      let shape = [lines, length / part, 1]
      let result = valueCount
      units.append(.partialReduction(instruction: position, source: source, result: result))
      return addValue(
        PlannedValue(shape: shape, dtype: planned.dtype, layout: .dense(result, shape), unit: units.count - 1))
    #endif
  }
}
