import DescentCore
import DescentKernels

/// A value of the program, or a copy the planner adds because a kernel needs its operand dense.
struct PlannedValue {
  let shape: [Int]
  let dtype: DType
  var layout: Layout
  /// The unit that writes the root's memory; −1 for inputs and literals.
  var unit: Int
  /// Whether the value exists in registers of its unit while that runs.
  var isFusible = false
}

/// One kernel call, or a run of elementwise instructions that become one.
enum Unit {
  case elementwise(ElementwiseGroup)
  /// Any other instruction, on operands laid out as its kernel needs them.
  case kernel(instruction: Int, operands: [Int])
  /// The same elements in memory of their own.
  case copy(source: Int, result: Int)
}

/// Elementwise instructions over one shape that run in a single pass.
struct ElementwiseGroup {
  /// The type of everything inside: float32, float64 or int64.
  let compute: DType
  let shape: [Int]
  var instructions: [Int] = []
  var operands: Set<Int> = []
}

/// Decides what runs as one kernel, in which order, and where every value's elements lie.
///
/// Units are kept in an order in which they can run. An elementwise instruction joins an existing unit if everything it
/// reads is written before that unit, or inside it.
struct Schedule {
  let program: Program
  private(set) var values: [PlannedValue] = []
  private(set) var units: [Unit] = []
  private var denseCopies: [Int: Int] = [:]
  private var openGroups: [GroupKey: [Int]] = [:]

  private struct GroupKey: Hashable {
    let shape: [Int]
    let compute: DType
  }

  /// The C interpreter's limits on one pass; a group stays below them whatever its results are used for.
  private static let mostInstructions = 24
  private static let mostOperands = 20

  init(_ program: Program) {
    self.program = program
    for position in program.instructions.indices { plan(position) }
  }

  func isLiteral(_ value: Int) -> Bool {
    guard value < program.instructions.count else { return false }
    if case .literal = program.instructions[value].primitive { return true }
    return false
  }

  private mutating func plan(_ position: Int) {
    let instruction = program.instructions[position]
    let shape = instruction.shape
    let operands = instruction.operands
    func layout(_ operand: Int) -> Layout { values[operands[operand]].layout }
    func shapeOf(_ operand: Int) -> [Int] { values[operands[operand]].shape }

    switch instruction.primitive {
    case .input, .literal, .constant:
      append(instruction, .dense(position, shape), unit: -1)
    case .unary, .binary, .select, .convert:
      planElementwise(position, instruction)
    case .identity, .stopGradient, .custom:
      view(instruction, layout(0))
    case .transpose(let order): view(instruction, layout(0).transposed(order))
    case .broadcast(_, let axes): view(instruction, layout(0).broadcast(from: shapeOf(0), to: shape, axes: axes))
    case .slice(let starts, _, let strides):
      view(instruction, shape.elementCount == 0 ? layout(0) : layout(0).sliced(starts: starts, strides: strides))
      if shape.elementCount == 0 { values[position].layout.strides = shape.rowMajorStrides }
    case .reverse(let axes): view(instruction, layout(0).reversed(axes: axes, shape: shape))
    case .reshape:
      if let reshaped = layout(0).reshaped(from: shapeOf(0), to: shape) {
        view(instruction, reshaped)
      } else {
        // The elements must move. The value counts as its own root, and its memory is filled row by row of the source.
        append(instruction, .dense(position, shape), unit: units.count)
        units.append(.copy(source: operands[0], result: position))
      }
    case .iota, .random, .concatenate, .pad:
      let isRandom = if case .random = instruction.primitive { true } else { false }
      kernel(position, instruction, operands: isRandom ? [dense(operands[0])] : operands)
    case .dot(let axes): kernel(position, instruction, operands: dotOperands(axes, operands))
    case .reduce(_, let axes): kernel(position, instruction, operands: [reduceOperand(operands[0], axes)])
    case .argReduce, .cumulativeSum, .argSort: kernel(position, instruction, operands: [dense(operands[0])])
    case .gather, .scatterAdd:
      kernel(position, instruction, operands: [dense(operands[0]), dense(operands[1])])
    }
  }

