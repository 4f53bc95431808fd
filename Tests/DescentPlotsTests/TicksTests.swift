import DescentPlots
import Testing

@Suite struct TicksTests {
  @Test(
    arguments: [
      (0.0...1.0, 5, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
      (0...1, 2, ["0", "0.5", "1.0"]),
      (0...80, 5, ["0", "20", "40", "60", "80"]),
      (-3...7, 4, ["0", "5"]),
      (0.0012...0.0039, 6, ["0.0015", "0.0020", "0.0025", "0.0030", "0.0035"]),
      (0...12_000, 3, ["0", "5000", "10\u{202F}000"]),
      (0...3e9, 3, ["0", "1×10⁹", "2×10⁹", "3×10⁹"]),
      (0...2e-7, 2, ["0", "1×10⁻⁷", "2×10⁻⁷"]),
      (999_999.5...1_000_001, 3, ["999\u{202F}999.5", "1×10⁶", "1.0000005×10⁶", "1.000001×10⁶"]),
    ] as [(ClosedRange<Double>, Int, [String])])
  func marksRoundNumbers(range: ClosedRange<Double>, count: Int, labels: [String]) {
    #expect(Ticks.linear(range, atMost: count).labels == labels)
  }

  @Test func marksWholeNumbersOnly() {
    #expect(Ticks.linear(0.8...3.2, atMost: 8).labels.count > 3)
    #expect(Ticks.linear(0.8...3.2, atMost: 8, isWhole: true).labels == ["1", "2", "3"])
  }

  @Test(
    arguments: [
      (1.0...1000.0, 6, ["1", "10", "100", "1000"]),
      (1e-8...1e8, 5, ["10⁻⁸", "10⁻⁴", "1", "10\u{202F}000", "10⁸"]),
      (0.9...60, 8, ["1", "2", "5", "10", "20", "50"]),
      (3...9, 6, ["4", "6", "8"]),
      (0.2...0.6, 6, ["0.2", "0.5"]),
    ] as [(ClosedRange<Double>, Int, [String])])
  func marksPowersOfTen(range: ClosedRange<Double>, count: Int, labels: [String]) {
    #expect(Ticks.logarithmic(range, atMost: count).labels == labels)
  }

  @Test func marksLieInTheirRangeAndAreNoMoreThanAsked() {
    for seed in 1...400 {
      let low = Double(seed * 7919 % 1000) * (seed % 3 == 0 ? -1e-5 : 1e4)
      let range = low...(low + Double(seed * 104_729 % 997 + 1) * (seed % 5 == 0 ? 1e6 : 1e-3))
      for count in 2...9 {
        let ticks = Ticks.linear(range, atMost: count)
        let room = (range.upperBound - range.lowerBound) * 1e-3
        #expect(ticks.all.count <= count + 1)
        #expect(ticks.all.allSatisfy { $0.value >= range.lowerBound - room && $0.value <= range.upperBound + room })
        #expect(Set(ticks.labels).count == ticks.all.count, "\(range) \(count)")
      }
    }
  }

  @Test(
    arguments: [
      (0, "0"), (-0.0, "0"), (1, "1"), (-12.5, "−12.5"), (0.33333333, "0.3333"), (99_999, "99\u{202F}999"),
      (123_456, "123\u{202F}456"), (1_234_567, "1.235×10⁶"), (0.00012345, "0.0001235"), (1e-5, "1×10⁻⁵"), (.nan, "NaN"),
      (.infinity, "∞"), (-.infinity, "−∞"), (1.7976931348623157e308, "1.798×10³⁰⁸"), (.leastNonzeroMagnitude, "5e-324"),
      (0.99999, "1"),
    ] as [(Double, String)])
  func writesNumbersShortly(value: Double, text: String) {
    #expect(NumberText.short(value) == text)
  }
}
