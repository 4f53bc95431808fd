import DescentKernels
import Synchronization

/// The levels this processor can run.
let levels: [dk_level] = [DK_LEVEL_BASELINE, DK_LEVEL_AVX2, DK_LEVEL_AVX512].filter {
  $0.rawValue <= dk_best_level().rawValue
}

/// SplitMix64, so that every failure can be repeated from its seed.
struct Seeded: RandomNumberGenerator {
  var state: UInt64
  init(_ seed: Int) { state = UInt64(bitPattern: Int64(seed)) }
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// How many parts the calls of `run` cut their work into, one after the other: every test of a kernel is one of its
/// parts too.
private let partCounts: [Int32] = [1, 2, 3, 1, 5, 16]
private let calls = Atomic(0)

/// Runs one kernel, in parts, with scratch of exactly the announced size and returns the first status that is not OK.
///
/// The arguments hold bare pointers, so the memory they point into is named and kept alive.
@discardableResult
func run<Arguments>(
  _ kernel: dk_kernel_id, _ level: dk_level, _ arguments: Arguments, parts: Int32? = nil, keeping memory: Memory...
) -> dk_context {
  defer { withExtendedLifetime(memory) {} }
  let call = calls.wrappingAdd(1, ordering: .relaxed).oldValue
  let parts = parts ?? partCounts[call % partCounts.count]
  return withUnsafePointer(to: arguments) { arguments in
    let bytes = Int(dk_scratch_bytes(kernel, arguments))
    let guardBytes = 64
    let scratch = UnsafeMutableRawPointer.allocate(byteCount: bytes + guardBytes, alignment: 64)
    defer { scratch.deallocate() }
    guard let function = dk_kernel(kernel, level) else { preconditionFailure("no kernel \(kernel)") }
    var first = dk_context()
    // In reverse, so that a part which relies on another's having run shows.
    for part in (0..<parts).reversed() {
      scratch.initializeMemory(as: UInt8.self, repeating: 0xa5, count: bytes + guardBytes)
      var context = dk_context()
      context.scratch = scratch
      context.part = part
      context.parts = parts
      function(arguments, &context)
      let overrun = (0..<guardBytes).contains { scratch.load(fromByteOffset: bytes + $0, as: UInt8.self) != 0xa5 }
      precondition(!overrun, "a kernel wrote beyond its scratch")
      context.scratch = nil
      if context.status != DK_OK || part == 0 && first.status == DK_OK { first = context }
    }
    return first
  }
}

/// Writes the first elements of a C array that Swift sees as a tuple.
func set<Tuple, Element>(_ tuple: inout Tuple, _ values: [Element]) {
  withUnsafeMutableBytes(of: &tuple) { bytes in
    let elements = bytes.bindMemory(to: Element.self)
    for (index, value) in values.enumerated() { elements[index] = value }
  }
}

/// The size in bytes of an element.
func size(_ type: dk_dtype) -> Int {
  switch type {
  case DK_FLOAT32, DK_INT32: 4
  case DK_FLOAT64, DK_INT64: 8
  default: 1
  }
}

func code(_ type: dk_dtype) -> Int32 { Int32(type.rawValue) }
func code(_ reduction: dk_reduction) -> Int32 { Int32(reduction.rawValue) }

/// Memory of one array with canaries on both sides: a write outside is found when it is checked.
final class Memory {
  static let margin = 256
  let bytes: Int
  private let base: UnsafeMutableRawPointer
  var pointer: UnsafeMutableRawPointer { base + Self.margin }

  init(bytes: Int) {
    self.bytes = bytes
    base = .allocate(byteCount: bytes + 2 * Self.margin, alignment: 64)
    base.initializeMemory(as: UInt8.self, repeating: 0x5a, count: bytes + 2 * Self.margin)
  }
  convenience init<Element>(_ values: [Element]) {
    self.init(bytes: values.count * MemoryLayout<Element>.stride)
    values.withUnsafeBytes { source in
      if let address = source.baseAddress { pointer.copyMemory(from: address, byteCount: source.count) }
    }
  }
  deinit { base.deallocate() }

  func array<Element>(of type: Element.Type) -> [Element] {
    (0..<bytes / MemoryLayout<Element>.stride).map {
      pointer.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Element>.stride, as: type)
    }
  }
  var isIntact: Bool {
    (0..<Self.margin).allSatisfy {
      base.load(fromByteOffset: $0, as: UInt8.self) == 0x5a
        && base.load(fromByteOffset: Self.margin + bytes + $0, as: UInt8.self) == 0x5a
    }
  }
}

/// One array a program reads or writes.
struct Stream {
  var memory: Memory
  var type: dk_dtype
  var offset = 0
  var strides: [Int]

  var c: dk_stream {
    var stream = dk_stream()
    stream.data = memory.pointer + offset * size(type)
    stream.dtype = code(type)
    set(&stream.stride, strides.map(Int64.init))
    return stream
  }
}

/// An elementwise program in Swift terms.
struct Program {
  var compute = DK_FLOAT32
  var extents: [Int]
  var inputs: [Stream] = []
  var constants: [Double] = []
  var registers = 0
  var instructions: [dk_instruction] = []
  var outputs: [Stream] = []
  var outputOperands: [Int] = []

  var arguments: dk_elementwise_arguments {
    var arguments = dk_elementwise_arguments()
    arguments.compute = code(compute)
    arguments.rank = Int32(extents.count)
    set(&arguments.extent, extents.map(Int64.init))
    arguments.inputCount = Int32(inputs.count)
    arguments.constantCount = Int32(constants.count)
    arguments.registerCount = Int32(registers)
    arguments.instructionCount = Int32(instructions.count)
    arguments.outputCount = Int32(outputs.count)
    set(&arguments.input, inputs.map(\.c))
    set(&arguments.floatConstant, constants)
    if compute == DK_INT64 { set(&arguments.integerConstant, constants.map { Int64($0) }) }
    set(&arguments.instruction, instructions)
    set(&arguments.output, outputs.map(\.c))
    set(&arguments.outputOperand, outputOperands.map(UInt8.init))
    return arguments
  }

  func run(_ level: dk_level) {
    withExtendedLifetime(self) { _ = DescentKernelsTests.run(DK_ELEMENTWISE, level, arguments) }
  }
}

/// Applies one operation to dense arrays.
func apply<Element>(
  _ operation: dk_op, _ compute: dk_dtype, _ level: dk_level, _ a: [Element], _ b: [Element]? = nil,
  _ c: [Element]? = nil
) -> [Element] {
  let operands = [a, b ?? a, c ?? a]
  let output = Memory(bytes: a.count * MemoryLayout<Element>.stride)
  let program = Program(
    compute: compute, extents: [a.count],
    inputs: operands.map { Stream(memory: Memory($0), type: compute, strides: [1]) }, registers: 1,
    instructions: [dk_instruction(op: UInt8(operation.rawValue), destination: 3, a: 0, b: 1, c: 2, isRow: 0)],
    outputs: [Stream(memory: output, type: compute, strides: [1])], outputOperands: [3])
  program.run(level)
  precondition(output.isIntact, "\(operation) wrote outside its output")
  return output.array(of: Element.self)
}
