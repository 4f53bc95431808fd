#if !hasFeature(Embedded)
  import DescentCore
  import DescentKernels

  extension Schedule {
    /// A product's operands, rounded where the plan says so and the kernel does not do it itself.
    mutating func roundedForProduct(_ operands: [Int]) -> [Int] {
      let (left, right) = (value(operands[0]), value(operands[1]))  // [outer, inner, m, k], [outer, inner, k, n]
      let arithmetic = products.code(
        left.dtype, batch: left.shape[0] * left.shape[1], m: left.shape[2], n: right.shape[3], k: left.shape[3])
      return arithmetic == DK_CHAIN ? rounded(operands) : operands
    }

    /// The same elements in the same layout, rounded. All of what their memory holds is rounded in one pass and once,
    /// whoever reads parts of it.
    mutating func rounded(_ operands: [Int]) -> [Int] {
      operands.map { operand in
        let planned = value(operand)
        guard products.rounds(planned.dtype) else { return operand }
        var layout = planned.layout
        layout.root = roundedRoot(layout.root)
        return addValue(
          PlannedValue(shape: planned.shape, dtype: planned.dtype, layout: layout, unit: value(layout.root).unit))
      }
    }

    private mutating func roundedRoot(_ root: Int) -> Int {
      if let known = roundedRoots[root] { return known }
      let result = program.instructions.count + copies.count
      let source = value(root)
      copies.append(
        PlannedValue(
          shape: source.shape, dtype: source.dtype, layout: .dense(result, source.shape), unit: units.count))
      units.append(.rounding(source: root, result: result))
      roundedRoots[root] = result
      return result
    }
  }

  extension Emitter {
    func emitRounding(from source: Int, to result: Int) {
      let count = schedule.value(source).shape.elementCount
      let arguments = plan.arguments(dk_round_arguments.self)
      arguments.pointee.count = Int64(count)
      point(&arguments.pointee.input, at: source)
      point(&arguments.pointee.output, at: result)
      plan.add(DK_TO_BFLOAT16, arguments, .stream(2 * count, .float32), name: "round", detail: shapeText([count]))
    }
  }
#endif
