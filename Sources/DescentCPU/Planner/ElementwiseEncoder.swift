import DescentCore
import DescentKernels

/// Encodes a group as the register program the elementwise kernel runs.
struct ElementwiseEncoder {
  /// The arrays the program reads, broadcast to the group's shape.
  private(set) var inputs: [Layout] = []

  private let group: ElementwiseGroup
  private let unit: Int
  private let schedule: Schedule
  private var inputNumbers: [Layout: Int] = [:]
  private var constants: [ScalarValue] = []
  private var code: [Step] = []
  private var places: [Int: Operand] = [:]
  private var registerCount = 0

  private enum Operand: Hashable {
    case input(Int)
    case constant(Int)
    case register(Int)
  }

  private struct Step {
    let op: UInt8
    let destination: Int
    let operands: [Operand]
  }

  init(group: ElementwiseGroup, unit: Int, schedule: Schedule) {
    self.group = group
    self.unit = unit
    self.schedule = schedule
  }

  mutating func encode(stored: [Int]) {
    var lastUse: [Int: Int] = [:]
    for (index, position) in group.instructions.enumerated() {
      for operand in schedule.program.instructions[position].operands { lastUse[operand] = index }
    }
    for value in stored { lastUse[value] = .max }
    // A conversion that costs nothing shares its operand's place, which must then live as long as both.
    var holders: [Operand: Int] = [:]
    var freeRegisters: [Int] = []
    for (index, position) in group.instructions.enumerated() {
      let instruction = schedule.program.instructions[position]
      let operands = instruction.operands.map { place(of: $0) }
      if let shared = alias(instruction, operands) {
        places[position] = shared
        holders[shared] = Swift.max(holders[shared] ?? -1, lastUse[position] ?? index)
      } else {
        let register: Int
        if let free = freeRegisters.popLast() {
          register = free
        } else {
          register = registerCount
          registerCount += 1
        }
        code.append(encode(instruction, operands, into: register))
        places[position] = .register(register)
        holders[.register(register)] = lastUse[position] ?? index
      }
      for (operand, last) in holders where last <= index {
        if case .register(let register) = operand {
          freeRegisters.append(register)
          holders[operand] = nil
        }
      }
    }
  }

  private mutating func place(of value: Int) -> Operand {
    let planned = schedule.value(value)
    if planned.unit == unit && planned.isFusible { return places[value]! }
    if case .literal(let number, _) = rootPrimitive(planned.layout.root) { return constant(number) }
    if let number = inputNumbers[planned.layout] { return .input(number) }
    inputNumbers[planned.layout] = inputs.count
    inputs.append(planned.layout)
    return .input(inputs.count - 1)
  }

  private func rootPrimitive(_ root: Int) -> Primitive {
    root < schedule.program.instructions.count ? schedule.program.instructions[root].primitive : .constant
  }

  private mutating func constant(_ number: ScalarValue) -> Operand {
    if let existing = constants.firstIndex(of: number) { return .constant(existing) }
    constants.append(number)
    return .constant(constants.count - 1)
  }

  /// A conversion other than to bool changes nothing here: a group computes in the target's type or, where it cannot
  /// represent that, rounds the number when it is stored.
  private func alias(_ instruction: Program.Instruction, _ operands: [Operand]) -> Operand? {
    guard case .convert(let target) = instruction.primitive, target != .bool else { return nil }
    return operands[0]
  }

  private mutating func encode(
    _ instruction: Program.Instruction, _ operands: [Operand], into register: Int
  ) -> Step {
    switch instruction.primitive {
    case .unary(let function): return Step(op: function.rawValue, destination: register, operands: operands)
    case .binary(let function): return Step(op: function.rawValue, destination: register, operands: operands)
    case .select: return Step(op: UInt8(DK_SELECT.rawValue), destination: register, operands: operands)
    case .convert:
      let zero = constant(group.compute.isFloat ? .real(0) : .integer(0))
      return Step(op: UInt8(DK_NOT_EQUAL.rawValue), destination: register, operands: [operands[0], zero])
    default: fatalError("\(instruction.primitive.name) is not elementwise")
    }
  }

  func operand(of value: Int) -> UInt8 { number(places[value]!) }

  private func number(_ operand: Operand) -> UInt8 {
    switch operand {
    case .input(let index): UInt8(index)
    case .constant(let index): UInt8(inputs.count + index)
    case .register(let index): UInt8(inputs.count + constants.count + index)
    }
  }

  func write(to arguments: UnsafeMutablePointer<dk_elementwise_arguments>, outputCount: Int) {
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
        op: step.op, destination: number(.register(step.destination)), a: operands[0],
        b: operands.count > 1 ? operands[1] : 0, c: operands.count > 2 ? operands[2] : 0)
    }
  }
}
