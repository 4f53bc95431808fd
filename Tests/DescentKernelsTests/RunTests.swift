import DescentKernels
import Testing

@Suite("Runs")
struct RunTests {
  @Test("commands run in order and stop at the first bad index; the floating-point mode comes back")
  func stops() throws {
    let level = dk_best_level()
    let tiny: Float = 0x1p-140
    let numbers = Memory([tiny]), halves = Memory([Float(0.5)]), product = Memory(bytes: 4)
    let program = Program(
      extents: [1], inputs: [numbers, halves].map { Stream(memory: $0, type: DK_FLOAT32, strides: [1]) }, registers: 1,
      instructions: [dk_instruction(op: UInt8(DK_MULTIPLY.rawValue), destination: 2, a: 0, b: 1, c: 0, isRow: 0)],
      outputs: [Stream(memory: product, type: DK_FLOAT32, strides: [1])], outputOperands: [2])
    let filled = Memory([Int32(0)]), indices = Memory([Int32(3)]), gathered = Memory(bytes: 4)
    let fill = dk_fill_arguments(elementSize: 4, count: 1, bits: 5, output: filled.pointer)
    let gather = dk_gather_arguments(
      elementSize: 4, indexType: code(DK_INT32), batch: 1, outer: 1, count: 1, inner: 1, picks: 1,
      operand: UnsafeRawPointer(filled.pointer), indices: UnsafeRawPointer(indices.pointer), output: gathered.pointer)
    let scratch = UnsafeMutableRawPointer.allocate(byteCount: 1 << 16, alignment: 64)
    defer { scratch.deallocate() }
    defer { withExtendedLifetime((program, filled, indices, gathered)) {} }
    withUnsafePointer(to: program.arguments) { program in
      withUnsafePointer(to: fill) { fill in
        withUnsafePointer(to: gather) { gather in
          let commands = [
            dk_command(function: dk_kernel(DK_ELEMENTWISE, level), arguments: program, nanoseconds: 0),
            dk_command(function: dk_kernel(DK_GATHER, level), arguments: gather, nanoseconds: 0),
            dk_command(function: dk_kernel(DK_FILL, level), arguments: fill, nanoseconds: 0),
          ]
          var context = dk_context()
          context.scratch = scratch
          #expect(dk_run(commands, 1, &context, 1, nil) == -1)
          #expect(dk_run(commands, 3, &context, 1, nil) == 1)
          #expect(context.status == DK_INDEX_OUT_OF_RANGE && context.detail.0 == 3)
          #expect(filled.array(of: Int32.self) == [0])
          #expect(dk_run([commands[2]], 1, &context, 1, nil) == -1)
          #expect(context.status == DK_OK && filled.array(of: Int32.self) == [5])
        }
      }
    }
    #if arch(x86_64) || arch(arm64)
      #expect(product.array(of: Float.self) == [0], "subnormals count as zero inside a run")
    #endif
    let outside = numbers.array(of: Float.self)[0] * halves.array(of: Float.self)[0]
    #expect(outside > 0, "and as themselves outside")
  }
}
