import DescentCore
import DescentKernels

extension Emitter {
  /// Emits the call of an instruction that has a kernel of its own.
  func emitKernel(_ instruction: Program.Instruction, position: Int, operands: [Int]) {
    let shape = instruction.shape
    switch instruction.primitive {
    case .iota(_, let axis, let dtype):
      let arguments = plan.arguments(dk_iota_arguments.self)
      arguments.pointee.dtype = dtype.kernelType
      (arguments.pointee.outer, arguments.pointee.count, arguments.pointee.inner) = line(shape, axis)
      point(&arguments.pointee.output, at: position)
      plan.add(DK_IOTA, arguments, .small, name: "iota")

    case .random(let sample, let dtype, let stream):
      let arguments = plan.arguments(dk_random_arguments.self)
      arguments.pointee.dtype = dtype.kernelType
      arguments.pointee.stream = UInt32(truncatingIfNeeded: stream)
      arguments.pointee.count = Int64(sample.elementCount)
      arguments.pointee.batch = Int64(Array(shape.dropLast(sample.count)).elementCount)
      pointAtValue(&arguments.pointee.keys, operands[0])
      point(&arguments.pointee.output, at: position)
      plan.add(DK_RANDOM, arguments, .scattered(shape.elementCount, dtype), name: "random", detail: shapeText(shape))

    case .concatenate(let axis):
      var start = 0
      let strides = shape.rowMajorStrides
      for operand in operands {
        let part = schedule.value(operand).shape
        let offset = start * strides[axis]
        if part.elementCount > 0 && schedule.home(schedule.value(operand).layout.root) != position {
          copy(operand, shape: part, toStrides: strides) { field, start in
            point(field, at: position, offset: offset + start)
          }
        }
        start += part[axis]
      }

    case .pad(let low, let high, let interior):
      emitPad(position, shape, operands[0], low, interior, isWhole: (low + high + interior).allSatisfy { $0 == 0 })
    case .dot(let axes): emitDot(instruction, position, axes, operands)
    #if !hasFeature(Embedded)
      case .convolution(let window): emitConvolution(window, position, operands)
      case .fused(let operation): emitAttention(operation, position, operands)
    #endif

    case .reduce: emitReduction(instruction, of: operands[0], to: position)

    case .argReduce(let reduction, let axis):
      let operand = schedule.value(operands[0])
      let arguments = plan.arguments(dk_arg_reduce_arguments.self)
      arguments.pointee.reduction = code(reduction)
      arguments.pointee.dtype = operand.dtype.kernelType
      (arguments.pointee.outer, arguments.pointee.count, arguments.pointee.inner) = line(operand.shape, axis)
      pointAtValue(&arguments.pointee.input, operands[0])
      point(&arguments.pointee.output, at: position)
      plan.add(
        DK_ARG_REDUCE, arguments, .scattered(operand.shape.elementCount, operand.dtype),
        name: instruction.primitive.name,
        detail: shapeText(operand.shape))

    case .cumulativeSum(let axis, let reverse, let exclusive):
      let arguments = plan.arguments(dk_cumulative_sum_arguments.self)
      arguments.pointee.dtype = instruction.dtype.kernelType
      arguments.pointee.reverse = reverse ? 1 : 0
      arguments.pointee.exclusive = exclusive ? 1 : 0
      (arguments.pointee.outer, arguments.pointee.count, arguments.pointee.inner) = line(shape, axis)
      pointAtValue(&arguments.pointee.input, operands[0])
      point(&arguments.pointee.output, at: position)
      plan.add(
        DK_CUMULATIVE_SUM, arguments, .scattered(shape.elementCount, instruction.dtype), name: "cumulativeSum",
        detail: shapeText(shape))

    case .argSort(let axis, let descending):
      let operand = schedule.value(operands[0])
      let arguments = plan.arguments(dk_arg_sort_arguments.self)
      arguments.pointee.dtype = operand.dtype.kernelType
      arguments.pointee.descending = descending ? 1 : 0
      (arguments.pointee.outer, arguments.pointee.count, arguments.pointee.inner) = line(operand.shape, axis)
      pointAtValue(&arguments.pointee.input, operands[0])
      point(&arguments.pointee.output, at: position)
      let lines = Int(arguments.pointee.outer * arguments.pointee.inner)
      plan.add(
        DK_ARG_SORT, arguments, .sort(operand.shape[axis], lines: lines, operand.dtype), name: "argSort",
        detail: shapeText(operand.shape))

    case .gather(let axis, let batchRank): emitGather(position, axis, batchRank, operands)
    case .scatterAdd(let axis, let batchRank, _): emitScatterAdd(position, shape, axis, batchRank, operands)

    case .constant, .input, .literal, .unary, .binary, .select, .convert, .identity, .stopGradient, .custom, .reshape,
      .transpose, .broadcast, .slice, .reverse:
      fatalError("\(instruction.primitive.name) has no kernel of its own")
    }
  }

