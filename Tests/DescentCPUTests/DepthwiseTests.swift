import DescentCPU
import DescentCore
import Testing

/// Convolutions whose every channel has a window of its own, in blocks of pixels and whole vectors of channels.
@Suite("Depthwise convolutions") struct DepthwiseTests {
  /// Lines shorter than a block, of one, and of several; whole vectors of channels, and others; windows that are mostly
  /// outside; and some for which there are no blocks.
  static let cases: [ConvolutionCase] =
    [1, 2, 5, 8, 9, 17].flatMap { width in
      [
        .depthwise(image: [2, 5, width, 33], window: [3, 3]),
        .depthwise(image: [1, 4, width, 19], window: [5, 5]),
        .depthwise(image: [2, 5, width, 16], window: [3, 3], strides: [2, 2]),
      ]
    } + [
      .depthwise(image: [2, 9, 9, 24], window: [3, 3], padding: .valid),
      .depthwise(image: [2, 9, 11, 32], window: [7, 3], strides: [1, 2], padding: .valid),
      .depthwise(image: [2, 9, 8, 17], window: [2, 5], strides: [2, 1], dilation: [2, 1]),
      .depthwise(image: [2, 3, 6, 18], window: [3, 3], padding: .explicit(low: [2, 2], high: [2, 2])),
      .depthwise(image: [2, 3, 6, 18], window: [3, 3], padding: .explicit(low: [0, 4], high: [3, 0])),
      .depthwise(image: [3, 21, 48], window: [3]),
      .depthwise(image: [2, 4, 5, 6, 20], window: [3, 3, 3]),
      .depthwise(image: [2, 4, 5, 6, 20], window: [2, 3, 5], strides: [2, 1, 1]),
      .depthwise(image: [2, 9, 9, 20], window: [3, 3], dilation: [1, 2]),
      .depthwise(image: [2, 9, 9, 20], window: [3, 4], strides: [1, 3]),
      .depthwise(image: [1, 70, 9, 16], window: [3, 3]),
    ]

  @Test("of no examples are empty, and slopes zero", arguments: cases)
  func noExamples(_ test: ConvolutionCase) throws { try test.expectNothingOfNoExamples() }

  @Test("are those of float64", arguments: cases, InstructionSet.available)
  func values(_ test: ConvolutionCase, _ instructions: InstructionSet) throws {
    let operands = test.operands()
    let wide = operands.map { $0.cast(to: .float64) }
    let exact = try Engine.cpu(instructions).compute(test.directions(wide[0], wide[1], wide[2]))
    let results = try Engine.cpu(instructions).compute(test.directions(operands[0], operands[1], operands[2]))
    for (exact, result) in zip(exact, results) {
      let (exact, result) = (exact.array(of: Double.self), result.array(of: Float.self))
      let size = exact.reduce(0) { max($0, abs($1)) }
      for (exact, result) in zip(exact, result) { try #require(abs(exact - Double(result)) <= 1e-5 * size) }
    }
  }

  @Test("of some channels, too few for a vector, are the bits of all", arguments: cases, InstructionSet.available)
  func channelsApart(_ test: ConvolutionCase, _ instructions: InstructionSet) throws {
    let operands = test.operands()
    let engine = Engine.cpu(instructions, threads: 1)
    let together = try engine.compute(test.directions(operands[0], operands[1], operands[2]))
    for start in stride(from: 0, to: test.channels, by: 3) {
      let count = min(3, test.channels - start)
      let few = operands.map { $0.split([start, count, test.channels - start - count], axis: -1)[1] + 0 }
      evaluate(few[0], few[1], few[2])
      let apart = try engine.compute(test.directions(few[0], few[1], few[2]))
      for (direction, (apart, together)) in zip(apart, together).enumerated() {
        let (apart, together) = (apart.array(of: Float.self), together.array(of: Float.self))
        let isSame = apart.indices.allSatisfy { i in
          apart[i].bitPattern == together[i / count * test.channels + start + i % count].bitPattern
        }
        #expect(isSame, "channel \(start), direction \(direction)")
      }
    }
  }

  @Test("bits depend neither on the number of threads nor on the batch", arguments: cases)
  func threads(_ test: ConvolutionCase) throws {
    let operands = test.operands()
    let directions = test.directions(operands[0], operands[1], operands[2])
    let alone = try Engine.cpu(.best, threads: 1).compute(directions)
    for count in [2, 3, 7] {
      let shared = try Engine.cpu(.best, threads: count).compute(directions)
      for (alone, shared) in zip(alone, shared) { try #require(alone.bits == shared.bits, "\(count) threads") }
    }
    let first = try Engine.cpu(.best, threads: 2).compute(
      test.directions(operands[0][0..<1], operands[1], operands[2][0..<1]))
    for i in 0..<2 { #expect(Array(alone[i].bits.prefix(first[i].bits.count)) == first[i].bits, "direction \(i)") }
  }
}

extension ConvolutionCase {
  /// The result and both gradients for a cotangent, of some of the channels.
  fileprivate func directions(_ x: Tensor, _ w: Tensor, _ cotangent: Tensor) -> [Tensor] {
    var some = self
    some.groups = x.shape[x.shape.count - 1]
    let few = some
    return [few(x, w)] + gradients(at: [x, w]) { (few($0[0], $0[1]) * cotangent).sum() }
  }

  fileprivate func operands() -> [Tensor] {
    let (x, w) = (RandomKey(1).normal(image), RandomKey(2).normal(weights))
    let cotangent = RandomKey(3).normal(self(x, w).shape)
    evaluate(x, w, cotangent)
    return [x, w, cotangent]
  }
}
