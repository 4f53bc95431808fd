import DescentCore

/// Instructions that run in a single pass over one shape: elementwise ones, and sums or extremes of its rows.
struct ElementwiseGroup {
  /// The type of everything inside: float32, float64 or int64.
  let compute: DType
  let shape: [Int]
  /// Elements of a row, the extent of the trailing axes, where something is computed for whole rows.
  var rowLength: Int?
  var instructions: [Int] = []
  var operands: Set<Int> = []
  /// Instructions that have one result for each row.
  var rows: Set<Int> = []
  /// Instructions that another unit computes too.
  var clones: Set<Int> = []
  #if !hasFeature(Embedded)
    /// What the pass reduces to rows while it is in the cache.
    var sums: [ColumnSum] = []
  #endif
}

struct GroupKey: Hashable {
  let shape: [Int]
  let compute: DType
}

/// How a value that is in a register of its group is read there.
enum RegisterForm {
  /// An element for each of the group's.
  case full
  /// A number for each row, by an instruction that works on such numbers.
  case row
  /// A number for each row, repeated along it.
  case spread
}

extension Schedule {
  /// The C interpreter's limits on one pass; a group stays below them whatever its results are used for.
  static let mostInstructions = 32
  static let mostOperands = 20
  /// Longer rows do not stay in the second-level cache with everything computed from them.
  private static let longestRow = 8192

  // MARK: Registers

  /// How a group reads a value from its registers, or nil where it has to be in memory.
  func form(of operand: Int, in group: ElementwiseGroup) -> RegisterForm? {
    let planned = value(operand)
    let root = planned.layout.root
    guard group.instructions.contains(root), values[root].isFusible, planned.layout.offset == 0 else { return nil }
    if group.rows.contains(root) {
      if planned.shape.elementCount == values[root].shape.elementCount && planned.layout.isDense(planned.shape) {
        return .row
      }
      return planned.shape == group.shape && repeatsAlongRows(planned, group) ? .spread : nil
    }
    return planned.shape == group.shape && planned.layout.isDense(planned.shape) ? .full : nil
  }

  private func repeatsAlongRows(_ planned: PlannedValue, _ group: ElementwiseGroup) -> Bool {
    var length = 1
    var axis = group.shape.count
    while length < group.rowLength! {
      axis -= 1
      length *= group.shape[axis]
      if planned.layout.strides[axis] != 0 && group.shape[axis] != 1 { return false }
    }
    let rows = Array(group.shape[..<axis])
    return Layout(root: 0, offset: 0, strides: Array(planned.layout.strides[..<axis])).isDense(rows)
  }

  /// Whether a unit finds a value in memory.
  private func isWritten(_ operand: Int, before unit: Int) -> Bool { value(operand).unit < unit }

  // MARK: Elementwise instructions

  mutating func planElementwise(_ position: Int, _ instruction: Program.Instruction) {
    #if hasFeature(Embedded)
      if joinAny(position, instruction, bringing: []) { return }
    #else
      let brought = instruction.operands.filter { waiting.contains($0) }
      if joinAny(position, instruction, bringing: brought) { return }
      if brought.isEmpty && instruction.shape.elementCount > 1
        && instruction.operands.allSatisfy({ value($0).unit < 0 })
      {
        waiting.insert(position)
        return
      }
      for operand in brought { planWaiting(operand) }
      if !brought.isEmpty && joinAny(position, instruction, bringing: []) { return }
    #endif
    open(position, instruction)
  }

  /// Plans an instruction whose result is about to be read.
  mutating func planWaiting(_ position: Int) {
    #if !hasFeature(Embedded)
      guard waiting.remove(position) != nil else { return }
      open(position, program.instructions[position])
    #endif
  }

  private mutating func joinAny(_ position: Int, _ instruction: Program.Instruction, bringing brought: [Int]) -> Bool {
    for compute in computeTypes(instruction) {
      if brought.isEmpty {
        for operand in instruction.operands where joinRows(position, instruction, compute, of: operand) { return true }
      }
      for index in openGroups[GroupKey(shape: instruction.shape, compute: compute)] ?? [] {
        if join(position, instruction, unit: index, bringing: brought) { return true }
      }
    }
    return false
  }

  private mutating func open(_ position: Int, _ instruction: Program.Instruction) {
    var group = ElementwiseGroup(compute: computeTypes(instruction)[0], shape: instruction.shape)
    group.instructions = [position]
    group.operands = Set(instruction.operands)
    open(group)
    place(position, unit: units.count - 1, isFusible: staysExact(instruction, group.compute))
  }

  private mutating func open(_ group: ElementwiseGroup) {
    let key = GroupKey(shape: group.shape, compute: group.compute)
    openGroups[key, default: []].append(units.count)
    if openGroups[key]!.count > 4 { openGroups[key]!.removeFirst() }
    units.append(.elementwise(group))
  }