  /// A reduction of the middle one of three axes.
  func emitReduction(_ instruction: Program.Instruction, of source: Int, to result: Int) {
    guard case .reduce(let reduction, _) = instruction.primitive else { return }
    let extents = schedule.value(source).shape
    let arguments = plan.arguments(dk_reduce_arguments.self)
    arguments.pointee.reduction = code(reduction)
    arguments.pointee.dtype = instruction.dtype.kernelType
    arguments.pointee.outer = Int64(extents[0])
    arguments.pointee.count = Int64(extents[1])
    arguments.pointee.inner = Int64(extents[2])
    pointAtValue(&arguments.pointee.input, source)
    point(&arguments.pointee.output, at: result)
    plan.add(
      DK_REDUCE, arguments, .stream(extents.elementCount, instruction.dtype), name: instruction.primitive.name,
      detail: shapeText(extents))
  }

  func code(_ reduction: Reduction) -> Int32 {
    switch reduction {
    case .sum: Int32(DK_SUM.rawValue)
    case .max: Int32(DK_MAX.rawValue)
    case .min: Int32(DK_MIN.rawValue)
    }
  }

  /// A shape as [outer, count, inner] around an axis.
  private func line(_ shape: [Int], _ axis: Int) -> (Int64, Int64, Int64) {
    (
      Int64(Array(shape[..<axis]).elementCount), Int64(shape[axis]), Int64(Array(shape[(axis + 1)...]).elementCount)
    )
  }

  private func emitPad(
    _ position: Int, _ shape: [Int], _ operand: Int, _ low: [Int], _ interior: [Int], isWhole: Bool
  ) {
    let value = schedule.value(operand)
    if !isWhole {
      let fill = plan.arguments(dk_fill_arguments.self)
      fill.pointee.elementSize = Int32(value.dtype.byteSize)
      fill.pointee.count = Int64(shape.elementCount)
      point(&fill.pointee.output, at: position)
      plan.add(DK_FILL, fill, .stream(shape.elementCount, value.dtype), name: "pad", detail: shapeText(shape))
    }
    guard value.shape.elementCount > 0 else { return }
    let strides = shape.rowMajorStrides
    let steps = strides.indices.map { strides[$0] * (interior[$0] + 1) }
    let first = zip(low, strides).reduce(0) { $0 + $1.0 * $1.1 }
    copy(operand, shape: value.shape, toStrides: steps) { field, start in
      point(field, at: position, offset: first + start)
    }
  }

