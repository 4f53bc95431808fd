import DescentKernels
import Testing

/// Values of one array as doubles, whatever its element type; small whole numbers, so every type holds them.
private func value(_ stream: Stream, _ index: [Int]) -> Double {
  let position = stream.offset + zip(index, stream.strides).reduce(0) { $0 + $1.0 * $1.1 }
  let pointer = stream.memory.pointer
  switch stream.type {
  case DK_FLOAT32: return Double(pointer.load(fromByteOffset: 4 * position, as: Float.self))
  case DK_FLOAT64: return pointer.load(fromByteOffset: 8 * position, as: Double.self)
  case DK_INT32: return Double(pointer.load(fromByteOffset: 4 * position, as: Int32.self))
  case DK_INT64: return Double(pointer.load(fromByteOffset: 8 * position, as: Int64.self))
  default: return Double(pointer.load(fromByteOffset: position, as: UInt8.self))
  }
}

private func memory(_ type: dk_dtype, count: Int, _ random: inout Seeded) -> Memory {
  let values = (0..<max(count, 1)).map { _ in Int.random(in: type == DK_BOOL ? 0...1 : 0...9, using: &random) }
  switch type {
  case DK_FLOAT32: return Memory(values.map { Float($0) })
  case DK_FLOAT64: return Memory(values.map { Double($0) })
  case DK_INT32: return Memory(values.map { Int32($0) })
  case DK_INT64: return Memory(values.map { Int64($0) })
  default: return Memory(values.map { UInt8($0) })
  }
}

/// Strides of a dense array whose axes lie in the given order of memory.
private func strides(_ extents: [Int], order: [Int]) -> [Int] {
  var strides = [Int](repeating: 0, count: extents.count), next = 1
  for axis in order.reversed() {
    strides[axis] = next
    next *= extents[axis]
  }
  return strides
}

private func indices(_ extents: [Int]) -> [[Int]] {
  var all: [[Int]] = [[]]
  for extent in extents { all = all.flatMap { prefix in (0..<extent).map { prefix + [$0] } } }
  return all
}

/// The exact operations of the random programs on doubles.
private func evaluate(_ operation: dk_op, _ a: Double, _ b: Double, _ c: Double) -> Double {
  switch operation {
  case DK_ADD: a + b
  case DK_SUBTRACT: a - b
  case DK_MAXIMUM: max(a, b)
  case DK_MINIMUM: min(a, b)
  case DK_LESS: a < b ? 1 : 0
  case DK_SELECT: a != 0 ? b : c
  case DK_NEGATE: -a
  default: abs(a)
  }
}

/// An input array of a random layout: dense, transposed, reversed, sliced or broadcast along some axes.
private func randomInput(_ extents: [Int], _ random: inout Seeded) -> Stream {
  let type =
    Bool.random(using: &random)
    ? DK_FLOAT32 : [DK_FLOAT64, DK_INT32, DK_INT64, DK_UINT8, DK_BOOL].randomElement(using: &random) ?? DK_BOOL
  let order =
    Int.random(in: 0..<3, using: &random) == 0
    ? Array(extents.indices).shuffled(using: &random) : Array(extents.indices)
  let spacing = Int.random(in: 0..<5, using: &random) == 0 ? 2 : 1
  let layout = strides(extents, order: order).map { $0 * spacing }
  let count = extents.reduce(spacing, *)
  var stream = Stream(memory: memory(type, count: count, &random), type: type, strides: layout)
  for axis in extents.indices {
    switch Int.random(in: 0..<8, using: &random) {
    case 0, 1: stream.strides[axis] = 0
    case 2 where extents[axis] > 0:
      stream.offset += stream.strides[axis] * (extents[axis] - 1)
      stream.strides[axis] *= -1
    default: break
    }
  }
  return stream
}

private let shapes: [[Int]] = [
  [], [1], [0], [10], [16], [17], [1024], [1025], [5000], [3, 0, 2], [1, 1, 1], [128, 10], [10, 128], [7, 600],
  [3, 1500],
  [33, 3, 3], [5, 4, 3, 2], [2, 3, 1, 5, 1, 7], [300, 5], [2, 2, 2, 2, 2, 2, 2, 2], [40, 100], [2, 2, 700], [1, 513],
]

