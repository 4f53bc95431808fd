import DescentKernels
import Testing

/// Values that differ from their neighbours in every byte.
private func pattern(_ count: Int, size: Int) -> [UInt8] {
  var random = Seeded(count + size)
  return (0..<count * size).map { _ in UInt8.random(in: 0...255, using: &random) }
}

@Suite("Copies and fills")
struct MovementTests {
  @Test("permuted, sliced, reversed and broadcast grids", arguments: 0..<300)
  func copies(seed: Int) {
    var random = Seeded(seed)
    let elementSize = [1, 4, 8][seed % 3]
    let shapes = [
      [], [5], [17], [40, 33], [3, 64, 64], [1, 7, 1, 5], [2, 0, 3], [16, 16], [100, 20], [4, 3, 5, 6], [9, 2, 35, 4],
    ]
    let extents = shapes[seed / 3 % shapes.count]
    func layout(_ order: [Int], spacing: Int) -> [Int] {
      var strides = [Int](repeating: 0, count: extents.count), next = spacing
      for axis in order.reversed() {
        strides[axis] = next
        next *= extents[axis]
      }
      return strides
    }
    let axes = Array(extents.indices), count = extents.reduce(1, *)
    let spacing = Int.random(in: 0..<4, using: &random) == 0 ? 2 : 1
    var sourceStrides = layout(axes.shuffled(using: &random), spacing: spacing), sourceOffset = 0
    var targetStrides = layout(Bool.random(using: &random) ? axes : axes.shuffled(using: &random), spacing: 1)
    var targetOffset = 0
    for axis in axes where extents[axis] > 0 {
      switch Int.random(in: 0..<9, using: &random) {
      case 0:
        sourceOffset += sourceStrides[axis] * (extents[axis] - 1)
        sourceStrides[axis] *= -1
      case 1: sourceStrides[axis] = 0
      case 2:
        targetOffset += targetStrides[axis] * (extents[axis] - 1)
        targetStrides[axis] *= -1
      default: break
      }
    }
    let source = Memory(pattern(max(count, 1) * spacing, size: elementSize))
    var indices: [[Int]] = [[]]
    for extent in extents { indices = indices.flatMap { prefix in (0..<extent).map { prefix + [$0] } } }
    let bytes = source.array(of: UInt8.self)
    var expected = [UInt8](repeating: 0, count: count * elementSize)
    for index in indices {
      let from = zip(index, sourceStrides).reduce(sourceOffset) { $0 + $1.0 * $1.1 }
      let to = zip(index, targetStrides).reduce(targetOffset) { $0 + $1.0 * $1.1 }
      for byte in 0..<elementSize { expected[to * elementSize + byte] = bytes[from * elementSize + byte] }
    }
    for level in levels {
      let target = Memory(bytes: count * elementSize)
      var arguments = dk_copy_arguments()
      arguments.elementSize = Int32(elementSize)
      arguments.rank = Int32(extents.count)
      set(&arguments.extent, extents.map(Int64.init))
      set(&arguments.sourceStride, sourceStrides.map(Int64.init))
      set(&arguments.destinationStride, targetStrides.map(Int64.init))
      arguments.source = UnsafeRawPointer(source.pointer + sourceOffset * elementSize)
      arguments.destination = target.pointer + targetOffset * elementSize
      run(DK_COPY, level, arguments, keeping: source, target)
      #expect(target.isIntact)
      #expect(target.array(of: UInt8.self) == expected, "\(extents) from \(sourceStrides) to \(targetStrides)")
    }
  }

  @Test("fills", arguments: [0, 1, 15, 100])
  func fills(count: Int) {
    for level in levels {
      for (elementSize, bits) in [(1, UInt64(0xab)), (4, 0x1234_5678), (8, 0x0123_4567_89ab_cdef)] {
        let output = Memory(bytes: count * elementSize)
        run(
          DK_FILL, level,
          dk_fill_arguments(elementSize: Int32(elementSize), count: Int64(count), bits: bits, output: output.pointer))
        let expected = (0..<count).flatMap { _ in (0..<elementSize).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
        }
        #expect(output.isIntact && output.array(of: UInt8.self) == expected)
      }
    }
  }

  @Test("positions along an axis", arguments: [(1, 10, 1), (3, 300, 2), (2, 0, 4)])
  func iota(outer: Int, count: Int, inner: Int) {
    func check<Element: Equatable>(_ type: dk_dtype, _ element: (Int) -> Element) {
      for level in levels {
        let output = Memory(bytes: outer * count * inner * MemoryLayout<Element>.stride)
        run(
          DK_IOTA, level,
          dk_iota_arguments(
            dtype: code(type), outer: Int64(outer), count: Int64(count), inner: Int64(inner), output: output.pointer))
        let expected = (0..<outer).flatMap { _ in (0..<count).flatMap { i in (0..<inner).map { _ in element(i) } } }
        #expect(output.isIntact && output.array(of: Element.self) == expected)
      }
    }
    check(DK_FLOAT32) { Float($0) }
    check(DK_FLOAT64) { Double($0) }
    check(DK_INT32) { Int32($0) }
    check(DK_INT64) { Int64($0) }
    check(DK_UINT8) { UInt8(truncatingIfNeeded: $0) }
    check(DK_BOOL) { UInt8($0 == 0 ? 0 : 1) }
  }