  private func emitDot(_ instruction: Program.Instruction, _ position: Int, _ axes: DotAxes, _ operands: [Int]) {
    let left = schedule.value(operands[0])  // [outer, inner, m, k]
    let right = schedule.value(operands[1])  // [outer, inner, k, n]
    let (m, k, n) = (left.shape[2], left.shape[3], right.shape[3])
    let (a, b) = (left.layout.strides, right.layout.strides)
    var (c, offset) = ([left.shape[1] * m * n, m * n, n], 0)
    #if !hasFeature(Embedded)
      if let destination = schedule.destinations[position] { (c, offset) = (destination.strides, destination.offset) }
    #endif
    let arguments = plan.arguments(dk_matmul_arguments.self)
    arguments.pointee.dtype = instruction.dtype.kernelType
    arguments.pointee.batchOuter = Int64(left.shape[0])
    arguments.pointee.batchInner = Int64(left.shape[1])
    (arguments.pointee.m, arguments.pointee.n, arguments.pointee.k) = (Int64(m), Int64(n), Int64(k))
    (arguments.pointee.aOuter, arguments.pointee.aInner) = (Int64(a[0]), Int64(a[1]))
    (arguments.pointee.aRow, arguments.pointee.aColumn) = (Int64(a[2]), Int64(a[3]))
    (arguments.pointee.bOuter, arguments.pointee.bInner) = (Int64(b[0]), Int64(b[1]))
    (arguments.pointee.bRow, arguments.pointee.bColumn) = (Int64(b[2]), Int64(b[3]))
    (arguments.pointee.cOuter, arguments.pointee.cInner, arguments.pointee.cRow) = (
      Int64(c[0]), Int64(c[1]), Int64(c[2])
    )
    pointAtValue(&arguments.pointee.a, operands[0])
    pointAtValue(&arguments.pointee.b, operands[1])
    point(&arguments.pointee.c, at: schedule.resultRoot(position), offset: offset)
    #if !hasFeature(Embedded)
      if let epilogue = schedule.epilogues[position] {
        arguments.pointee.activation = Int32((epilogue.isReLU ? DK_RELU : DK_IDENTITY).rawValue)
        if let bias = epilogue.bias { pointAtValue(&arguments.pointee.bias, bias) }
        if let residual = epilogue.residual { pointAtValue(&arguments.pointee.residual, residual) }
        (arguments.pointee.residualOuter, arguments.pointee.residualInner) = (Int64(c[0]), Int64(c[1]))
        arguments.pointee.residualRow = Int64(c[2])
      }
    #endif
    let batch = left.shape[0] * left.shape[1]
    let arithmetic = schedule.products.code(instruction.dtype, batch: batch, m: m, n: n, k: k)
    arguments.pointee.arithmetic = Int32(arithmetic.rawValue)
    plan.add(
      DK_MATMUL, arguments, .product(batch: batch, m: m, n: n, k: k, instruction.dtype, arithmetic), name: "matmul",
      detail: "\(batch) × (\(m)×\(n)×\(k)) \(a[3] == 1 ? "N" : "T")\(b[3] == 1 ? "N" : "T")"
        + note(of: arithmetic) + epilogueNote(position))
    #if !hasFeature(Embedded)
      if let slot = constantInput(operands[1]) { plan.pack(slot, for: DK_MATMUL, arguments, &arguments.pointee.packed) }
    #endif
  }

  private func emitGather(_ position: Int, _ axis: Int, _ batchRank: Int, _ operands: [Int]) {
    let values = schedule.value(operands[0])
    let indices = schedule.value(operands[1])
    let arguments = plan.arguments(dk_gather_arguments.self)
    arguments.pointee.elementSize = Int32(values.dtype.byteSize)
    arguments.pointee.indexType = indices.dtype.kernelType
    arguments.pointee.batch = Int64(Array(values.shape[..<batchRank]).elementCount)
    arguments.pointee.outer = Int64(Array(values.shape[batchRank..<axis]).elementCount)
    arguments.pointee.count = Int64(values.shape[axis])
    arguments.pointee.inner = Int64(Array(values.shape[(axis + 1)...]).elementCount)
    arguments.pointee.picks = Int64(Array(indices.shape[batchRank...]).elementCount)
    pointAtValue(&arguments.pointee.operand, operands[0])
    pointAtValue(&arguments.pointee.indices, operands[1])
    point(&arguments.pointee.output, at: position)
    let shape = schedule.value(position).shape
    plan.add(
      DK_GATHER, arguments, .stream(shape.elementCount + 8 * indices.shape.elementCount, values.dtype), name: "gather",
      detail: shapeText(shape))
  }

  private func emitScatterAdd(_ position: Int, _ shape: [Int], _ axis: Int, _ batchRank: Int, _ operands: [Int]) {
    let updates = schedule.value(operands[0])
    let indices = schedule.value(operands[1])
    let arguments = plan.arguments(dk_scatter_add_arguments.self)
    arguments.pointee.dtype = updates.dtype.kernelType
    arguments.pointee.indexType = indices.dtype.kernelType
    arguments.pointee.batch = Int64(Array(shape[..<batchRank]).elementCount)
    arguments.pointee.outer = Int64(Array(shape[batchRank..<axis]).elementCount)
    arguments.pointee.count = Int64(shape[axis])
    arguments.pointee.inner = Int64(Array(shape[(axis + 1)...]).elementCount)
    arguments.pointee.picks = Int64(Array(indices.shape[batchRank...]).elementCount)
    pointAtValue(&arguments.pointee.updates, operands[0])
    pointAtValue(&arguments.pointee.indices, operands[1])
    point(&arguments.pointee.output, at: position)
    plan.add(
      DK_SCATTER_ADD, arguments,
      .stream(2 * updates.shape.elementCount + 8 * indices.shape.elementCount, updates.dtype), name: "scatterAdd",
      detail: shapeText(shape))
  }
}