@Suite("Elementwise grids")
struct ElementwiseGridTests {
  @Test("random programs over random layouts agree with a loop over the elements", arguments: 0..<150)
  func randomPrograms(seed: Int) {
    var random = Seeded(seed)
    let extents = shapes[seed % shapes.count]
    let compute = [DK_FLOAT32, DK_FLOAT32, DK_FLOAT64, DK_INT64][seed / shapes.count % 4]
    let inputCount = Int.random(in: 1...4, using: &random), registers = Int.random(in: 1...4, using: &random)
    let constants = [2.0, -3]
    let inputs = (0..<inputCount).map { _ in randomInput(extents, &random) }
    let first = inputCount + constants.count
    var written: [Int] = [], instructions: [dk_instruction] = []
    let operations = [DK_ADD, DK_SUBTRACT, DK_MAXIMUM, DK_MINIMUM, DK_LESS, DK_SELECT, DK_NEGATE, DK_ABS]
    for step in 0..<Int.random(in: 1...9, using: &random) {
      let readable = Array(0..<first) + written
      let pick = { (random: inout Seeded) in UInt8(readable.randomElement(using: &random) ?? 0) }
      let destination = first + (step < registers ? step : Int.random(in: 0..<registers, using: &random))
      instructions.append(
        dk_instruction(
          op: UInt8((operations.randomElement(using: &random) ?? DK_ADD).rawValue), destination: UInt8(destination),
          a: pick(&random), b: pick(&random), c: pick(&random), isRow: 0))
      if !written.contains(destination) { written.append(destination) }
    }
    var outputs: [Stream] = [], operands: [Int] = []
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      let type =
        Bool.random(using: &random)
        ? compute : [DK_FLOAT32, DK_FLOAT64, DK_INT32, DK_INT64].randomElement(using: &random) ?? compute
      let order =
        Int.random(in: 0..<3, using: &random) == 0
        ? Array(extents.indices).shuffled(using: &random) : Array(extents.indices)
      let count = extents.reduce(1, *)
      outputs.append(
        Stream(memory: memory(type, count: count, &random), type: type, strides: strides(extents, order: order)))
      operands.append((written + Array(0..<first)).randomElement(using: &random) ?? 0)
    }
    let all = indices(extents)
    var expected = outputs.map { _ in [Double]() }
    for index in all {
      var values = inputs.map { value($0, index) } + constants + [Double](repeating: .nan, count: registers)
      for step in instructions {
        values[Int(step.destination)] = evaluate(
          dk_op(UInt32(step.op)), values[Int(step.a)], values[Int(step.b)], values[Int(step.c)])
      }
      for output in outputs.indices { expected[output].append(values[operands[output]]) }
    }
    for level in levels {
      for output in outputs {
        output.memory.pointer.initializeMemory(as: UInt8.self, repeating: 0x77, count: output.memory.bytes)
      }
      let program = Program(
        compute: compute, extents: extents, inputs: inputs, constants: constants, registers: registers,
        instructions: instructions, outputs: outputs, outputOperands: operands)
      program.run(level)
      for (output, expected) in zip(outputs, expected) {
        #expect(output.memory.isIntact)
        let wrong = zip(all, expected).first { value(output, $0.0) != $0.1 }
        #expect(wrong == nil, "level \(level), \(extents): \(String(describing: wrong))")
      }
    }
  }

  @Test("an output may overwrite an input", arguments: [[5], [1024], [3000], [64, 7], [3, 700]], [false, true])
  func inPlace(extents: [Int], transposed: Bool) {
    let count = extents.reduce(1, *)
    let order = transposed ? Array(extents.indices.reversed()) : Array(extents.indices)
    for level in levels {
      // a ← a + b, b ← old a - b, where both are read again after the first is ready.
      let a = (0..<count).map { Float($0) }, b = (0..<count).map { Float($0 % 7) }
      let first = Stream(memory: Memory(a), type: DK_FLOAT32, strides: strides(extents, order: order))
      let second = Stream(memory: Memory(b), type: DK_FLOAT32, strides: strides(extents, order: order))
      let program = Program(
        extents: extents, inputs: [first, second], registers: 2,
        instructions: [
          dk_instruction(op: UInt8(DK_ADD.rawValue), destination: 2, a: 0, b: 1, c: 0, isRow: 0),
          dk_instruction(op: UInt8(DK_SUBTRACT.rawValue), destination: 3, a: 0, b: 1, c: 0, isRow: 0),
        ], outputs: [first, second], outputOperands: [2, 3])
      program.run(level)
      #expect(first.memory.array(of: Float.self) == zip(a, b).map { $0 + $1 })
      #expect(second.memory.array(of: Float.self) == zip(a, b).map { $0 - $1 })

      // Exchanging two arrays stores each unchanged where the other lies.
      let swap = Program(
        extents: extents, inputs: [first, second], outputs: [second, first], outputOperands: [0, 1])
      swap.run(level)
      #expect(second.memory.array(of: Float.self) == zip(a, b).map { $0 + $1 })
      #expect(first.memory.array(of: Float.self) == zip(a, b).map { $0 - $1 })
    }
  }

  @Test("conversions saturate, truncate and wrap")
  func conversions() {
    let doubles = [
      0.0, -0.9, 1.9, -1.9, 255.5, 256, -1, 300, 2147483647.5, -2147483648.5, 1e30, -1e30, .nan, .infinity,
    ]
    for level in levels {
      func convert<From, To>(_ input: [From], _ from: dk_dtype, _ compute: dk_dtype, _ to: dk_dtype, _: To.Type) -> [To]
      {
        let output = Memory(bytes: input.count * MemoryLayout<To>.stride)
        let program = Program(
          compute: compute, extents: [input.count],
          inputs: [Stream(memory: Memory(input), type: from, strides: [1])],
          outputs: [Stream(memory: output, type: to, strides: [1])], outputOperands: [0])
        program.run(level)
        #expect(output.isIntact)
        return output.array(of: To.self)
      }
      func saturate<To: FixedWidthInteger>(_ x: Double, _: To.Type) -> To {
        x.isNaN ? 0 : x >= Double(To.max) ? .max : x <= Double(To.min) ? .min : To(x)
      }
      #expect(
        convert(doubles, DK_FLOAT64, DK_FLOAT64, DK_INT32, Int32.self) == doubles.map { saturate($0, Int32.self) })
      #expect(
        convert(doubles, DK_FLOAT64, DK_FLOAT64, DK_INT64, Int64.self) == doubles.map { saturate($0, Int64.self) })
      #expect(
        convert(doubles, DK_FLOAT64, DK_FLOAT64, DK_UINT8, UInt8.self) == doubles.map { saturate($0, UInt8.self) })
      #expect(convert(doubles, DK_FLOAT64, DK_INT64, DK_INT64, Int64.self) == doubles.map { saturate($0, Int64.self) })
      #expect(convert(doubles, DK_FLOAT64, DK_FLOAT32, DK_BOOL, UInt8.self) == doubles.map { $0 == 0 ? 0 : 1 })
      let floats = doubles.map { Float($0) }
      #expect(
        convert(floats, DK_FLOAT32, DK_FLOAT32, DK_INT32, Int32.self) == floats.map { saturate(Double($0), Int32.self) }
      )
      #expect(
        convert(floats, DK_FLOAT32, DK_INT64, DK_INT64, Int64.self) == floats.map { saturate(Double($0), Int64.self) })
      let integers: [Int64] = [0, 255, 256, -1, 1 << 31, -(1 << 31) - 1, .max, .min]
      #expect(
        convert(integers, DK_INT64, DK_INT64, DK_INT32, Int32.self) == integers.map { Int32(truncatingIfNeeded: $0) })
      #expect(
        convert(integers, DK_INT64, DK_INT64, DK_UINT8, UInt8.self) == integers.map { UInt8(truncatingIfNeeded: $0) })
      #expect(convert(integers, DK_INT64, DK_INT64, DK_BOOL, UInt8.self) == integers.map { $0 == 0 ? 0 : 1 })
      #expect(convert(integers, DK_INT64, DK_FLOAT64, DK_FLOAT32, Float.self) == integers.map { Float(Double($0)) })
    }
  }
}
