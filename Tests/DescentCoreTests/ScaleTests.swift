import DescentCPU
import DescentCore
import Testing

/// Graphs far deeper than any stack. Tests run on small stacks, which is the point.
@Suite(.serialized) struct ScaleTests {
  private static let length = 1_000_000

  @Test func longChainIsBuiltAndFreed() {
    var x = number(1)
    for _ in 0..<Self.length { x = x.sin() }
    #expect(x.shape == [])
  }

  @Test func longChainIsDifferentiatedAndEvaluated() {
    // Every link multiplies the derivative by 1: value and slope are exact.
    let (value, slope) = valueAndGradient(at: number(0.5)) { x in
      var y = x
      for _ in 0..<(Self.length / 2) { y = (y + x) - x }
      return y
    }
    evaluate(value, slope)
    #expect(value.scalar(of: Double.self) == 0.5)
    #expect(slope.scalar(of: Double.self) == 1)
  }

  @Test func longChainInForwardMode() {
    let (value, slope) = derivative(at: number(2), along: number(1)) { x in
      var y = x
      for _ in 0..<(Self.length / 4) { y = -y }
      return y
    }
    #expect(value.scalar(of: Double.self) == 2)
    #expect(slope.scalar(of: Double.self) == 1)
  }

  @Test func wideSharingTakesPartOnce() {
    // 2⁶⁰ paths, 60 nodes.
    let slope = gradient(at: number(1)) { x in
      var y = x
      for _ in 0..<60 { y = y + y }
      return y
    }
    #expect(slope.scalar(of: Double.self) == 0x1p60)
  }

  @Test func evaluatingInStepsKeepsNothing() {
    var x = number(0)
    for _ in 0..<2000 {
      x = x + 1
      evaluate(x)
    }
    #expect(x.scalar(of: Double.self) == 2000)
    #expect(x.node.operands.isEmpty)
  }
}
