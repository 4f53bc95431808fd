import DescentCPU
import DescentCore
import DescentKernels
import Testing

/// Convolutions on matrix tiles, where the processor has them, in all three directions.
@Suite("Convolutions in pieces", .enabled(if: dk_has_tiles() != 0))
struct ConvolutionPiecesTests {
  static let cases = [
    ConvolutionCase(image: [3, 14, 14, 32], window: [3, 3], outputs: 64),
    ConvolutionCase(image: [2, 9, 7, 3], window: [3, 3], outputs: 16),
    ConvolutionCase(image: [2, 9, 7, 16], window: [3, 3], outputs: 20, padding: .valid),
    ConvolutionCase(image: [5, 6, 6, 33], window: [1, 1], outputs: 40),
    ConvolutionCase(image: [2, 12, 11, 24], window: [5, 3], outputs: 17, strides: [2, 2]),
    ConvolutionCase(image: [2, 12, 11, 48], window: [1, 1], outputs: 33, strides: [2, 2]),
    ConvolutionCase(image: [2, 13, 15, 20], window: [3, 2], outputs: 34, strides: [3, 2], dilation: [2, 3]),
    ConvolutionCase(image: [1, 15, 15, 18], window: [3, 3], outputs: 32, dilation: [2, 2]),
    ConvolutionCase(image: [2, 8, 8, 64], window: [3, 3], outputs: 48, groups: 2),
    ConvolutionCase(image: [70, 2, 2, 32], window: [3, 3], outputs: 32),
    ConvolutionCase(image: [3, 40, 16], window: [5], outputs: 32, strides: [2]),
    ConvolutionCase(image: [2, 5, 6, 7, 16], window: [3, 2, 3], outputs: 16),
    ConvolutionCase(image: [2, 5, 6, 7, 16], window: [2, 2, 3], outputs: 16, strides: [2, 1, 2]),
    ConvolutionCase(image: [1, 70, 70, 64], window: [3, 3], outputs: 32),
    ConvolutionCase(image: [1, 4, 4, 700], window: [3, 3], outputs: 40),
    ConvolutionCase(image: [2, 6, 6, 20], window: [7, 7], outputs: 16),
    // More columns than are packed at once, of weights in three pieces and of such in one.
    ConvolutionCase(image: [1, 5, 5, 300], window: [3, 3], outputs: 400, groups: 2),
    ConvolutionCase(image: [1, 4, 4, 1024], window: [3, 3], outputs: 200, groups: 2),
    ConvolutionCase(image: [1, 3, 3, 512], window: [3, 3], outputs: 128),
  ]

  private func operands(_ test: ConvolutionCase) -> (Tensor, Tensor) {
    (RandomKey(1).normal(test.image), RandomKey(2).normal(test.weights))
  }

  /// Results and both gradients.
  private func directions(_ test: ConvolutionCase, _ x: Tensor, _ w: Tensor) -> [Tensor] {
    [test(x, w)] + gradients(at: [x, w]) { (test($0[0], $0[1]) * test($0[0], $0[1])).sum() }
  }

  @Test("weights cut and laid out once give the same bits", arguments: cases, [Precision.float32, .bfloat16])
  func packedWeights(_ test: ConvolutionCase, _ precision: Precision) throws {
    let one = RandomKey(1).normal([1] + test.image.dropFirst())
    let weights = [RandomKey(2).normal(test.weights).memory, RandomKey(3).normal(test.weights).memory]
    let w = Tensor.input(0, shape: test.weights, dtype: .float32)
    let (program, captured) = Program.tracing(inputs: [w], outputs: [test(one, w)])
    for threads in 1...3 {
      let executable = Engine.cpu(.best, threads: threads, products: .pieces).compile(program, precision: precision)
      let first = try weights.map { try executable.run([$0] + captured)[0].bits }
      for which in [1, 1, 1, 0, 0, 0] {
        #expect(try executable.run([weights[which]] + captured)[0].bits == first[which])
      }
    }
  }

  @Test("errors are those of float32 chains", arguments: cases)
  func values(_ test: ConvolutionCase) throws {
    let (x, w) = operands(test)
    let exact = try Engine.cpu(.best, threads: 1).compute(directions(test, x.cast(to: .float64), w.cast(to: .float64)))
    let pieces = try Engine.cpu(.best, threads: 1, products: .pieces).compute(directions(test, x, w))
    for (exact, pieces) in zip(exact, pieces) {
      let (exact, pieces) = (exact.array(of: Double.self), pieces.array(of: Float.self))
      let size = exact.reduce(0) { max($0, abs($1)) }
      for (exact, piece) in zip(exact, pieces) { try #require(abs(exact - Double(piece)) <= 1e-5 * size) }
    }
  }

  @Test("bfloat16 on tiles is what chains of rounded operands are", arguments: cases)
  func rounded(_ test: ConvolutionCase) throws {
    let (x, w) = operands(test)
    let cotangent = RandomKey(3).normal(test(x, w).shape)
    evaluate(x, w, cotangent)
    let results = [test(x, w)] + gradients(at: [x, w]) { (test($0[0], $0[1]) * cotangent).sum() }
    let chains = try Engine.cpu(.avx512).compute(results, precision: .bfloat16)
    let tiles = try Engine.cpu(.tiles, threads: 1, products: .pieces).compute(results, precision: .bfloat16)
    for (chains, tiles) in zip(chains, tiles) {
      let (chains, tiles) = (chains.array(of: Float.self), tiles.array(of: Float.self))
      let size = chains.reduce(0) { max($0, abs($1)) }
      for (chain, tile) in zip(chains, tiles) { try #require(abs(chain - tile) <= 1e-5 * size) }
    }
  }

  @Test("bits do not depend on the number of threads", arguments: cases, Precision.allCases)
  func threads(_ test: ConvolutionCase, _ precision: Precision) throws {
    let (x, w) = operands(test)
    let directions = directions(test, x, w)
    let alone = try Engine.cpu(.best, threads: 1, products: .pieces).compute(directions, precision: precision)
    for count in [2, 3, 7, 16] {
      let shared = try Engine.cpu(.best, threads: count, products: .pieces).compute(directions, precision: precision)
      for (alone, shared) in zip(alone, shared) { try #require(alone.bits == shared.bits, "\(count) threads") }
    }
  }
}
