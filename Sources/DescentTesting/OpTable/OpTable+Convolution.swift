import DescentCore

/// The facts of a convolution as the rows vary them; empty lists stand for the usual numbers.
private struct Window: Sendable {
  var strides: [Int] = []
  var low: [Int] = []
  var high: [Int] = []
  var dilation: [Int] = []
  var groups = 1

  func filled(rank: Int) -> Window {
    func numbers(_ given: [Int], _ usual: Int) -> [Int] {
      given.isEmpty ? [Int](repeating: usual, count: rank) : given
    }
    return Window(
      strides: numbers(strides, 1), low: numbers(low, 0), high: numbers(high, 0), dilation: numbers(dilation, 1),
      groups: groups)
  }

  /// Where a tap of the window lies, counted in elements of the side without strides.
  func place(of position: [Int], _ tap: [Int]) -> [Int] {
    tap.indices.map { (axis: Int) -> Int in
      let start = position[axis + 1] * strides[axis] - low[axis]
      return start + tap[axis] * dilation[axis]
    }
  }

  /// By the definition: every result from the elements its window covers.
  func convolving(_ x: HostArray, _ w: HostArray) -> HostArray {
    let rank = x.shape.count - 2
    let facts = filled(rank: rank)
    let (inputs, outputs) = (w.shape[rank], w.shape[rank + 1] / groups)
    let extents = (0..<rank).map { (axis: Int) -> Int in
      let covered = x.shape[axis + 1] + facts.low[axis] + facts.high[axis]
      return (covered - (w.shape[axis] - 1) * facts.dilation[axis] - 1) / facts.strides[axis] + 1
    }
    let taps = HostArray.positions(of: Array(w.shape[..<rank]))
    return HostArray([x.shape[0]] + extents + [w.shape[rank + 1]]) { position in
      let channel = position[rank + 1]
      var sum = 0.0
      for tap in taps {
        let place = facts.place(of: position, tap)
        guard zip(place, x.shape[1...]).allSatisfy({ $0 >= 0 && $0 < $1 }) else { continue }
        for input in 0..<inputs {
          sum += x[[position[0]] + place + [channel / outputs * inputs + input]] * w[tap + [input, channel]]
        }
      }
      return sum
    }
  }

  /// By the definition: every element adds its multiple of the window.
  func spreading(_ x: HostArray, _ w: HostArray, outputPadding: [Int]) -> HostArray {
    let rank = x.shape.count - 2
    let facts = filled(rank: rank)
    let (inputs, outputs) = (w.shape[rank + 1] / groups, w.shape[rank])
    let extents = (0..<rank).map { (axis: Int) -> Int in
      let reach = (x.shape[axis + 1] - 1) * facts.strides[axis] + (w.shape[axis] - 1) * facts.dilation[axis] + 1
      return reach - facts.low[axis] - facts.high[axis] + (outputPadding.isEmpty ? 0 : outputPadding[axis])
    }
    let shape = [x.shape[0]] + extents + [outputs * groups]
    var result = HostArray(shape, [Double](repeating: 0, count: shape.reduce(1, *)))
    for from in HostArray.positions(of: x.shape) {
      for tap in HostArray.positions(of: Array(w.shape[..<rank])) {
        let place = facts.place(of: from, tap)
        guard zip(place, extents).allSatisfy({ $0 >= 0 && $0 < $1 }) else { continue }
        for output in 0..<outputs {
          let channel = from[rank + 1] / inputs * outputs + output
          var index = from[0]
          for (extent, place) in zip(shape[1...], place + [channel]) { index = index * extent + place }
          result.values[index] += x[from] * w[tap + [output, from[rank + 1]]]
        }
      }
    }
    return result
  }
}