  private mutating func join(
    _ position: Int, _ instruction: Program.Instruction, unit: Int, bringing brought: [Int]
  ) -> Bool {
    guard case .elementwise(let group) = units[unit] else { return false }
    var shares = false
    for operand in instruction.operands {
      if brought.contains(operand) {
        let waiting = program.instructions[operand]
        guard computeTypes(waiting).contains(group.compute), staysExact(waiting, group.compute) else { return false }
        continue
      }
      switch form(of: operand, in: group) {
      case .full, .spread: shares = true
      case .row: return false
      case nil:
        guard isWritten(operand, before: unit) else { return false }
        shares = shares || group.operands.contains(operand)
      }
    }
    guard shares else { return false }
    for operand in brought where waiting.contains(operand) {
      guard add(operand, program.instructions[operand], to: unit, isRow: false) else {
        units[unit] = .elementwise(group)
        return false
      }
    }
    guard add(position, instruction, to: unit, isRow: false) else {
      units[unit] = .elementwise(group)
      return false
    }
    for operand in brought { waiting.remove(operand) }
    return true
  }

  /// Joins the group that has a row's number as operand in a register, to compute another number for each row.
  private mutating func joinRows(
    _ position: Int, _ instruction: Program.Instruction, _ compute: DType, of operand: Int
  ) -> Bool {
    let unit = value(operand).unit
    guard unit >= 0, case .elementwise(let group) = units[unit], group.compute == compute,
      form(of: operand, in: group) == .row
    else { return false }
    let rows = instruction.shape.elementCount
    for other in instruction.operands where form(of: other, in: group) != .row {
      let planned = value(other)
      let isDense = planned.shape.elementCount == rows && planned.layout.isDense(planned.shape)
      let isOneNumber = planned.layout.strides.allSatisfy { $0 == 0 } || isLiteral(planned.layout.root)
      guard form(of: other, in: group) == nil && isWritten(other, before: unit) && (isDense || isOneNumber) else {
        return false
      }
    }
    return add(position, instruction, to: unit, isRow: true)
  }

  private mutating func add(_ position: Int, _ instruction: Program.Instruction, to unit: Int, isRow: Bool) -> Bool {
    guard case .elementwise(var group) = units[unit] else { return false }
    let operands = group.operands.union(instruction.operands.filter { form(of: $0, in: group) == nil })
    guard group.instructions.count < Schedule.mostInstructions && operands.count <= Schedule.mostOperands else {
      return false
    }
    group.instructions.append(position)
    group.operands = operands
    if isRow { group.rows.insert(position) }
    units[unit] = .elementwise(group)
    place(position, unit: unit, isFusible: staysExact(instruction, group.compute))
    return true
  }

  // MARK: Rows

  /// Plans a reduction of whole rows as part of a pass over them; false where it is not one.
  mutating func planRowReduction(_ position: Int, _ instruction: Program.Instruction, _ axes: [Int]) -> Bool {
    let operand = instruction.operands[0]
    let planned = value(operand)
    let length = axes.map { planned.shape[$0] }.elementCount
    guard instruction.dtype.isFloat, !axes.isEmpty, planned.shape.count <= 8, planned.shape.elementCount > 0,
      axes == Array((planned.shape.count - axes.count)..<planned.shape.count),
      length > 1, length <= Schedule.longestRow, !isLiteral(planned.layout.root),
      planned.layout.strides.contains(where: { $0 != 0 })
    else { return false }
    let key = GroupKey(shape: planned.shape, compute: instruction.dtype)
    for unit in openGroups[key] ?? [] {
      guard case .elementwise(var group) = units[unit], (group.rowLength ?? length) == length else { continue }
      switch form(of: operand, in: group) {
      case .full: break
      case nil where isWritten(operand, before: unit) && group.operands.contains(operand): break
      default: continue
      }
      group.rowLength = length
      units[unit] = .elementwise(group)
      if add(position, instruction, to: unit, isRow: true) { return true }
    }
    var group = ElementwiseGroup(compute: instruction.dtype, shape: planned.shape)
    group.rowLength = length
    group.instructions = [position]
    group.operands = [operand]
    group.rows = [position]
    open(group)
    place(position, unit: units.count - 1, isFusible: true)
    return true
  }

  // MARK: Types

  /// The types an instruction can be computed in, the natural one first. Booleans and small integers that do not
  /// overflow are exact in all of them.
  func computeTypes(_ instruction: Program.Instruction) -> [DType] {
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
  func staysExact(_ instruction: Program.Instruction, _ compute: DType) -> Bool {
    switch instruction.dtype {
    case .bool: return true
    case .float32, .float64: return instruction.dtype == compute
    case .int64: return compute == .int64
    case .int32, .uint8: return false
    }
  }
}
