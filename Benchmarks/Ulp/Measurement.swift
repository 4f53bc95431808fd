import DescentCPU
import DescentCore

/// A function compared on every argument at every level of instructions.
struct Measurement: Sendable {
  static let sets = InstructionSet.available.filter { $0 != .tiles }  // which multiply matrices only

  private(set) var findings = sets.map { _ in Findings() }
  /// Results that differ between the two highest levels.
  private(set) var differing = 0

  /// Compares on the blocks of arguments with every `stride`-th number.
  init(_ function: Function, from first: Int, stride: Int) throws {
    let compiled = Self.sets.map { CompiledFunction(function, $0) }
    let input = Memory(.float32, count: CompiledFunction.count)
    var exact = [Double](repeating: 0, count: CompiledFunction.count)
    for block in Swift.stride(from: first, to: (1 << 32) / exact.count, by: stride) {
      let start = UInt32(block * exact.count)
      input.withMutableBytes { bytes in
        let bits = bytes.bindMemory(to: UInt32.self)
        for index in bits.indices { bits[index] = start + UInt32(index) }
      }
      for index in exact.indices {
        let x = Float(bitPattern: start + UInt32(index))
        // Subnormal arguments count as zero of their sign.
        exact[index] = function.exact(x.isSubnormal ? (x.sign == .minus ? -0.0 : 0) : Double(x))
      }
      for (level, plan) in compiled.enumerated() {
        try plan.run(input)
        plan.output.withBytes { findings[level].add($0.bindMemory(to: Float.self).baseAddress!, exact, from: start) }
      }
      if compiled.count > 2 { differing += Self.difference(compiled[1].output, compiled[2].output) }
    }
  }

  mutating func add(_ other: Measurement) {
    for level in findings.indices { findings[level].add(other.findings[level]) }
    differing += other.differing
  }

  private static func difference(_ a: Memory, _ b: Memory) -> Int {
    a.withBytes { a in
      b.withBytes { b in
        let (x, y) = (a.bindMemory(to: Float.self), b.bindMemory(to: Float.self))
        return x.indices.reduce(0) { count, index in
          let isSame = x[index].bitPattern == y[index].bitPattern || (x[index].isNaN && y[index].isNaN)
          return isSame ? count : count + 1
        }
      }
    }
  }
}

/// Compiled for one caller, since a plan has one at a time.
private struct CompiledFunction {
  static let count = 1 << 15

  private let executable: Executable
  let output = Memory(.float32, count: count)

  init(_ function: Function, _ instructions: InstructionSet) {
    let x = Tensor.input(0, shape: [Self.count], dtype: .float32)
    let (program, _) = Program.tracing(inputs: [x], outputs: [function.apply(x)])
    executable = Engine.cpu(instructions, threads: 1).compile(program)
  }

  func run(_ input: Memory) throws { try executable.run([input], into: [output]) }
}
