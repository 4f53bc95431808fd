// Rewrites that keep every value (but for the sign of a zero): what is known is folded, what changes nothing vanishes.
// Nothing is assumed about infinities or NaN, so x · 0 stays.

extension ProgramBuilder {
  /// A simpler instruction of the same value, if there is one.
  mutating func simplify(_ primitive: Primitive, _ operands: [Int], shape: [Int], dtype: DType) -> Int? {
    if let folded = fold(primitive, operands, dtype: dtype) { return fill(shape, folded, dtype) }
    switch primitive {
    case .identity, .stopGradient, .custom: return operands[0]
    case .convert: return instructions[operands[0]].dtype == dtype ? operands[0] : nil
    case .reshape: return simplifyReshape(operands[0], shape, dtype)
    case .transpose(let order): return simplifyTranspose(order, operands[0], shape, dtype)
    case .broadcast(_, let axes): return simplifyBroadcast(axes, operands[0], shape, dtype)
    case .slice: return instructions[operands[0]].shape == shape ? operands[0] : nil
    case .concatenate: return operands.count == 1 ? operands[0] : nil
    case .reduce(_, let axes):
      // Reducing axes of extent 1 moves nothing.
      let operand = instructions[operands[0]]
      let isTrivial = axes.allSatisfy { operand.shape[$0] == 1 }
      return isTrivial ? add(.reshape(shape), operands, shape: shape, dtype: dtype) : nil
    case .unary(.negate):
      let operand = instructions[operands[0]]
      return operand.primitive == .unary(.negate) ? operand.operands[0] : nil
    case .binary(let function): return simplify(function, operands, shape, dtype)
    case .select:
      if let condition = uniform(operands[0]) { return condition.real != 0 ? operands[1] : operands[2] }
      return operands[1] == operands[2] ? operands[1] : nil
    default: return nil
    }
  }

  private mutating func simplify(_ function: Binary, _ operands: [Int], _ shape: [Int], _ dtype: DType) -> Int? {
    let left = uniform(operands[0])?.real
    let right = uniform(operands[1])?.real
    switch function {
    case .add:
      if left == 0 || right == 0 { return operands[right == 0 ? 0 : 1] }
      #if hasFeature(Embedded)
        return nil
      #else
        return joined(operands[0], operands[1], shape, dtype) ?? joined(operands[1], operands[0], shape, dtype)
      #endif
    case .subtract:
      if left == 0 { return add(.unary(.negate), [operands[1]], shape: shape, dtype: dtype) }
      return right == 0 ? operands[0] : nil
    case .multiply:
      if right == 1 { return operands[0] }
      if left == 1 { return operands[1] }
      if right == -1 { return add(.unary(.negate), [operands[0]], shape: shape, dtype: dtype) }
      if left == -1 { return add(.unary(.negate), [operands[1]], shape: shape, dtype: dtype) }
      return nil
    case .divide: return right == 1 ? operands[0] : nil
    case .power:
      if right == 1 { return operands[0] }
      return right == 2
        ? add(.binary(.multiply), [operands[0], operands[0]], shape: shape, dtype: dtype) : nil
    default: return nil
    }
  }

  #if !hasFeature(Embedded)
    /// The sum of two values that lie side by side between zeros, as the gradients of a split value's parts do: one value in
    /// which they follow each other.
    private mutating func joined(_ first: Int, _ second: Int, _ shape: [Int], _ dtype: DType) -> Int? {
      guard case .pad(let low, let high, let interior) = instructions[first].primitive,
        case .pad(let nextLow, let nextHigh, interior) = instructions[second].primitive,
        interior.allSatisfy({ $0 == 0 }),
        let axis = low.indices.first(where: { low[$0] != nextLow[$0] || high[$0] != nextHigh[$0] })
      else { return nil }
      let parts = [instructions[first].operands[0], instructions[second].operands[0]]
      var (besideLow, besideHigh) = (low, high)
      besideLow[axis] += instructions[parts[0]].shape[axis]
      besideHigh[axis] -= instructions[parts[1]].shape[axis]
      guard nextLow == besideLow && nextHigh == besideHigh else { return nil }
      var extents = instructions[parts[0]].shape
      extents[axis] += instructions[parts[1]].shape[axis]
      let pieces = parts.flatMap { part in
        instructions[part].primitive == .concatenate(axis: axis) ? instructions[part].operands : [part]
      }
      let whole = add(.concatenate(axis: axis), pieces, shape: extents, dtype: dtype)
      if extents == shape { return whole }
      return add(.pad(low: low, high: nextHigh, interior: interior), [whole], shape: shape, dtype: dtype)
    }
  #endif

  /// The value every element of an instruction has, where that is known.
  private func uniform(_ position: Int) -> ScalarValue? {
    var position = position
    while true {
      switch instructions[position].primitive {
      case .literal(let value, _): return value
      case .broadcast: position = instructions[position].operands[0]
      default: return nil
      }
    }
  }

  /// The value every element of the result has, where all operands are uniform.
  private func fold(_ primitive: Primitive, _ operands: [Int], dtype: DType) -> ScalarValue? {
    let values = operands.compactMap { uniform($0) }
    guard !operands.isEmpty && values.count == operands.count else { return nil }
    let isFloat = instructions[operands[0]].dtype.isFloat
    switch primitive {
    case .unary(let function):
      let value: ScalarValue =
        isFloat
        ? .real(reference(function, values[0].real)) : .integer(reference(function, values[0].integer))
      return value.converted(to: dtype)
    case .binary(let function):
      let value: ScalarValue =
        isFloat
        ? .real(reference(function, values[0].real, values[1].real))
        : .integer(reference(function, values[0].integer, values[1].integer))
      return value.converted(to: dtype)
    case .convert: return values[0].converted(to: dtype)
    case .reshape, .transpose, .reverse, .slice: return values[0]
    default: return nil
    }
  }

  private mutating func fill(_ shape: [Int], _ value: ScalarValue, _ dtype: DType) -> Int {
    let literal = add(.literal(value, dtype), [], shape: [], dtype: dtype)
    return shape.isEmpty ? literal : add(.broadcast(shape: shape, axes: []), [literal], shape: shape, dtype: dtype)
  }

  private mutating func simplifyReshape(_ operand: Int, _ shape: [Int], _ dtype: DType) -> Int? {
    let source = instructions[operand]
    if source.shape == shape { return operand }
    if case .reshape = source.primitive {
      return add(.reshape(shape), source.operands, shape: shape, dtype: dtype)
    }
    return nil
  }

  private mutating func simplifyTranspose(_ order: [Int], _ operand: Int, _ shape: [Int], _ dtype: DType) -> Int? {
    if order == Array(order.indices) { return operand }
    let source = instructions[operand]
    if case .transpose(let first) = source.primitive {
      return add(.transpose(order.map { first[$0] }), source.operands, shape: shape, dtype: dtype)
    }
    return nil
  }

  private mutating func simplifyBroadcast(_ axes: [Int], _ operand: Int, _ shape: [Int], _ dtype: DType) -> Int? {
    let source = instructions[operand]
    if source.shape == shape { return operand }
    if case .broadcast(_, let first) = source.primitive {
      return add(
        .broadcast(shape: shape, axes: first.map { axes[$0] }), source.operands, shape: shape, dtype: dtype)
    }
    return nil
  }
}
