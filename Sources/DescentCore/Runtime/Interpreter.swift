extension Engine {
  /// The definition of every primitive, in the plainest loops: one element at a time, in double precision rounded to
  /// the element type after each operation. Slow on purpose; everything fast is tested against it.
  public static let interpreter = Engine(name: "interpreter") { program, precision in
    Executable(program) { (inputs, outputs) throws(EvaluationError) in
      var values: [HostValue?] = []
      let lastUse = program.lastUses
      for (position, instruction) in program.instructions.enumerated() {
        if case .input(let index) = instruction.primitive {
          values.append(HostValue(inputs[index], shape: instruction.shape))
        } else {
          let operands = instruction.operands.map { operand in
            instruction.primitive.isProduct ? values[operand]!.multiplied(in: precision) : values[operand]!
          }
          values.append(try interpret(instruction, operands))
        }
        for operand in instruction.operands where lastUse[operand] == position { values[operand] = nil }
      }
      for (output, buffer) in zip(program.outputs, outputs) { values[output]!.write(to: buffer) }
    }
  }
}

extension Primitive {
  /// Whether its operands are rounded as a precision says.
  package var isProduct: Bool {
    switch self {
    case .dot: true
    #if !hasFeature(Embedded)
      case .convolution: true
    #endif
    default: false
    }
  }
}

extension Program {
  /// The last instruction that reads each instruction's value; `Int.max` where it is an output.
  package var lastUses: [Int] {
    var result = [Int](repeating: -1, count: instructions.count)
    for (position, instruction) in instructions.enumerated() {
      for operand in instruction.operands { result[operand] = position }
    }
    for output in outputs { result[output] = .max }
    return result
  }
}

private func interpret(
  _ instruction: Program.Instruction, _ x: [HostValue]
) throws(EvaluationError) -> HostValue {
  let shape = instruction.shape
  var y = HostValue(shape, instruction.dtype)
  switch instruction.primitive {
  case .constant, .input: fatalError("a leaf has nothing to interpret")
  case .literal(let value, _): y[0] = value
  case .iota(_, let axis, _):
    forEachPosition(of: shape) { index, position in y[index] = .integer(Int64(position[axis])) }

  case .unary(let function):
    for index in 0..<y.count {
      y[index] =
        x[0].dtype.isFloat
        ? .real(reference(function, x[0].reals[index])) : .integer(reference(function, x[0].integers[index]))
    }
  case .binary(let function):
    for index in 0..<y.count {
      y[index] =
        x[0].dtype.isFloat
        ? .real(reference(function, x[0].reals[index], x[1].reals[index]))
        : .integer(reference(function, x[0].integers[index], x[1].integers[index]))
    }
  case .select: for index in 0..<y.count { y[index] = x[0].integers[index] != 0 ? x[1][index] : x[2][index] }
  case .convert: for index in 0..<y.count { y[index] = x[0][index] }
  case .identity, .stopGradient, .custom: return x[0]
  #if !hasFeature(Embedded)
    case .fused: return x[0]
  #endif

  case .reshape: for index in 0..<y.count { y[index] = x[0][index] }
  case .transpose(let order):
    return x[0].rearranged(to: shape) { position in
      order.indices.map { axis in position[order.firstIndex(of: axis)!] }
    }
  case .broadcast(_, let axes):
    return x[0].rearranged(to: shape) { position in
      axes.indices.map { x[0].shape[$0] == 1 ? 0 : position[axes[$0]] }
    }
  case .slice(let starts, _, let strides):
    return x[0].rearranged(to: shape) { position in
      position.indices.map { starts[$0] + position[$0] * strides[$0] }
    }
  case .pad(let low, _, let interior):
    return x[0].rearranged(to: shape) { position in
      let from = position.indices.map { position[$0] - low[$0] }
      let isElement = from.indices.allSatisfy { axis in
        from[axis] >= 0 && from[axis] % (interior[axis] + 1) == 0
          && from[axis] / (interior[axis] + 1) < x[0].shape[axis]
      }
      return isElement ? from.indices.map { from[$0] / (interior[$0] + 1) } : nil
    }
  case .concatenate(let axis):
    var start = 0
    for part in x {
      let strides = shape.rowMajorStrides
      forEachPosition(of: part.shape) { index, position in
        y[offset(position, strides) + start * strides[axis]] = part[index]
      }
      start += part.shape[axis]
    }
  case .reverse(let axes):
    return x[0].rearranged(to: shape) { position in
      position.indices.map { axes.contains($0) ? shape[$0] - 1 - position[$0] : position[$0] }
    }

  case .dot(let axes): interpretDot(axes, x[0], x[1], into: &y)
  #if !hasFeature(Embedded)
    case .convolution(let window): interpretConvolution(window, x[0], x[1], into: &y)
  #endif
  case .reduce(let reduction, let axes): interpretReduce(reduction, axes, x[0], into: &y)
  case .argReduce(let reduction, let axis):
    forEachLine(of: x[0].shape, axis: axis) { line, index in
      y[index] = .integer(Int64(extreme(reduction, line.map { x[0][$0] })))
    }
  case .cumulativeSum(let axis, let reverse, let exclusive):
    forEachLine(of: shape, axis: axis) { line, _ in
      var sum = 0.0
      var integerSum: Int64 = 0
      for index in reverse ? line.reversed() : line {
        if exclusive { y[index] = y.dtype.isFloat ? .real(sum) : .integer(integerSum) }
        sum += x[0][index].real
        integerSum &+= x[0][index].integer
        if !exclusive { y[index] = y.dtype.isFloat ? .real(sum) : .integer(integerSum) }
      }
    }
  case .argSort(let axis, let descending):
    forEachLine(of: shape, axis: axis) { line, _ in
      let keys = line.map { x[0][$0] }
      for (place, position) in stableOrder(keys, descending: descending).enumerated() {
        y[line[place]] = .integer(Int64(position))
      }
    }

  case .gather(let axis, let batchRank): try interpretGather(axis, batchRank, x[0], x[1], into: &y)
  case .scatterAdd(let axis, let batchRank, _): try interpretScatterAdd(axis, batchRank, x[0], x[1], into: &y)
  case .random(let sample, _, let stream): interpretRandom(sample.elementCount, stream, x[0], into: &y)
  }
  return y
}
