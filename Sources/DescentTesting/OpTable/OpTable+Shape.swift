import DescentCore

extension OpTable {
  /// A rearrangement: where each element of the result comes from is stated independently; nil is a zero.
  private static func movement(
    _ name: String, _ shape: [Int], to result: [Int], _ function: @escaping @Sendable (Tensor) -> Tensor,
    from source: @escaping @Sendable ([Int]) -> [Int]?
  ) -> OpRow {
    OpRow(
      name, [.reals(-2, 2)], [[shape]], integerTypes: integersAndBool,
      reference: { inputs in HostArray(result) { position in source(position).map { inputs[0][$0] } ?? 0 } },
      function: { function($0[0]) })
  }

  private static func reshaping(
    _ name: String, _ shape: [Int], to result: [Int], _ function: @escaping @Sendable (Tensor) -> Tensor
  ) -> OpRow {
    OpRow(
      name, [.reals(-2, 2)], [[shape]], integerTypes: integersAndBool,
      reference: { HostArray(result, $0[0].values) }, function: { function($0[0]) })
  }

  static let shapeRows: [OpRow] = [
    reshaping("reshape to a vector", [2, 3], to: [6]) { $0.reshaped([6]) },
    reshaping("reshape with an unknown extent", [2, 3, 2], to: [4, 3]) { $0.reshaped([-1, 3]) },
    reshaping("reshape to rank 0", [1, 1], to: []) { $0.reshaped([]) },
    reshaping("reshape from rank 0", [], to: [1, 1, 1]) { $0.reshaped([1, 1, 1]) },
    reshaping("reshape of nothing", [0, 3], to: [2, 0]) { $0.reshaped([2, 0]) },
    reshaping("reshape twice", [2, 6], to: [4, 3]) { $0.reshaped([3, 4]).reshaped([4, 3]) },
    reshaping("flatten", [2, 3, 2], to: [12]) { $0.flattened() },
    reshaping("flatten from an axis", [2, 3, 2], to: [2, 6]) { $0.flattened(from: 1) },
    reshaping("flatten between axes", [2, 3, 2, 2], to: [2, 6, 2]) { $0.flattened(from: 1, to: 2) },
    reshaping("flatten rank 0", [], to: [1]) { $0.flattened() },
    reshaping("squeeze all", [1, 3, 1, 2], to: [3, 2]) { $0.squeezed() },
    reshaping("squeeze some", [1, 3, 1, 2], to: [3, 1, 2]) { $0.squeezed(axes: [0]) },
    reshaping("squeeze from the back", [1, 3, 1, 2], to: [1, 3, 2]) { $0.squeezed(axes: [-2]) },
    reshaping("expand in front", [2, 3], to: [1, 2, 3]) { $0.expanded(axis: 0) },
    reshaping("expand at the end", [2, 3], to: [2, 3, 1]) { $0.expanded(axis: -1) },
    reshaping("expand rank 0", [], to: [1]) { $0.expanded(axis: 0) },
    movement("transpose of a matrix", [2, 3], to: [3, 2], { $0.transposed() }) { [$0[1], $0[0]] },
    movement("transpose reversing", [2, 3, 4], to: [4, 3, 2], { $0.transposed() }) { $0.reversed() },
    movement("transpose 1 2 0", [2, 3, 4], to: [3, 4, 2], { $0.transposed([1, 2, 0]) }) { [$0[2], $0[0], $0[1]] },
    movement("transpose 0 2 1 3", [2, 3, 2, 2], to: [2, 2, 3, 2], { $0.transposed([0, 2, 1, -1]) }) {
      [$0[0], $0[2], $0[1], $0[3]]
    },
    movement("transpose twice", [2, 3, 4], to: [4, 2, 3], { $0.transposed([1, 2, 0]).transposed([1, 2, 0]) }) {
      [$0[1], $0[2], $0[0]]
    },
    movement("transpose of a large matrix", [17, 35], to: [35, 17], { $0.T }) { [$0[1], $0[0]] },
    movement("T of a batch", [2, 2, 3], to: [2, 3, 2], { $0.T }) { [$0[0], $0[2], $0[1]] },
    movement("swap axes", [2, 3, 4], to: [4, 3, 2], { $0.swappingAxes(0, -1) }) { [$0[2], $0[1], $0[0]] },
    movement("move the first axis back", [2, 3, 4], to: [3, 4, 2], { $0.movingAxis(0, to: -1) }) {
      [$0[2], $0[0], $0[1]]
    },
    movement("move the last axis forward", [2, 3, 4], to: [4, 2, 3], { $0.movingAxis(-1, to: 0) }) {
      [$0[1], $0[2], $0[0]]
    },
    movement("broadcast rank 0", [], to: [2, 3], { $0.broadcast(to: [2, 3]) }) { _ in [] },
    movement("broadcast a row", [3], to: [2, 3], { $0.broadcast(to: [2, 3]) }) { [$0[1]] },
    movement("broadcast a column", [2, 1], to: [2, 3], { $0.broadcast(to: [2, 3]) }) { [$0[0], 0] },
    movement("broadcast both ways", [2, 1, 3, 1], to: [2, 2, 3, 2], { $0.broadcast(to: [2, 2, 3, 2]) }) {
      [$0[0], 0, $0[2], 0]
    },
    movement("broadcast twice", [3, 1], to: [2, 3, 4], { $0.broadcast(to: [3, 4]).broadcast(to: [2, 3, 4]) }) {
      [$0[1], 0]
    },
    movement("broadcast to nothing", [1, 3], to: [0, 3], { $0.broadcast(to: [0, 3]) }) { [0, $0[1]] },
    movement("tile a vector", [3], to: [6], { $0.tiled([2]) }) { [$0[0] % 3] },
    movement("tile a matrix", [2, 3], to: [6, 6], { $0.tiled([3, 2]) }) { [$0[0] % 2, $0[1] % 3] },
    movement("tile zero times", [2, 3], to: [2, 0], { $0.tiled([1, 0]) }) { [$0[0], 0] },
    movement("flip a vector", [5], to: [5], { $0.flipped() }) { [4 - $0[0]] },
    movement("flip one axis", [2, 3], to: [2, 3], { $0.flipped(axes: [-1]) }) { [$0[0], 2 - $0[1]] },
    movement("flip two axes", [2, 3, 4], to: [2, 3, 4], { $0.flipped(axes: [0, 2]) }) {
      [1 - $0[0], $0[1], 3 - $0[2]]
    },
    movement("flip nothing", [0, 2], to: [0, 2], { $0.flipped() }) { $0 },
    movement("pad", [2, 3], to: [4, 4], { $0.padded([(1, 1), (0, 1)]) }) { position in
      (1...2).contains(position[0]) && position[1] < 3 ? [position[0] - 1, position[1]] : nil
    },
    movement("pad nothing", [0], to: [3], { $0.padded([(1, 2)]) }) { _ in nil },
    movement("pad rank 0", [], to: [], { $0.padded([]) }) { $0 },
    OpRow(
      "pad with a value", [.reals(-2, 2)], [[[3]], [[1]], [[0]]], integerTypes: signed,
      reference: { HostArray([$0[0].shape[0] + 3], [7] + $0[0].values + [7, 7]) },
      function: { $0[0].padded([(1, 2)], with: 7) }),
  ]

