import DescentKernels
import Testing

/// [outer, count, inner], with the sizes where blocks, vectors and pairs of runs begin and end.
private let shapes: [(Int, Int, Int)] = [
  (1, 0, 1), (2, 0, 3), (0, 4, 2), (1, 1, 1), (5, 10, 1), (3, 15, 1), (3, 16, 1), (3, 17, 1), (2, 31, 1), (2, 32, 1),
  (2, 33, 1), (1, 511, 1), (1, 512, 1), (1, 1025, 1), (1, 5000, 1), (3, 7, 2), (2, 16, 5), (2, 17, 16), (1, 33, 31),
  (2, 40, 32), (1, 64, 33), (1, 100, 70), (1, 1000, 3), (4, 3, 129),
]

private func reduce<Element>(
  _ reduction: dk_reduction, _ type: dk_dtype, _ level: dk_level, _ shape: (Int, Int, Int), _ input: [Element]
) -> [Element] {
  let source = Memory(input), output = Memory(bytes: shape.0 * shape.2 * MemoryLayout<Element>.stride)
  let arguments = dk_reduce_arguments(
    reduction: code(reduction), dtype: code(type), outer: Int64(shape.0), count: Int64(shape.1), inner: Int64(shape.2),
    input: UnsafeRawPointer(source.pointer), output: output.pointer)
  run(DK_REDUCE, level, arguments, keeping: source, output)
  #expect(output.isIntact)
  return output.array(of: Element.self)
}

/// The lines along the middle axis.
private func lines<Element>(_ shape: (Int, Int, Int), _ input: [Element]) -> [[Element]] {
  (0..<shape.0).flatMap { outer in
    (0..<shape.2).map { inner in (0..<shape.1).map { input[(outer * shape.1 + $0) * shape.2 + inner] } }
  }
}

private func floats(_ shape: (Int, Int, Int), nans: Bool = false) -> [Float] {
  var random = Seeded(shape.0 + 10 * shape.1 + 100 * shape.2)
  return (0..<shape.0 * shape.1 * shape.2).map { _ in
    nans && Int.random(in: 0..<40, using: &random) == 0 ? .nan : Float(Int.random(in: -50...50, using: &random)) / 3
  }
}