  private mutating func append(_ instruction: Program.Instruction, _ layout: Layout, unit: Int, isFusible: Bool = false)
  {
    values.append(
      PlannedValue(
        shape: instruction.shape, dtype: instruction.dtype, layout: layout, unit: unit, isFusible: isFusible))
  }

  private mutating func view(_ instruction: Program.Instruction, _ layout: Layout) {
    append(instruction, layout, unit: values[layout.root].unit)
  }

  private mutating func kernel(_ position: Int, _ instruction: Program.Instruction, operands: [Int]) {
    append(instruction, .dense(position, instruction.shape), unit: units.count)
    units.append(.kernel(instruction: position, operands: operands))
  }

  // MARK: Copies

  // Copies are values behind the program's own; they are collected first because values are numbered by position.
  private var copies: [PlannedValue] = []

  /// The value itself, or a dense copy of it.
  private mutating func dense(_ value: Int) -> Int {
    let planned = self.value(value)
    if planned.layout.isDense(planned.shape) && !isLiteral(planned.layout.root) { return value }
    if let copy = denseCopies[value] { return copy }
    let copy = addCopy(of: value, shape: planned.shape, layout: planned.layout)
    denseCopies[value] = copy
    return copy
  }

  private mutating func addCopy(of value: Int, shape: [Int], layout: Layout) -> Int {
    let source = addValue(
      PlannedValue(shape: shape, dtype: self.value(value).dtype, layout: layout, unit: self.value(value).unit))
    let result = program.instructions.count + copies.count
    copies.append(
      PlannedValue(
        shape: shape, dtype: self.value(value).dtype, layout: .dense(result, shape), unit: units.count))
    units.append(.copy(source: source, result: result))
    return result
  }

  private mutating func addValue(_ value: PlannedValue) -> Int {
    copies.append(value)
    return program.instructions.count + copies.count - 1
  }

  func value(_ id: Int) -> PlannedValue {
    id < program.instructions.count ? values[id] : copies[id - program.instructions.count]
  }

  var valueCount: Int { program.instructions.count + copies.count }

  /// A product's operands as [batch, rows, columns] with one stride an axis group, copied where they are not.
  private mutating func dotOperands(_ axes: DotAxes, _ operands: [Int]) -> [Int] {
    let left = matrix(
      operands[0], axes.leftBatch, axes.leftFree(rank: value(operands[0]).shape.count), axes.leftContracting)
    let right = matrix(
      operands[1], axes.rightBatch, axes.rightContracting, axes.rightFree(rank: value(operands[1]).shape.count))
    return [left, right]
  }