extension OpTable {
  static let convolutionRows: [OpRow] = [
    convolution("1-D", [[[2, 5, 3], [3, 3, 2]], [[0, 4, 2], [2, 2, 3]], [[1, 20, 1], [5, 1, 1]]]),
    convolution(
      "2-D", [[[2, 4, 5, 2], [3, 2, 2, 3]], [[1, 3, 3, 1], [3, 3, 1, 2]], [[0, 3, 3, 2], [2, 2, 2, 2]]]),
    convolution("3-D", [[[1, 3, 2, 3, 2], [2, 1, 2, 2, 2]]]),
    convolution("of one pixel", [[[2, 2, 3, 3], [1, 1, 3, 2]]]),
    convolution("across tiles", [[[1, 3, 17, 3], [3, 3, 3, 35]]], Window(low: [1, 1], high: [1, 1])),
    convolution("padded unevenly", [[[2, 3, 4, 2], [3, 2, 2, 2]]], Window(low: [2, 0], high: [0, 1])),
    convolution(
      "with strides", [[[1, 6, 5, 2], [3, 2, 2, 3]], [[2, 7, 7, 1], [1, 1, 1, 2]]], Window(strides: [2, 3])),
    convolution(
      "with strides and padding", [[[2, 6, 6, 2], [3, 3, 2, 2]]],
      Window(strides: [2, 2], low: [1, 1], high: [1, 1])),
    convolution(
      "dilated", [[[1, 6, 7, 2], [2, 3, 2, 2]]], Window(low: [1, 0], high: [0, 2], dilation: [3, 2])),
    convolution(
      "dilated with strides", [[[1, 9, 7, 1], [2, 2, 1, 2]]],
      Window(strides: [2, 1], low: [1, 1], high: [1, 1], dilation: [2, 3])),
    convolution("in groups", [[[2, 3, 4, 4], [2, 2, 2, 6]]], Window(low: [1, 0], high: [0, 1], groups: 2)),
    convolution(
      "in groups with strides", [[[1, 5, 5, 6], [3, 3, 2, 3]]],
      Window(strides: [2, 2], low: [1, 1], high: [1, 1], groups: 3)),
    convolution(
      "depthwise", [[[2, 4, 4, 3], [3, 3, 1, 3]], [[1, 2, 5, 19], [2, 3, 1, 19]]],
      Window(low: [1, 1], high: [1, 1], groups: -1)),
    convolution(
      "depthwise with strides", [[[1, 5, 6, 5], [3, 2, 1, 5]]],
      Window(strides: [2, 2], low: [1, 1], high: [1, 0], groups: -1)),
    convolution("depthwise, twice the channels", [[[1, 3, 4, 3], [2, 2, 1, 6]]], Window(groups: 3)),
    transposedConvolution("1-D", [[[2, 3, 2], [3, 3, 2]]]),
    transposedConvolution("2-D", [[[1, 2, 3, 2], [2, 2, 3, 2]], [[0, 2, 2, 1], [2, 2, 1, 1]]]),
    transposedConvolution("3-D", [[[1, 2, 1, 2, 2], [1, 2, 2, 1, 2]]], Window(strides: [2, 1, 2])),
    transposedConvolution(
      "with strides", [[[1, 3, 2, 2], [3, 3, 2, 2]]], Window(strides: [2, 2], low: [1, 1], high: [1, 1]),
      outputPadding: [1, 0]),
    transposedConvolution(
      "with wide strides", [[[2, 2, 3, 1], [2, 1, 2, 1]]], Window(strides: [3, 2]), outputPadding: [0, 1]),
    transposedConvolution("dilated", [[[1, 3, 3, 2], [2, 2, 1, 2]]], Window(strides: [2, 1], dilation: [2, 3])),
    transposedConvolution(
      "in groups", [[[1, 2, 3, 4], [2, 2, 3, 4]]], Window(strides: [2, 2], low: [0, 1], high: [1, 0], groups: 2)),
    OpRow(
      "convolution, same padding", [.reals(-2, 2), .reals(-2, 2)], [[[1, 5, 4, 2], [3, 2, 2, 2]]],
      reference: { Window(strides: [2, 1], low: [1, 0], high: [1, 1]).convolving($0[0], $0[1]) },
      function: { $0[0].convolved(with: $0[1], strides: [2, 1], padding: .same) }),
    OpRow(
      "transposed convolution, same padding", [.reals(-2, 2), .reals(-2, 2)],
      [[[1, 3, 2, 2], [3, 3, 2, 2]], [[1, 2, 2, 1], [1, 2, 1, 1]]],
      function: { $0[0].transposedConvolved(with: $0[1], strides: [2, 2], padding: .same) }),
    OpRow(
      "layers of convolutions", [.reals(-1, 1), .reals(-1, 1), .reals(-1, 1)],
      [[[2, 6, 6, 1], [3, 3, 1, 3], [3, 3, 3, 2]]], looseness: 3,
      function: { x in
        x[0].convolved(with: x[1], padding: .same).tanh().convolved(with: x[2], strides: [2, 2]).sum(axes: [1, 2])
      }),
    OpRow(
      "convolution of views", [.reals(-2, 2), .reals(-2, 2)], [[[2, 3, 4, 5], [4, 3, 2, 2]]],
      function: { $0[0].transposed([0, 2, 3, 1]).flipped(axes: [1]).convolved(with: $0[1].transposed([2, 3, 1, 0])) }),
  ]

