import DescentCore
import DescentKernels

/// Encodes a group as the register program the elementwise kernel runs.
struct ElementwiseEncoder {
  /// An array the program reads: broadcast to the group's shape, or dense with an element for each row.
  struct Input: Equatable {
    let layout: Layout
    let isRow: Bool
  }
  private(set) var inputs: [Input] = []

  private let group: ElementwiseGroup
  private let schedule: Schedule
  private var constants: [ScalarValue] = []
  var code: [Step] = []
  var places: [Int: Operand] = [:]
  private var spreads: [(row: Operand, full: Operand)] = []
  private var registers: [Int] = []
  private var registerCount = 0

  /// Results are numbered in the order of the steps; each gets a register in the end.
  enum Operand: Equatable {
    case input(Int)
    case constant(Int)
    case result(Int)
  }

  struct Step {
    let op: UInt8
    let isRow: Bool
    let operands: [Operand]
    /// Whether the kernel runs it for whole rows: it reads numbers of rows or makes them.
    var isForRows: Bool { isRow || op == UInt8(DK_ROW_SPREAD.rawValue) }
  }

  init(group: ElementwiseGroup, schedule: Schedule) {
    self.group = group
    self.schedule = schedule
  }

  mutating func encode(stored: [Int]) {
    for position in group.instructions {
      let instruction = schedule.program.instructions[position]
      let isRow = group.rows.contains(position)
      var isReduction = false
      if case .reduce = instruction.primitive { isReduction = true }
      let operands = instruction.operands.map { place(of: $0, asRow: isRow && !isReduction) }
      places[position] = isConversionOnly(instruction) ? operands[0] : encode(instruction, isRow, operands)
    }
    #if !hasFeature(Embedded)
      orderSteps()
    #endif
    assignRegisters(keeping: stored.map { places[$0]! })
  }

  // MARK: Operands

  private mutating func place(of value: Int, asRow: Bool) -> Operand {
    let planned = schedule.value(value)
    let root = planned.layout.root
    switch schedule.form(of: value, in: group) {
    case .full, .row: return places[root]!
    case .spread: return spread(places[root]!)
    case nil: break
    }
    if case .literal(let number, _) = rootPrimitive(root) { return constant(number) }
    // One number for all rows is read like any other that repeats everywhere.
    let repeats = planned.layout.strides.allSatisfy { $0 == 0 }
    return input(
      Input(
        layout: asRow && repeats
          ? Layout(root: root, offset: planned.layout.offset, strides: group.shape.map { _ in 0 })
          : planned.layout,
        isRow: asRow && !repeats))
  }

  private mutating func input(_ input: Input) -> Operand {
    if let number = inputs.firstIndex(of: input) { return .input(number) }
    inputs.append(input)
    return .input(inputs.count - 1)
  }

  /// A row's number repeated along the row.
  private mutating func spread(_ operand: Operand) -> Operand {
    for done in spreads where done.row == operand { return done.full }
    let result = append(Step(op: UInt8(DK_ROW_SPREAD.rawValue), isRow: false, operands: [operand]))
    spreads.append((operand, result))
    return result
  }

  private func rootPrimitive(_ root: Int) -> Primitive {
    root < schedule.program.instructions.count ? schedule.program.instructions[root].primitive : .constant
  }

  private mutating func constant(_ number: ScalarValue) -> Operand {
    if let existing = constants.firstIndex(of: number) { return .constant(existing) }
    constants.append(number)
    return .constant(constants.count - 1)
  }

  // MARK: Steps

  /// A conversion other than to bool changes nothing here: a group computes in the target's type or, where it cannot
  /// represent that, rounds the number when it is stored.
  private func isConversionOnly(_ instruction: Program.Instruction) -> Bool {
    if case .convert(let target) = instruction.primitive { return target != .bool }
    return false
  }

  private mutating func append(_ step: Step) -> Operand {
    code.append(step)
    return .result(code.count - 1)
  }

  private mutating func encode(_ instruction: Program.Instruction, _ isRow: Bool, _ operands: [Operand]) -> Operand {
    switch instruction.primitive {
    case .unary(let function): return append(Step(op: function.rawValue, isRow: isRow, operands: operands))
    case .binary(let function): return append(Step(op: function.rawValue, isRow: isRow, operands: operands))
    case .select: return append(Step(op: UInt8(DK_SELECT.rawValue), isRow: isRow, operands: operands))
    case .convert:
      let zero = constant(group.compute.isFloat ? .real(0) : .integer(0))
      return append(Step(op: UInt8(DK_NOT_EQUAL.rawValue), isRow: isRow, operands: [operands[0], zero]))
    case .reduce(let reduction, _):
      let op = reduction == .sum ? DK_ROW_SUM : reduction == .max ? DK_ROW_MAX : DK_ROW_MIN
      return append(Step(op: UInt8(op.rawValue), isRow: true, operands: operands))
    default: fatalError("\(instruction.primitive.name) is not elementwise")
    }
  }

  // MARK: Registers

  private mutating func assignRegisters(keeping kept: [Operand]) {
    var lastUse = [Int](repeating: -1, count: code.count)
    for (index, step) in code.enumerated() {
      lastUse[index] = index
      for case .result(let result) in step.operands { lastUse[result] = index }
    }
    for case .result(let result) in kept { lastUse[result] = .max }
    var free: [Int] = []
    registers = [Int](repeating: 0, count: code.count)
    var live: [Int] = []
    for index in code.indices {
      if let register = free.popLast() {
        registers[index] = register
      } else {
        registers[index] = registerCount
        registerCount += 1
      }
      live.append(index)
      for result in live where lastUse[result] <= index { free.append(registers[result]) }
      live.removeAll { lastUse[$0] <= index }
    }
  }

  // MARK: Writing

  func operand(of value: Int) -> UInt8 { number(places[value]!) }

  private func number(_ operand: Operand) -> UInt8 {
    switch operand {
    case .input(let index): UInt8(index)
    case .constant(let index): UInt8(inputs.count + index)
    case .result(let index): UInt8(inputs.count + constants.count + registers[index])
    }
  }

  func write(to arguments: UnsafeMutablePointer<dk_elementwise_arguments>, outputCount: Int) {
    arguments.pointee.rowLength = Int64(group.rowLength ?? 0)
    arguments.pointee.inputCount = Int32(inputs.count)
    arguments.pointee.constantCount = Int32(constants.count)
    arguments.pointee.registerCount = Int32(registerCount)
    arguments.pointee.instructionCount = Int32(code.count)
    arguments.pointee.outputCount = Int32(outputCount)
    let reals = elements(&arguments.pointee.floatConstant, of: Double.self)
    let integers = elements(&arguments.pointee.integerConstant, of: Int64.self)
    for (index, number) in constants.enumerated() {
      reals[index] = number.real
      integers[index] = number.integer
    }
    let instructions = elements(&arguments.pointee.instruction, of: dk_instruction.self)
    for (index, step) in code.enumerated() {
      let operands = step.operands.map { number($0) }
      instructions[index] = dk_instruction(
        op: step.op, destination: number(.result(index)), a: operands[0],
        b: operands.count > 1 ? operands[1] : 0, c: operands.count > 2 ? operands[2] : 0, isRow: step.isRow ? 1 : 0)
    }
  }
}
