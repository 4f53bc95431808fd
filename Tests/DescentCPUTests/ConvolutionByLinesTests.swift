import DescentCPU
import DescentCore
import Testing

/// Few output channels of one input channel are computed with vectors along lines of pixels, many with vectors along
/// channels; every result is the same chain of products either way.
@Suite("Convolutions of one channel to few") struct ConvolutionByLinesTests {
  static let cases = [
    ConvolutionCase(image: [3, 28, 28, 1], window: [5, 5], outputs: 40),
    ConvolutionCase(image: [2, 3, 16, 1], window: [1, 1], outputs: 40, padding: .valid),
    ConvolutionCase(image: [2, 9, 40, 1], window: [2, 3], outputs: 40, padding: .valid),
    ConvolutionCase(image: [1, 40, 70, 1], window: [3, 3], outputs: 40, dilation: [2, 3]),
    ConvolutionCase(image: [2, 21, 33, 1], window: [3, 3], outputs: 40, strides: [2, 1]),
    ConvolutionCase(image: [4, 100, 1], window: [7], outputs: 40),
    ConvolutionCase(image: [2, 4, 5, 18, 1], window: [2, 3, 3], outputs: 40),
    ConvolutionCase(image: [1, 200, 700, 1], window: [3, 3], outputs: 40),
  ]

  @Test(arguments: cases, [1, 5, 15]) func noExamples(_ test: ConvolutionCase, outputs: Int) throws {
    var few = test
    few.outputs = outputs
    try few.expectNothingOfNoExamples()
  }

  @Test(arguments: cases) func resultsAreThoseOfManyChannels(_ test: ConvolutionCase) throws {
    for dtype in [DType.float32, .float64] {
      let x = RandomKey(1).normal(test.image).cast(to: dtype)
      let w = RandomKey(2).normal(test.weights).cast(to: dtype)
      let bias = RandomKey(3).normal([test.outputs]).cast(to: dtype)
      let last = test.window.count + 1
      for outputs in [1, 5, 6, 11, 15] {
        func convolved(_ w: Tensor, _ bias: Tensor) -> Tensor {
          let y = test(x, w) + bias
          return (y .<= 0).select(0, y)
        }
        let few = convolved(w.slice(axis: last, from: 0, count: outputs), bias.slice(axis: 0, from: 0, count: outputs))
        let many = convolved(w, bias).slice(axis: last, from: 0, count: outputs)
        for instructions in InstructionSet.available {
          for threads in [1, 3] {
            let results = try Engine.cpu(instructions, threads: threads).compute([few, many])
            try #require(results[0].bits == results[1].bits, "\(outputs) channels, \(dtype.name), \(instructions)")
          }
        }
      }
    }
  }
}