@Suite("Reductions")
struct ReductionTests {
  @Test("float sums are right to a few units and the same at every level", arguments: shapes.indices)
  func floatSums(index: Int) {
    let shape = shapes[index], input = floats(shape)
    let results = levels.map { reduce(DK_SUM, DK_FLOAT32, $0, shape, input) }
    let wide = levels.map { reduce(DK_SUM, DK_FLOAT64, $0, shape, input.map(Double.init)) }
    for (line, values) in lines(shape, input).enumerated() {
      let exact = values.reduce(0) { $0 + Double($1) }, size = values.reduce(0) { $0 + abs(Double($1)) }
      #expect(abs(Double(results[0][line]) - exact) <= size * 6e-7)
      #expect(abs(wide[0][line] - exact) <= size * 1e-14)
    }
    for result in results { #expect(result == results[0]) }
    for result in wide { #expect(result == wide[0]) }
  }

  @Test("the error of a long sum stays small")
  func longSum() {
    let count = 1_000_003
    for level in levels {
      let sum = reduce(DK_SUM, DK_FLOAT32, level, (1, count, 1), [Float](repeating: 0.1, count: count))[0]
      let exact = Double(Float(0.1)) * Double(count)
      #expect(abs(Double(sum) - exact) / exact < 5e-7)
      let columns = reduce(DK_SUM, DK_FLOAT32, level, (1, count / 3, 3), [Float](repeating: 0.1, count: count / 3 * 3))
      #expect(columns.allSatisfy { abs(Double($0) - exact / 3) / exact < 5e-7 })
    }
  }

  @Test("extremes propagate NaN and start from infinity", arguments: shapes.indices)
  func extremes(index: Int) {
    let shape = shapes[index], input = floats(shape, nans: true)
    for level in levels {
      let most = reduce(DK_MAX, DK_FLOAT32, level, shape, input),
        least = reduce(DK_MIN, DK_FLOAT32, level, shape, input)
      for (line, values) in lines(shape, input).enumerated() {
        if values.contains(where: \.isNaN) {
          #expect(most[line].isNaN && least[line].isNaN)
        } else {
          #expect(most[line] == values.max() ?? -.infinity)
          #expect(least[line] == values.min() ?? .infinity)
        }
      }
    }
  }

  @Test("integers of every width", arguments: shapes.indices)
  func integers(index: Int) {
    func check<Element: FixedWidthInteger>(_ type: dk_dtype, _: Element.Type) {
      let shape = shapes[index]
      var random = Seeded(index)
      let input = (0..<shape.0 * shape.1 * shape.2).map { _ in Element.random(in: .min ... .max, using: &random) }
      for level in levels {
        let groups = lines(shape, input)
        #expect(reduce(DK_SUM, type, level, shape, input) == groups.map { $0.reduce(0, &+) })
        #expect(reduce(DK_MAX, type, level, shape, input) == groups.map { $0.max() ?? .min })
        #expect(reduce(DK_MIN, type, level, shape, input) == groups.map { $0.min() ?? .max })
      }
    }
    check(DK_INT32, Int32.self)
    check(DK_INT64, Int64.self)
    check(DK_UINT8, UInt8.self)
  }

  @Test("a sum of booleans says whether any is true")
  func booleans() {
    for level in levels {
      #expect(reduce(DK_SUM, DK_BOOL, level, (3, 4, 1), [0, 0, 0, 0, 0, 1, 1, 0, 1, 1, 1, 1] as [UInt8]) == [0, 1, 1])
    }
  }

  @Test("positions of the first extreme; NaN counts as one", arguments: shapes.indices)
  func positions(index: Int) {
    let shape = shapes[index]
    guard shape.1 > 0 else { return }
    func check<Element: Comparable>(_ type: dk_dtype, _ input: [Element], _ isNaN: (Element) -> Bool) {
      for level in levels {
        for reduction in [DK_MAX, DK_MIN] {
          let source = Memory(input), output = Memory(bytes: shape.0 * shape.2 * 4)
          let arguments = dk_arg_reduce_arguments(
            reduction: code(reduction), dtype: code(type), outer: Int64(shape.0), count: Int64(shape.1),
            inner: Int64(shape.2), input: UnsafeRawPointer(source.pointer),
            output: output.pointer.assumingMemoryBound(to: Int32.self))
          run(DK_ARG_REDUCE, level, arguments, keeping: source, output)
          #expect(output.isIntact)
          let expected = lines(shape, input).map { values in
            var best = 0
            for position in values.indices where !isNaN(values[best]) {
              let better = reduction == DK_MAX ? values[position] > values[best] : values[position] < values[best]
              if better || isNaN(values[position]) { best = position }
            }
            return Int32(best)
          }
          #expect(output.array(of: Int32.self) == expected)
        }
      }
    }
    let input = floats(shape, nans: index % 2 == 0)
    check(DK_FLOAT32, input, \.isNaN)
    check(DK_FLOAT64, input.map(Double.init), \.isNaN)
    let whole = input.map { $0.isNaN ? 0 : Int32($0) }
    check(DK_INT32, whole) { _ in false }
    check(DK_INT64, whole.map(Int64.init)) { _ in false }
    check(DK_UINT8, whole.map { UInt8(truncatingIfNeeded: $0) }) { _ in false }
  }

  @Test("running sums from either end, with or without the element", arguments: shapes.indices)
  func cumulative(index: Int) {
    let shape = shapes[index]
    func check<Element>(
      _ type: dk_dtype, _ input: [Element], zero: Element, _ add: (Element, Element) -> Element
    ) where Element: Equatable {
      for level in levels {
        for (reverse, exclusive) in [(false, false), (false, true), (true, false), (true, true)] {
          let source = Memory(input), output = Memory(bytes: input.count * MemoryLayout<Element>.stride)
          let arguments = dk_cumulative_sum_arguments(
            dtype: code(type), reverse: reverse ? 1 : 0, exclusive: exclusive ? 1 : 0, outer: Int64(shape.0),
            count: Int64(shape.1), inner: Int64(shape.2), input: UnsafeRawPointer(source.pointer),
            output: output.pointer)
          run(DK_CUMULATIVE_SUM, level, arguments, keeping: source, output)
          #expect(output.isIntact)
          let results = lines(shape, output.array(of: Element.self))
          for (values, result) in zip(lines(shape, input), results) {
            var sum = zero, expected: [Element] = []
            for value in reverse ? values.reversed() : values {
              expected.append(exclusive ? sum : add(sum, value))
              sum = add(sum, value)
            }
            #expect(result == (reverse ? expected.reversed() : expected))
          }
        }
      }
    }
    let input = floats(shape)
    check(DK_FLOAT32, input, zero: 0, +)
    check(DK_FLOAT64, input.map(Double.init), zero: 0, +)
    check(DK_INT32, input.map { Int32($0) &* 100_000_007 }, zero: 0, &+)
    check(DK_INT64, input.map { Int64($0) }, zero: 0, &+)
    check(DK_UINT8, input.map { UInt8(truncatingIfNeeded: Int($0)) }, zero: 0, &+)
  }
}
