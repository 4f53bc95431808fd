/// Builds a program instruction by instruction, and never twice the same one.
///
/// Each instruction is simplified as it arrives, when its operands are already in their simplest form; finishing
/// drops what no output needs.
struct ProgramBuilder {
  private(set) var instructions: [Program.Instruction] = []
  private var inputs: [Int] = []
  var outputs: [Int] = []
  private var known: [Program.Instruction: Int] = [:]

  mutating func addInput(shape: [Int], dtype: DType) -> Int {
    let primitive = Primitive.input(inputs.count)
    let position = append(Program.Instruction(primitive: primitive, operands: [], shape: shape, dtype: dtype))
    inputs.append(position)
    return position
  }

  /// Adds an instruction, or finds a simpler one of the same value.
  mutating func add(_ primitive: Primitive, _ operands: [Int], shape: [Int], dtype: DType) -> Int {
    if let simpler = simplify(primitive, operands, shape: shape, dtype: dtype) { return simpler }
    let instruction = Program.Instruction(primitive: primitive, operands: operands, shape: shape, dtype: dtype)
    if let existing = known[instruction] { return existing }
    let position = append(instruction)
    known[instruction] = position
    return position
  }

  private mutating func append(_ instruction: Program.Instruction) -> Int {
    instructions.append(instruction)
    return instructions.count - 1
  }

  /// The program without dead instructions.
  func finish() -> Program {
    var isLive = [Bool](repeating: false, count: instructions.count)
    for position in inputs + outputs { isLive[position] = true }
    for position in instructions.indices.reversed() where isLive[position] {
      for operand in instructions[position].operands { isLive[operand] = true }
    }
    var places = [Int](repeating: -1, count: instructions.count)
    var kept: [Program.Instruction] = []
    for (position, instruction) in instructions.enumerated() where isLive[position] {
      places[position] = kept.count
      kept.append(
        Program.Instruction(
          primitive: instruction.primitive, operands: instruction.operands.map { places[$0] },
          shape: instruction.shape, dtype: instruction.dtype))
    }
    return Program(
      instructions: kept, inputs: inputs.map { places[$0] }, outputs: outputs.map { places[$0] }, updates: [])
  }
}
