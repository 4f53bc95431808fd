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
  #if !hasFeature(Embedded)
    /// All of a root's elements in memory of their own, rounded to bfloat16.
    case rounding(source: Int, result: Int)
  #endif
  /// What each part of a long line comes to, before the instruction puts the parts together.
  case partialReduction(instruction: Int, source: Int, result: Int)
  /// A copy that its source's unit writes instead.
  case nothing
}

/// Decides what runs as one kernel, in which order, and where every value's elements lie.
///
/// Units are kept in an order in which they can run. An elementwise instruction joins an existing unit if everything it
/// reads is written before that unit, or inside it.
struct Schedule {
  let program: Program
  let products: ProductRule
  var values: [PlannedValue] = []
  var units: [Unit] = []
  var openGroups: [GroupKey: [Int]] = [:]
  /// Elementwise instructions on nothing but inputs and literals, which no group has a reason to take before it is known
  /// who reads them.
  var waiting: Set<Int> = []
  #if !hasFeature(Embedded)
    /// What kernels of products do besides, by the product's position.
    var epilogues: [Int: Epilogue] = [:]
    /// Where values without memory of their own are written: with strides over the axes of the pass or copy that makes
    /// them, or over the batch axes and rows of a product.
    var destinations: [Int: Layout] = [:]
  #endif
  private var denseCopies: [Int: Int] = [:]
  #if !hasFeature(Embedded)
    /// Roots whose elements are rounded too, and the values that hold those.
    var roundedRoots: [Int: Int] = [:]
  #endif

  init(_ program: Program, products: ProductRule) {
    self.program = program
    self.products = products
    values = program.instructions.map {
      PlannedValue(shape: $0.shape, dtype: $0.dtype, layout: .dense(0, $0.shape), unit: -1)
    }
    // Single numbers first, such as a learning rate: passes that read them could not join a unit before theirs.
    let early = numbersFromNumbers()
    for position in early.indices where early[position] { plan(position) }
    for position in early.indices where !early[position] { plan(position) }
    for position in program.instructions.indices { planWaiting(position) }
    #if !hasFeature(Embedded)
      // Networks in a browser are small: there neither would gain what its code costs.
      recomputeCheapValues()
      writeInPlaceOfCopies()
      fuseEpilogues()
      // What a kernel took from a pass may leave a single value there.
      recomputeCheapValues()
      sumWithinPasses()
    #endif
  }

  /// Which instructions compute single numbers from nothing but such.
  private func numbersFromNumbers() -> [Bool] {
    var early = [Bool](repeating: false, count: program.instructions.count)
    for (position, instruction) in program.instructions.enumerated() {
      early[position] = instruction.shape.elementCount == 1 && instruction.operands.allSatisfy { early[$0] }
    }
    return early
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
    switch instruction.primitive {
    case .unary, .binary, .select, .convert: break
    default: for operand in operands { planWaiting(operand) }
    }
    func layout(_ operand: Int) -> Layout { values[operands[operand]].layout }
    func shapeOf(_ operand: Int) -> [Int] { values[operands[operand]].shape }

    switch instruction.primitive {
    case .input, .literal, .constant:
      place(position, unit: -1)
    case .unary, .binary, .select, .convert:
      planElementwise(position, instruction)
    case .identity, .stopGradient, .custom:
      view(position, layout(0))
    case .transpose(let order): view(position, layout(0).transposed(order))
    case .broadcast(_, let axes): view(position, layout(0).broadcast(from: shapeOf(0), to: shape, axes: axes))
    case .slice(let starts, _, let strides):
      view(position, shape.elementCount == 0 ? layout(0) : layout(0).sliced(starts: starts, strides: strides))
      if shape.elementCount == 0 { values[position].layout.strides = shape.rowMajorStrides }
    case .reverse(let axes): view(position, layout(0).reversed(axes: axes, shape: shape))
    case .reshape:
      if let reshaped = layout(0).reshaped(from: shapeOf(0), to: shape) {
        view(position, reshaped)
      } else {
        // The elements must move. The value counts as its own root, and its memory is filled row by row of the source.
        place(position, unit: units.count)
        units.append(.copy(source: operands[0], result: position))
      }
    case .iota, .random, .concatenate, .pad:
      let isRandom = if case .random = instruction.primitive { true } else { false }
      kernel(position, operands: isRandom ? [dense(operands[0])] : operands)
    case .dot(let axes):
      let matrices = dotOperands(axes, operands)
      #if hasFeature(Embedded)
        kernel(position, operands: matrices)
      #else
        kernel(position, operands: roundedForProduct(matrices))
      #endif
    #if !hasFeature(Embedded)
      case .convolution(let window): planConvolution(position, window, operands)
      case .fused: kernel(position, operands: headRows(operands))
    #endif
    case .reduce(_, let axes):
      if planRowReduction(position, instruction, axes) { return }
      kernel(position, operands: [reducedInParts(position, reduceOperand(operands[0], axes))])
    case .argReduce, .cumulativeSum, .argSort: kernel(position, operands: [dense(operands[0])])
    case .gather, .scatterAdd:
      kernel(position, operands: [dense(operands[0]), dense(operands[1])])
    }
  }

