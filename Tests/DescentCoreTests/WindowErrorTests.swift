import DescentCPU
import DescentCore
import Testing

/// The exact text of every error of what slides a window.
@Suite struct WindowErrorTests {
  struct Row: Sendable, CustomStringConvertible {
    let description: String
    let rule: @Sendable () throws(ShapeError) -> Void

    init(_ description: String, _ rule: @escaping @Sendable () throws(ShapeError) -> Void) {
      self.description = description
      self.rule = rule
    }
  }

  private static func convolution(
    _ x: [Int], _ w: [Int], strides: [Int]? = nil, padding: WindowPadding = .valid, dilation: [Int]? = nil,
    groups: Int = 1, says text: String
  ) -> Row {
    Row(text) { () throws(ShapeError) in
      _ = try Tensor.tryConvolved(.zeros(x), .zeros(w), strides, padding, dilation, groups: groups)
    }
  }

  private static func transposed(
    _ x: [Int], _ w: [Int], strides: [Int]? = nil, padding: WindowPadding = .valid, outputPadding: [Int]? = nil,
    groups: Int = 1, says text: String
  ) -> Row {
    Row(text) { () throws(ShapeError) in
      _ = try Tensor.tryTransposedConvolved(.zeros(x), .zeros(w), strides, padding, outputPadding, nil, groups: groups)
    }
  }

  private static func primitive(_ window: SlidingWindow, _ x: TensorType, _ w: TensorType, says text: String) -> Row {
    Row(text) { () throws(ShapeError) in _ = try Primitive.convolution(window).resultType([x, w]) }
  }

  private static func plain(strides: [Int] = [1], low: [Int] = [0], groups: Int = 1, batchGroups: Int = 1)
    -> SlidingWindow
  {
    SlidingWindow(
      strides: strides, low: low, high: [0], windowDilation: [1], inputDilation: [1], groups: groups,
      batchGroups: batchGroups)
  }

  private static func pooling(
    _ x: [Int], _ window: [Int], padding: WindowPadding = .valid, says text: String
  ) -> Row {
    Row(text) { () throws(ShapeError) in
      _ = try Tensor.zeros(x).tryMaxPooled(window: window, strides: nil, padding: padding)
    }
  }