  private mutating func matrix(_ operand: Int, _ batch: [Int], _ rows: [Int], _ columns: [Int]) -> Int {
    let planned = value(operand)
    let groups = [batch, rows, columns]
    let extents = groups.map { axes in axes.map { planned.shape[$0] }.elementCount }
    var strides: [Int] = []
    for axes in groups {
      guard let stride = mergedStride(axes.map { planned.shape[$0] }, axes.map { planned.layout.strides[$0] }) else {
        break
      }
      strides.append(stride)
    }
    let hasUnitStride =
      strides.count == 3 && (strides[1] == 1 || strides[2] == 1 || extents[1] == 1 || extents[2] == 1)
    let isForward =
      strides.count == 3 && strides.allSatisfy { $0 >= 0 } && (strides[1] > 0 || extents[1] == 1)
      && (strides[2] > 0 || extents[2] == 1)
    if hasUnitStride && isForward {
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

  /// A reduction's operand as [outer, reduced, inner], copied with the reduced axes last where they are apart.
  private mutating func reduceOperand(_ operand: Int, _ axes: [Int]) -> Int {
    let planned = value(operand)
    let isBlock = axes.isEmpty || axes == Array(axes[0]..<(axes[0] + axes.count))
    if isBlock {
      let source = dense(operand)
      let first = axes.first ?? planned.shape.count
      let extents = [
        Array(planned.shape[..<first]).elementCount, axes.map { planned.shape[$0] }.elementCount,
        Array(planned.shape[(first + axes.count)...]).elementCount,
      ]
      let layout = Layout(
        root: value(source).layout.root, offset: value(source).layout.offset, strides: extents.rowMajorStrides)
      return addValue(PlannedValue(shape: extents, dtype: planned.dtype, layout: layout, unit: value(source).unit))
    }
    let kept = planned.shape.indices.filter { !axes.contains($0) }
    let order = kept + axes
    let copy = addCopy(
      of: operand, shape: order.map { planned.shape[$0] }, layout: planned.layout.transposed(order))
    let extents = [kept.map { planned.shape[$0] }.elementCount, axes.map { planned.shape[$0] }.elementCount, 1]
    return addValue(
      PlannedValue(shape: extents, dtype: planned.dtype, layout: .dense(copy, extents), unit: value(copy).unit))
  }

  // MARK: Fusion

  private mutating func planElementwise(_ position: Int, _ instruction: Program.Instruction) {
    let candidates = computeTypes(instruction)
    // A value in a register of a unit can be read inside it; everything else must have been written before.
    var earliest = 0
    for operand in instruction.operands {
      let value = values[operand]
      earliest = Swift.max(earliest, value.isFusible ? value.unit : value.unit + 1)
    }
    let shape = instruction.shape
    for compute in candidates {
      for index in openGroups[GroupKey(shape: shape, compute: compute)] ?? [] where index >= earliest {
        if join(position, instruction, unit: index) { return }
      }
    }
    var group = ElementwiseGroup(compute: candidates[0], shape: shape)
    group.instructions = [position]
    group.operands = Set(instruction.operands)
    openGroups[GroupKey(shape: shape, compute: candidates[0]), default: []].append(units.count)
    if openGroups[GroupKey(shape: shape, compute: candidates[0])]!.count > 4 {
      openGroups[GroupKey(shape: shape, compute: candidates[0])]!.removeFirst()
    }
    append(
      instruction, .dense(position, shape), unit: units.count, isFusible: staysExact(instruction, group.compute))
    units.append(.elementwise(group))
  }

  private mutating func join(_ position: Int, _ instruction: Program.Instruction, unit: Int) -> Bool {
    guard case .elementwise(var group) = units[unit] else { return false }
    let shares = instruction.operands.contains { operand in
      group.operands.contains(operand) || values[operand].unit == unit
    }
    let operands = group.operands.union(instruction.operands.filter { values[$0].unit != unit })
    guard
      shares && group.instructions.count < Schedule.mostInstructions && operands.count <= Schedule.mostOperands
    else { return false }
    // A value of this unit that is not in a register (its stored form is rounded) cannot be read inside the unit.
    guard instruction.operands.allSatisfy({ values[$0].unit != unit || values[$0].isFusible }) else { return false }
    group.instructions.append(position)
    group.operands = operands
    units[unit] = .elementwise(group)
    append(
      instruction, .dense(position, instruction.shape), unit: unit, isFusible: staysExact(instruction, group.compute))
    return true
  }

  /// The types an instruction can be computed in, the natural one first. Booleans and small integers that do not
  /// overflow are exact in all of them.
  private func computeTypes(_ instruction: Program.Instruction) -> [DType] {
    let source = values[instruction.operands.last!].dtype
    switch instruction.primitive {
    case .convert(let target):
      if target.isFloat { return [target] }
      return source.isFloat ? [source] : source == .bool ? [.int64, .float32, .float64] : [.int64]
    default:
      switch source {
      case .float32: return [.float32]
      case .float64: return [.float64]
      case .int64, .int32: return [.int64]
      case .uint8: return [.int64]
      case .bool: return [.float32, .int64, .float64]
      }
    }
  }

  /// Whether the register holds exactly what memory would: not so for integers that wrap or truncate when stored.
  private func staysExact(_ instruction: Program.Instruction, _ compute: DType) -> Bool {
    switch instruction.dtype {
    case .bool: return true
    case .float32, .float64: return instruction.dtype == compute
    case .int64: return compute == .int64
    case .int32, .uint8: return false
    }
  }
}