  /// Gives an instruction's value memory of its own, written by a unit.
  mutating func place(_ position: Int, unit: Int, isFusible: Bool = false) {
    values[position].layout.root = position
    values[position].unit = unit
    values[position].isFusible = isFusible
  }

  private mutating func view(_ position: Int, _ layout: Layout) {
    values[position].layout = layout
    values[position].unit = values[layout.root].unit
  }

  mutating func kernel(_ position: Int, operands: [Int]) {
    place(position, unit: units.count)
    units.append(.kernel(instruction: position, operands: operands))
  }

  // MARK: Copies

  // Copies are values behind the program's own; they are collected first because values are numbered by position.
  var copies: [PlannedValue] = []

  /// The value itself, or a dense copy of it.
  mutating func dense(_ value: Int) -> Int {
    let planned = self.value(value)
    if planned.layout.isDense(planned.shape) && !isLiteral(planned.layout.root) { return value }
    if let copy = denseCopies[value] { return copy }
    let copy = addCopy(of: value, shape: planned.shape, layout: planned.layout)
    denseCopies[value] = copy
    return copy
  }

  mutating func addCopy(of value: Int, shape: [Int], layout: Layout) -> Int {
    let source = addValue(
      PlannedValue(shape: shape, dtype: self.value(value).dtype, layout: layout, unit: self.value(value).unit))
    let result = program.instructions.count + copies.count
    copies.append(
      PlannedValue(
        shape: shape, dtype: self.value(value).dtype, layout: .dense(result, shape), unit: units.count))
    units.append(.copy(source: source, result: result))
    return result
  }

  mutating func addValue(_ value: PlannedValue) -> Int {
    copies.append(value)
    return program.instructions.count + copies.count - 1
  }

  func value(_ id: Int) -> PlannedValue {
    id < program.instructions.count ? values[id] : copies[id - program.instructions.count]
  }

  var valueCount: Int { program.instructions.count + copies.count }

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

  // MARK: What units read and write

  /// The roots a unit reads from memory.
  func reads(_ index: Int) -> [Int] {
    switch units[index] {
    case .nothing: return []
    case .copy(let source, _), .partialReduction(_, let source, _): return [value(source).layout.root]
    #if !hasFeature(Embedded)
      case .rounding(let source, _): return [source]
    #endif
    case .kernel(let instruction, let operands):
      return kernelReads(instruction, operands)
    case .elementwise(let group):
      return group.instructions.flatMap { program.instructions[$0].operands }
        .filter { form(of: $0, in: group) == nil }
        .map { value($0).layout.root }
    }
  }

  private func kernelReads(_ instruction: Int, _ operands: [Int]) -> [Int] {
    #if hasFeature(Embedded)
      return operands.map { value($0).layout.root }
    #else
      let finishing = [epilogues[instruction]?.bias, epilogues[instruction]?.residual].compactMap { $0 }
      return (operands + finishing).map { value($0).layout.root }.filter { home($0) != instruction }
    #endif
  }

  /// The root whose memory an instruction's kernel writes.
  func resultRoot(_ instruction: Int) -> Int {
    #if !hasFeature(Embedded)
      if let epilogue = epilogues[instruction] { return epilogue.result }
    #endif
    return home(instruction)
  }

  /// The root in whose memory a value's unit writes it.
  func home(_ root: Int) -> Int {
    #if hasFeature(Embedded)
      return root
    #else
      return destinations[root]?.root ?? root
    #endif
  }

  /// Where a unit that works on a shape writes a value of its own.
  func destination(_ root: Int, _ shape: [Int]) -> Layout {
    #if !hasFeature(Embedded)
      if let destination = destinations[root] { return destination }
    #endif
    return .dense(root, shape)
  }

  private func passWrites(_ group: ElementwiseGroup) -> [Int] {
    let own = group.instructions.filter { !group.clones.contains($0) }
    #if hasFeature(Embedded)
      return own
    #else
      return own.map { home($0) } + group.sums.map { $0.result }
    #endif
  }

  /// The roots a unit writes, those in registers only included.
  func writes(_ index: Int) -> [Int] {
    switch units[index] {
    case .nothing: []
    case .copy(_, let result): [home(result)]
    case .partialReduction(_, _, let result): [result]
    #if !hasFeature(Embedded)
      case .rounding(_, let result): [result]
    #endif
    case .kernel(let instruction, _): [resultRoot(instruction)]
    case .elementwise(let group): passWrites(group)
    }
  }
}