  /// batch, outer, count, inner, picks
  static let gathers = [
    (1, 1, 5, 1, 8), (1, 1, 27, 10, 33), (2, 3, 4, 5, 6), (1, 2, 3, 40, 2), (3, 1, 7, 1, 0), (1, 0, 3, 2, 4),
  ]

  @Test("gather and its transpose", arguments: gathers.indices)
  func gather(row: Int) {
    let (batch, outer, count, inner, picks) = Self.gathers[row]
    var random = Seeded(row)
    let chosen = (0..<batch * picks).map { _ in Int.random(in: 0..<count, using: &random) }
    let operand = (0..<batch * outer * count * inner).map { Float($0) }
    let updates = (0..<batch * outer * picks * inner).map { _ in Float(Int.random(in: -9...9, using: &random)) }
    var gathered: [Float] = [], added = [Float](repeating: 0, count: operand.count)
    for b in 0..<batch {
      for o in 0..<outer {
        for p in 0..<picks {
          for i in 0..<inner {
            let position = ((b * outer + o) * count + chosen[b * picks + p]) * inner + i
            added[position] += updates[gathered.count]
            gathered.append(operand[position])
          }
        }
      }
    }
    let indexTypes: [(dk_dtype, Memory)] = [
      (DK_INT32, Memory(chosen.map(Int32.init))), (DK_INT64, Memory(chosen.map(Int64.init))),
      (DK_UINT8, Memory(chosen.map(UInt8.init))),
    ]
    for level in levels {
      for (indexType, indices) in indexTypes {
        func pick<Element: Equatable>(_ element: (Float) -> Element) {
          let source = Memory(operand.map(element))
          let output = Memory(bytes: gathered.count * MemoryLayout<Element>.stride)
          let arguments = dk_gather_arguments(
            elementSize: Int32(MemoryLayout<Element>.stride), indexType: code(indexType), batch: Int64(batch),
            outer: Int64(outer), count: Int64(count), inner: Int64(inner), picks: Int64(picks),
            operand: UnsafeRawPointer(source.pointer), indices: UnsafeRawPointer(indices.pointer),
            output: output.pointer)
          let context = run(DK_GATHER, level, arguments, keeping: source, indices, output)
          #expect(context.status == DK_OK && output.isIntact && output.array(of: Element.self) == gathered.map(element))
        }
        pick { $0 }
        pick { Double($0) }
        pick { UInt8(truncatingIfNeeded: Int($0)) }

        func scatter<Element: Equatable>(_ type: dk_dtype, _ element: (Float) -> Element) {
          let source = Memory(updates.map(element)), output = Memory(bytes: added.count * MemoryLayout<Element>.stride)
          let arguments = dk_scatter_add_arguments(
            dtype: code(type), indexType: code(indexType), batch: Int64(batch), outer: Int64(outer),
            count: Int64(count), inner: Int64(inner), picks: Int64(picks), updates: UnsafeRawPointer(source.pointer),
            indices: UnsafeRawPointer(indices.pointer), output: output.pointer)
          let context = run(DK_SCATTER_ADD, level, arguments, keeping: source, indices, output)
          #expect(context.status == DK_OK && output.isIntact && output.array(of: Element.self) == added.map(element))
        }
        scatter(DK_FLOAT32) { $0 }
        scatter(DK_FLOAT64) { Double($0) }
        scatter(DK_INT32) { Int32($0) }
        scatter(DK_INT64) { Int64($0) }
        scatter(DK_UINT8) { UInt8(truncatingIfNeeded: Int($0)) }
      }
    }
  }

  @Test("an index out of range stops with its value, the extent and its position", arguments: [-1, 4, Int(Int32.max)])
  func outOfRange(bad: Int) {
    let operand = Memory([Float](repeating: 1, count: 8)), output = Memory(bytes: 24)
    let indices = Memory([0, Int32(bad), 7])
    for level in levels {
      let arguments = dk_gather_arguments(
        elementSize: 4, indexType: code(DK_INT32), batch: 1, outer: 1, count: 4, inner: 2, picks: 3,
        operand: UnsafeRawPointer(operand.pointer), indices: UnsafeRawPointer(indices.pointer), output: output.pointer)
      let scatter = dk_scatter_add_arguments(
        dtype: code(DK_FLOAT32), indexType: code(DK_INT32), batch: 1, outer: 1, count: 4, inner: 2, picks: 3,
        updates: UnsafeRawPointer(operand.pointer), indices: UnsafeRawPointer(indices.pointer), output: output.pointer)
      for context in [
        run(DK_GATHER, level, arguments, keeping: operand, indices, output),
        run(DK_SCATTER_ADD, level, scatter, keeping: operand, indices, output),
      ] {
        #expect(context.status == DK_INDEX_OUT_OF_RANGE)
        #expect(context.detail.0 == Int64(bad) && context.detail.1 == 4 && context.detail.2 == 1)
      }
    }
  }
}