  /// A subscript, with the positions it must pick along each axis written out; a whole axis is nil and one that
  /// vanishes is in `dropping`.
  private static func picking(
    _ name: String, _ shape: [Int], _ picks: [[Int]], dropping: [Int] = [], newAxes: [Int] = [],
    _ function: @escaping @Sendable (Tensor) -> Tensor
  ) -> OpRow {
    OpRow(
      "subscript \(name)", [.reals(-2, 2)], [[shape]], integerTypes: integersAndBool,
      reference: { inputs in
        let picked = HostArray(picks.map(\.count)) { position in
          inputs[0][position.indices.map { picks[$0][position[$0]] }]
        }
        var result = picks.indices.filter { !dropping.contains($0) }.map { picks[$0].count }
        for axis in newAxes { result.insert(1, at: axis) }
        return HostArray(result, picked.values)
      }, function: { function($0[0]) })
  }

  static let sliceRows: [OpRow] = [
    picking("[1]", [3, 2], [[1], [0, 1]], dropping: [0]) { $0[1] },
    picking("[-1]", [3], [[2]], dropping: [0]) { $0[-1] },
    picking("[all, -2]", [2, 3], [[0, 1], [1]], dropping: [1]) { $0[TensorIndex.all, -2] },
    picking("[1, 0, 1]", [2, 1, 2], [[1], [0], [1]], dropping: [0, 1, 2]) { $0[1, 0, 1] },
    picking("[1..<3]", [4, 2], [[1, 2], [0, 1]]) { $0[1..<3] },
    picking("[1...2]", [4], [[1, 2]]) { $0[1...2] },
    picking("[-3 ... -1]", [5], [[2, 3, 4]]) { $0[(-3)...(-1)] },
    picking("[2...]", [5], [[2, 3, 4]]) { $0[2...] },
    picking("[(-2)...]", [5], [[3, 4]]) { $0[(-2)...] },
    picking("[..<2]", [5], [[0, 1]]) { $0[..<2] },
    picking("[..<(-1)]", [5], [[0, 1, 2, 3]]) { $0[..<(-1)] },
    picking("[...1]", [5], [[0, 1]]) { $0[...1] },
    picking("[...(-1)]", [3], [[0, 1, 2]]) { $0[...(-1)] },
    picking("[::2]", [5], [[0, 2, 4]]) { $0[TensorIndex.range(stride: 2)] },
    picking("[1:6:2]", [7], [[1, 3, 5]]) { $0[TensorIndex.range(1, 6, stride: 2)] },
    picking("[::3] of 7", [7], [[0, 3, 6]]) { $0[TensorIndex.range(stride: 3)] },
    picking("[::3] of 8", [8], [[0, 3, 6]]) { $0[TensorIndex.range(stride: 3)] },
    picking("[::-1]", [4], [[3, 2, 1, 0]]) { $0[TensorIndex.range(stride: -1)] },
    picking("[::-2]", [5], [[4, 2, 0]]) { $0[TensorIndex.range(stride: -2)] },
    picking("[::-2] of 6", [6], [[5, 3, 1]]) { $0[TensorIndex.range(stride: -2)] },
    picking("[-2:0:-2]", [7], [[5, 3, 1]]) { $0[TensorIndex.range(-2, 0, stride: -2)] },
    picking("[4:1:-1]", [6], [[4, 3, 2]]) { $0[TensorIndex.range(4, 1, stride: -1)] },
    picking("[9:]", [4], [[]]) { $0[TensorIndex.range(9)] },
    picking("[-9:2]", [4], [[0, 1]]) { $0[TensorIndex.range(-9, 2)] },
    picking("[2:1]", [4], [[]]) { $0[TensorIndex.range(2, 1)] },
    picking("[1:-9:-1]", [4], [[1, 0]]) { $0[TensorIndex.range(1, -9, stride: -1)] },
    picking("[9:0:-3]", [6], [[5, 2]]) { $0[TensorIndex.range(9, 0, stride: -3)] },
    picking("of nothing", [0], [[]]) { $0[TensorIndex.range(stride: 2)] },
    picking("[all, ::2, ::-1]", [2, 3, 3], [[0, 1], [0, 2], [2, 1, 0]]) {
      $0[TensorIndex.all, TensorIndex.range(stride: 2), TensorIndex.range(stride: -1)]
    },
    picking("[new, 1..<2, new]", [3, 2], [[1], [0, 1]], newAxes: [0, 2]) {
      $0[TensorIndex.newAxis, 1..<2, TensorIndex.newAxis]
    },
    picking("[0, all, 1..., 1]", [2, 2, 3, 2], [[0], [0, 1], [1, 2], [1]], dropping: [0, 3]) {
      $0[0, TensorIndex.all, 1..., 1]
    },
    picking("of a subscript", [8], [[3, 5]]) { $0[1..<7][TensorIndex.range(2, nil, stride: 2)][..<2] },
  ]

