import DescentCPU
import DescentCore
import Testing

/// A convolution in a test: the extents of its operands, channels last, and how the window moves.
struct ConvolutionCase: CustomTestStringConvertible {
  var image: [Int]
  var window: [Int]
  var outputs: Int
  var strides: [Int]? = nil
  var dilation: [Int]? = nil
  var padding = WindowPadding.same
  var groups = 1

  /// Of channels with a window each.
  static func depthwise(
    image: [Int], window: [Int], strides: [Int]? = nil, dilation: [Int]? = nil, padding: WindowPadding = .same
  ) -> ConvolutionCase {
    let channels = image.last ?? 0
    return ConvolutionCase(
      image: image, window: window, outputs: channels, strides: strides, dilation: dilation, padding: padding,
      groups: channels)
  }

  var testDescription: String { "\(image) * \(window) -> \(outputs)" }
  var channels: Int { image.last ?? 0 }
  /// The shape of the weights.
  var weights: [Int] { window + [channels / groups, outputs] }

  func callAsFunction(_ x: Tensor, _ w: Tensor) -> Tensor {
    x.convolved(with: w, strides: strides, padding: padding, dilation: dilation, groups: groups)
  }

  /// The same of no examples has an empty result and an empty derivative with respect to them. That with respect to the
  /// weights is zero, whatever its memory held.
  func expectNothingOfNoExamples() throws {
    let x = Tensor.zeros([0] + image.dropFirst()), w = RandomKey(2).normal(weights)
    let cotangent = Tensor.zeros(self(x, w).shape)
    evaluate(x, w, cotangent)
    let results = [self(x, w)] + gradients(at: [x, w]) { (self($0[0], $0[1]) * cotangent).sum() }
    let (program, captured) = Program.tracing(outputs: results)
    for instructions in InstructionSet.available {
      for threads in [1, 3] {
        let memories = results.map { Memory([Float](repeating: .nan, count: $0.shape.reduce(1, *))) }
        try Engine.cpu(instructions, threads: threads).compile(program).run(captured, into: memories)
        #expect(memories[0].count == 0 && memories[1].count == 0 && memories[2].count > 0)
        #expect(memories[2].array(of: Float.self).allSatisfy { $0 == 0 }, "\(instructions), \(threads) threads")
      }
    }
  }
}