  static let rows: [Row] = [
    convolution(
      [2, 5], [3, 5, 2],
      says: "convolution: needs an input [batch, …, channels] with 1, 2 or 3 spatial axes and weights of the same "
        + "rank, not [2, 5] and [3, 5, 2]"),
    convolution(
      [2, 5, 5, 3], [3, 3, 4, 2],
      says: "convolution: [2, 5, 5, 3] has 3 channels, weights [3, 3, 4, 2] take 4; they must be equal"),
    convolution(
      [2, 5, 5, 4], [3, 3, 4, 2], groups: 2,
      says: "convolution: [2, 5, 5, 4] has 4 channels, weights [3, 3, 4, 2] take 4 in each of 2 groups; they must be "
        + "equal"),
    convolution(
      [2, 5, 4], [3, 2, 3], groups: 2, says: "convolution: 3 output channels are not divisible by 2 groups"),
    convolution(
      [2, 5, 4], [3, 4, 3], groups: 0,
      says: "convolution: 0 groups and 1 batch groups; both at least 1 and one of them 1"),
    convolution(
      [2, 4, 5, 1], [3, 3, 1, 1], dilation: [1, 3],
      says: "convolution: a window that reaches over 7 elements does not fit spatial axis 1 of [2, 4, 5, 1], which has "
        + "5 with its padding; pad the input"),
    convolution(
      [2, 4, 5, 1], [3, 3, 1, 1], strides: [2],
      says: "convolution: strides [2] for 2 spatial axes; needs one number each"),
    convolution([2, 4, 1], [3, 1, 1], strides: [0], says: "convolution: strides [0] must be at least 1"),
    convolution(
      [2, 4, 1], [3, 1, 1], padding: .symmetric([1, 1]),
      says: "convolution: padding [1, 1], [1, 1] for 1 spatial axes; needs one number each"),
    convolution(
      [2, 4, 1], [3, 1, 1], padding: .symmetric([-1]),
      says: "convolution: padding [-1], [-1] must not be negative; slice the input instead"),
    transposed(
      [2, 4, 3], [3, 1, 2],
      says: "transposed convolution: [2, 4, 3] has 3 channels, weights [3, 1, 2] [window…, outputs / groups, inputs] "
        + "take 2 in 1 groups; they must be equal and divisible"),
    transposed(
      [2, 4, 3], [3, 1, 3], outputPadding: [1, 1],
      says: "transposed convolution: output padding [1, 1] for 1 spatial axes; needs one number each, not negative"),
    transposed(
      [2, 4, 3], [3, 1, 3], strides: [2], outputPadding: [2],
      says: "transposed convolution: output padding [2] must be below the stride or the dilation, which are 2 and 1 on "
        + "spatial axis 0"),
    transposed(
      [2, 4, 3], [3, 1, 3], strides: [2], padding: .same, outputPadding: [1],
      says: "transposed convolution: output padding [1] beside padding .same, which sets the extents; leave one of "
        + "them out"),
    transposed(
      [2, 4, 3], [3, 1, 3], padding: .symmetric([3]),
      says: "transposed convolution: padding [3], [3] leaves nothing of spatial axis 0, which spreads to 6 elements"),
    convolution(
      [2, 4, 1], [3, 1, 1], dilation: [.max],
      says: "convolution: dilation [9223372036854775807]: more than the 2147483648 that an axis takes"),
    convolution(
      [2, 4, 1], [3, 1, 1], padding: .symmetric([.max / 2]),
      says: "convolution: padding [4611686018427387903], [4611686018427387903]: more than the 2147483648 that an axis "
        + "takes"),
    primitive(
      plain(), TensorType([2, 4, 3], .float32), TensorType([2, 3, 1], .float64),
      says: "convolution: element types float32 and float64 differ; cast one of them"),
    primitive(
      plain(), TensorType([2, 4], .float32), TensorType([2, 3, 1], .float32),
      says: "convolution: over 1 spatial axes needs an input [batch, …, channels] and weights [window…, inputs, "
        + "outputs] of rank 3, not [2, 4] and [2, 3, 1]"),
    primitive(
      plain(strides: []), TensorType([2, 3], .float32), TensorType([3, 1], .float32),
      says: "convolution: slides over 1, 2 or 3 spatial axes, not 0"),
    primitive(
      plain(low: [0, 0]), TensorType([2, 4, 3], .float32), TensorType([2, 3, 1], .float32),
      says: "convolution: low padding [0, 0] for 1 spatial axes; needs one number each"),
    primitive(
      plain(batchGroups: 2), TensorType([3, 4, 3], .float32), TensorType([2, 3, 2], .float32),
      says: "convolution: 3 examples are not divisible by 2 batch groups"),
    pooling(
      [2, 3], [2], says: "maxPooled: needs [batch, …, channels] with 1, 2 or 3 spatial axes, not [2, 3]"),
    pooling(
      [2, 3, 1], [4],
      says: "maxPooled: a window of 4 does not fit spatial axis 0 of [2, 3, 1], which has 3 elements with its padding"),
    pooling(
      [2, 3, 1], [2], padding: .symmetric([2]), says: "maxPooled: padding [2], [2] must be less than the window [2]"),
    pooling([2, 3, 1], [0], says: "maxPooled: window [0] must be at least 1"),
    Row("maxPooled: is not defined on int32; cast to float32 first") { () throws(ShapeError) in
      _ = try Tensor.zeros([2, 3, 1], dtype: .int32).tryMaxPooled(window: [2], strides: nil, padding: .valid)
    },
  ]

  @Test(arguments: rows) func ruleSaysWhatDoesNotFit(_ row: Row) {
    do throws(ShapeError) {
      try row.rule()
      Issue.record("nothing was thrown")
    } catch {
      #expect(error.description == row.description)
    }
  }

  @Test func tiesInAWindowShare() {
    let slope = gradient(at: Tensor([2.0, 2.0, 1.0, 2.0, 3.0, 3.0]).reshaped([1, 6, 1])) {
      ($0.maxPooled(window: [3]) * Tensor([6.0, 1.0]).reshaped([1, 2, 1])).sum()
    }
    #expect(slope.array(of: Float.self) == [3, 3, 0, 0, 0.5, 0.5])
  }
}