  private static func joining(
    _ name: String, _ shapes: [[Int]], axis: Int, _ function: @escaping @Sendable ([Tensor]) -> Tensor
  ) -> OpRow {
    OpRow(
      name, shapes.map { _ in .reals(-2, 2) }, [shapes], integerTypes: integersAndBool,
      reference: { inputs in
        var result = inputs[0].shape
        result[axis] = inputs.map { $0.shape[axis] }.reduce(0, +)
        return HostArray(result) { position in
          var position = position
          for input in inputs {
            if position[axis] < input.shape[axis] { return input[position] }
            position[axis] -= input.shape[axis]
          }
          return .nan
        }
      }, function: function)
  }

  private static func stacking(_ name: String, _ shape: [Int], axis: Int, at place: Int) -> OpRow {
    OpRow(
      name, [.reals(-2, 2), .reals(-2, 2), .reals(-2, 2)], [[shape, shape, shape]], integerTypes: integersAndBool,
      reference: { inputs in
        var result = shape
        result.insert(3, at: place)
        return HostArray(result) { position in
          var position = position
          let which = position.remove(at: place)
          return inputs[which][position]
        }
      }, function: { .stack($0, axis: axis) })
  }

  static let joiningRows: [OpRow] = [
    joining("concatenate vectors", [[2], [3], [1]], axis: 0) { .concatenate($0) },
    joining("concatenate rows", [[2, 3], [1, 3]], axis: 0) { .concatenate($0) },
    joining("concatenate columns", [[2, 3], [2, 1]], axis: 1) { .concatenate($0, axis: -1) },
    joining("concatenate in the middle", [[2, 1, 2], [2, 2, 2]], axis: 1) { .concatenate($0, axis: 1) },
    joining("concatenate with nothing", [[0, 2], [3, 2], [0, 2]], axis: 0) { .concatenate($0) },
    joining("concatenate one", [[2, 2]], axis: 0) { .concatenate($0) },
    OpRow(
      "concatenate with itself", [.reals(-2, 2)], [[[2, 3]]],
      reference: { inputs in HostArray([2, 6]) { inputs[0][[$0[0], $0[1] % 3]] } },
      function: { .concatenate([$0[0], $0[0]], axis: 1) }),
    stacking("stack numbers", [], axis: 0, at: 0),
    stacking("stack rows", [2], axis: 0, at: 0),
    stacking("stack columns", [2], axis: -1, at: 1),
    stacking("stack matrices", [2, 2], axis: 1, at: 1),
    picking("split into equal parts", [6, 2], [[4, 5], [0, 1]]) { $0.split(into: 3)[2] },
    picking("split into parts", [2, 6], [[0, 1], [1, 2, 3]]) { $0.split([1, 3, 2], axis: -1)[1] },
    picking("split off nothing", [3], [[]]) { $0.split([3, 0])[1] },
    OpRow(
      "split and joined in reverse", [.reals(-2, 2)], [[[6]]],
      reference: { HostArray([6], Array($0[0].values[3...] + $0[0].values[..<3])) },
      function: { .concatenate($0[0].split(into: 2).reversed()) }),
  ]
}
