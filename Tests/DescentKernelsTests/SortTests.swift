import DescentKernels
import Testing

@Suite("Sorting")
struct SortTests {
  @Test("stable, NaN greatest, both directions", arguments: 0..<40)
  func sorts(seed: Int) {
    var random = Seeded(seed)
    let sizes = [0, 1, 2, 15, 16, 17, 33, 100, 1000]
    let outer = Int.random(in: 1...3, using: &random), inner = Int.random(in: 1...3, using: &random)
    let count = sizes.randomElement(using: &random) ?? 1
    let whole = (0..<outer * count * inner).map { _ in Int.random(in: -20...20, using: &random) }
    func check<Element: Comparable>(_ type: dk_dtype, _ input: [Element]) {
      for level in levels {
        for descending in [false, true] {
          let source = Memory(input), output = Memory(bytes: input.count * 4)
          let arguments = dk_arg_sort_arguments(
            dtype: code(type), descending: descending ? 1 : 0, outer: Int64(outer), count: Int64(count),
            inner: Int64(inner), input: UnsafeRawPointer(source.pointer),
            output: output.pointer.assumingMemoryBound(to: Int32.self))
          run(DK_ARG_SORT, level, arguments, keeping: source, output)
          #expect(output.isIntact)
          let positions = output.array(of: Int32.self)
          for o in 0..<outer {
            for i in 0..<inner {
              let line = (0..<count).map { input[(o * count + $0) * inner + i] }
              // A NaN is below, above and equal to nothing; as the greatest value it compares by this rule.
              func less(_ a: Element, _ b: Element) -> Bool { a < b || (a == a && b != b) }
              let expected = line.indices.sorted {
                let before = descending ? less(line[$1], line[$0]) : less(line[$0], line[$1])
                let after = descending ? less(line[$0], line[$1]) : less(line[$1], line[$0])
                return before || (!after && $0 < $1)
              }
              #expect((0..<count).map { Int(positions[(o * count + $0) * inner + i]) } == expected)
            }
          }
        }
      }
    }
    let special: [Float] = [.nan, 0, -0.0, .infinity, -.infinity, -.nan]
    check(DK_FLOAT32, whole.map { $0 < -14 ? special[$0 + 20] : Float($0) / 2 })
    check(DK_FLOAT64, whole.map { $0 < -14 ? Double(special[$0 + 20]) : Double($0) / 3 })
    check(DK_INT32, whole.map { $0 == 20 ? Int32.min : Int32($0) })
    check(DK_INT64, whole.map { $0 == 20 ? Int64.min : $0 == 19 ? .max : Int64($0) })
    check(DK_UINT8, whole.map { UInt8(truncatingIfNeeded: $0) })
  }
}
