import DescentCPU
import DescentCore
import Testing

/// Derivatives with respect to small windows over many pixels: examples are summed over in chunks, and few channels in
/// tiles that are a window or a band of it.
@Suite("Gradients of small windows") struct WindowGradientTests {
  static let cases = [
    ConvolutionCase(image: [20, 17, 13, 1], window: [5, 5], outputs: 6),
    ConvolutionCase(image: [19, 17, 13, 1], window: [5, 5], outputs: 33),
    ConvolutionCase(image: [20, 17, 13, 1], window: [5, 5], outputs: 32, padding: .valid),
    ConvolutionCase(image: [9, 40, 40, 1], window: [5, 5], outputs: 40, strides: [2, 1]),
    ConvolutionCase(image: [20, 21, 15, 1], window: [5, 5], outputs: 40, strides: [2, 2]),
    ConvolutionCase(image: [20, 30, 13, 1], window: [3, 3], outputs: 40),
    ConvolutionCase(image: [20, 30, 13, 1], window: [3, 3], outputs: 12),
    ConvolutionCase(image: [9, 17, 13, 3], window: [3, 3], outputs: 16),
    ConvolutionCase(image: [9, 17, 13, 3], window: [3, 3], outputs: 50),
    ConvolutionCase(image: [3, 7, 260, 1], window: [3, 3], outputs: 70),
    ConvolutionCase(image: [18, 20, 20, 24], window: [3, 3], outputs: 24, groups: 24),
    ConvolutionCase(image: [5, 20, 20, 6], window: [3, 3], outputs: 20, groups: 2),
    ConvolutionCase(image: [0, 28, 28, 1], window: [3, 3], outputs: 16),
  ]

  @Test("are what the interpreter computes in float64", arguments: cases, InstructionSet.available)
  func values(_ test: ConvolutionCase, _ instructions: InstructionSet) throws {
    let (x, cotangent) = test.operands()
    let wide = test.gradient(x.cast(to: .float64), cotangent.cast(to: .float64))
    let exact = try Engine.interpreter.compute([wide])[0].array(of: Double.self)
    let engine = Engine.cpu(instructions)
    let results = try engine.compute([test.gradient(x, cotangent)])[0].array(of: Float.self).map { Double($0) }
    let wides = try engine.compute([wide])[0].array(of: Double.self)
    let size = exact.reduce(0) { max($0, abs($1)) }
    for i in exact.indices {
      try #require(abs(results[i] - exact[i]) <= 1e-5 * size)
      try #require(abs(wides[i] - exact[i]) <= 1e-12 * size)
    }
  }

  @Test("bits do not depend on the number of threads", arguments: cases)
  func threads(_ test: ConvolutionCase) throws {
    let (x, cotangent) = test.operands()
    for instructions in [InstructionSet.best, .baseline] {
      let alone = try Engine.cpu(instructions, threads: 1).compute([test.gradient(x, cotangent)])[0].bits
      for count in [2, 3, 17] {
        let shared = try Engine.cpu(instructions, threads: count).compute([test.gradient(x, cotangent)])[0].bits
        #expect(alone == shared, "\(count) threads")
      }
    }
  }

  @Test("a transposed convolution with strides and dilation, of one image", arguments: InstructionSet.available)
  func dilatedTransposed(_ instructions: InstructionSet) throws {
    let x = RandomKey(1).normal([1, 6, 7, 8])
    let w = RandomKey(2).normal([3, 3, 5, 8])
    func slopes(_ dtype: DType) -> [Tensor] {
      gradients(at: [x.cast(to: dtype), w.cast(to: dtype)]) {
        $0[0].transposedConvolved(with: $0[1], strides: [2, 2], dilation: [2, 2]).squared().sum()
      }
    }
    let exact = try Engine.interpreter.compute(slopes(.float64))
    let results = try Engine.cpu(instructions).compute(slopes(.float32))
    for (exact, result) in zip(exact, results) {
      let (exact, result) = (exact.array(of: Double.self), result.array(of: Float.self).map { Double($0) })
      let size = exact.reduce(0) { max($0, abs($1)) }
      for i in exact.indices { try #require(abs(result[i] - exact[i]) <= 1e-5 * size) }
    }
  }
}

extension ConvolutionCase {
  fileprivate func gradient(_ x: Tensor, _ cotangent: Tensor) -> Tensor {
    DescentCore.gradient(at: Tensor.zeros(weights).cast(to: x.dtype)) { (self(x, $0) * cotangent).sum() }
  }

  fileprivate func operands() -> (x: Tensor, cotangent: Tensor) {
    let x = RandomKey(1).normal(image)
    let cotangent = RandomKey(2).normal(self(x, Tensor.zeros(weights)).shape)
    evaluate(x, cotangent)
    return (x, cotangent)
  }
}