  private static func convolution(
    _ name: String, _ shapes: [[[Int]]], _ window: Window = Window()
  ) -> OpRow {
    @Sendable func resolved(_ x: [Int]) -> Window {
      var facts = window.filled(rank: x.count - 2)
      if window.groups < 0 { facts.groups = x[x.count - 1] }
      return facts
    }
    return OpRow(
      "convolution \(name)", [.reals(-2, 2), .reals(-2, 2)], shapes, integerTypes: signed, looseness: 3,
      reference: { resolved($0[0].shape).convolving($0[0], $0[1]) },
      function: { operands in
        let facts = resolved(operands[0].shape)
        return operands[0].convolved(
          with: operands[1], strides: facts.strides, padding: .explicit(low: facts.low, high: facts.high),
          dilation: facts.dilation, groups: facts.groups)
      })
  }

  private static func transposedConvolution(
    _ name: String, _ shapes: [[[Int]]], _ window: Window = Window(), outputPadding: [Int]? = nil
  ) -> OpRow {
    OpRow(
      "transposed convolution \(name)", [.reals(-2, 2), .reals(-2, 2)], shapes, integerTypes: signed, looseness: 3,
      reference: { window.spreading($0[0], $0[1], outputPadding: outputPadding ?? []) },
      function: { operands in
        let facts = window.filled(rank: operands[0].rank - 2)
        return operands[0].transposedConvolved(
          with: operands[1], strides: facts.strides, padding: .explicit(low: facts.low, high: facts.high),
          outputPadding: outputPadding, dilation: facts.dilation, groups: facts.groups)
      })
  }
}

extension OpTable {
  static let poolingRows: [OpRow] = [
    pooling("1-D", [[[2, 6, 3]], [[0, 4, 2]]], [2]),
    pooling("2-D", [[[2, 4, 6, 2]], [[1, 5, 5, 3]]], [2, 2]),
    pooling("3-D", [[[1, 2, 4, 2, 2]]], [2, 2, 1]),
    pooling("that overlaps", [[[1, 5, 6, 2]]], [3, 2], strides: [2, 1]),
    pooling("with padding", [[[2, 5, 5, 1]]], [3, 3], strides: [2, 2], low: [1, 1], high: [1, 0]),
    pooling("with gaps", [[[1, 7, 3]]], [2], strides: [3]),
  ].flatMap { $0 }

  private static func pooling(
    _ name: String, _ shapes: [[[Int]]], _ window: [Int], strides: [Int]? = nil, low: [Int] = [], high: [Int] = []
  ) -> [OpRow] {
    let facts = Window(strides: strides ?? window, low: low, high: high).filled(rank: window.count)
    let padding = WindowPadding.explicit(low: facts.low, high: facts.high)
    @Sendable func covering(_ x: HostArray, _ combine: ([Double]) -> Double) -> HostArray {
      let extents = window.indices.map { (axis: Int) -> Int in
        (x.shape[axis + 1] + facts.low[axis] + facts.high[axis] - window[axis]) / facts.strides[axis] + 1
      }
      return HostArray([x.shape[0]] + extents + [x.shape.last!]) { position in
        combine(
          HostArray.positions(of: window).compactMap { tap in
            let place = facts.place(of: position, tap)
            let isInside = zip(place, x.shape[1...]).allSatisfy { $0 >= 0 && $0 < $1 }
            return isInside ? x[[position[0]] + place + [position.last!]] : nil
          })
      }
    }
    return [
      OpRow(
        "max pooling \(name)", [.distinct], shapes, reference: { covering($0[0]) { $0.max()! } },
        function: { $0[0].maxPooled(window: window, strides: strides, padding: padding) }),
      OpRow(
        "average pooling \(name)", [.reals(-2, 2)], shapes,
        reference: { covering($0[0]) { $0.reduce(0, +) / Double($0.count) } },
        function: { $0[0].averagePooled(window: window, strides: strides, padding: padding) }),
    ]
  }
}
