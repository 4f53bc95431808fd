#if !hasFeature(Embedded)
  import DescentCore
  import DescentKernels

  /// A value of a pass, seen as [parts, rows, columns], and what the rows of each part come to.
  struct ColumnSum {
    let value: Int
    /// The reduction's position.
    let instruction: Int
    let shape: [Int]
    /// The value [parts, columns].
    let result: Int
  }

  extension Schedule {
    /// Lets passes sum up their own results by parts, so that what is wanted for its sums only is never written: the
    /// squares of a variance, the products behind the gradient of a scale.
    mutating func sumWithinPasses() {
      for index in units.indices {
        guard case .partialReduction(let instruction, let source, let result) = units[index] else { continue }
        let planned = value(source)
        let root = planned.layout.root
        let unit = value(root).unit
        guard unit >= 0 && unit < index, case .elementwise(var group) = units[unit],
          canSum(root, as: planned, in: group)
        else { continue }
        group.sums.append(ColumnSum(value: root, instruction: instruction, shape: planned.shape, result: result))
        units[unit] = .elementwise(group)
        units[index] = .nothing
        copies[result - program.instructions.count].unit = unit
      }
    }

    private func canSum(_ root: Int, as planned: PlannedValue, in group: ElementwiseGroup) -> Bool {
      guard group.sums.count < Int(DK_MAX_SUMS), group.sums.allSatisfy({ $0.shape == planned.shape }),
        group.rowLength == nil, group.instructions.contains(root), !group.clones.contains(root),
        destinations[root] == nil, planned.dtype == group.compute, planned.dtype.isFloat,
        planned.layout.offset == 0 && planned.layout.isDense(planned.shape),
        planned.shape.elementCount == group.shape.elementCount
      else { return false }
      let operands = group.instructions.flatMap { program.instructions[$0].operands }
      let arrays = operands.filter { form(of: $0, in: group) == nil && !isLiteral(value($0).layout.root) }
      let strides = arrays.map { value($0).layout.strides } + [group.shape.rowMajorStrides]
      let (joined, _) = collapsed(group.shape, strides)
      let step = Array(joined.dropFirst()).elementCount
      return !joined.isEmpty && joined.count <= Int(DK_MAX_RANK) && planned.shape[1] * planned.shape[2] % step == 0
        && group.instructions.allSatisfy { destinations[$0] == nil }
    }
  }
#endif
