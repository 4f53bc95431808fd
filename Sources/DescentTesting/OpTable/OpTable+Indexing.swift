import DescentCore

extension OpTable {
  private static func gathering(
    _ shape: [Int], _ indexShape: [Int], axis: Int, indexType: DType = .int32
  ) -> OpRow {
    let place = axis < 0 ? axis + shape.count : axis
    return OpRow(
      "gather along \(axis) by \(indexType)", [.reals(-2, 2), .integers(0, shape[place] - 1, indexType)],
      [[shape, indexShape]], integerTypes: integersAndBool,
      reference: { inputs in
        let result = Array(shape[..<place]) + indexShape + Array(shape[(place + 1)...])
        return HostArray(result) { position in
          let pick = inputs[1][Array(position[place..<(place + indexShape.count)])]
          return inputs[0][position[..<place] + [Int(pick)] + position[(place + indexShape.count)...]]
        }
      }, function: { $0[0].gather($0[1], axis: axis) })
  }

  private static func gatheringElements(_ shape: [Int], _ indexShape: [Int], axis: Int) -> OpRow {
    let place = axis < 0 ? axis + shape.count : axis
    return OpRow(
      "gatherElements along \(axis)", [.reals(-2, 2), .integers(0, shape[place] - 1, .int64)], [[shape, indexShape]],
      integerTypes: signed,
      reference: { inputs in
        HostArray(indexShape) { position in
          var source = position
          source[place] = Int(inputs[1][position])
          return inputs[0][source]
        }
      }, function: { $0[0].gatherElements($0[1], axis: axis) })
  }

  private static func scattering(_ shape: [Int], _ indexShape: [Int], axis: Int) -> OpRow {
    let place = axis < 0 ? axis + shape.count : axis
    let updateShape = Array(shape[..<place]) + indexShape + Array(shape[(place + 1)...])
    return OpRow(
      "scatterAdd along \(axis)", [.reals(-2, 2), .reals(-2, 2), .integers(0, shape[place] - 1, .int32)],
      [[shape, updateShape, indexShape]], integerTypes: signed,
      reference: { inputs in
        HostArray(shape) { target in
          var sum = inputs[0][target]
          for position in HostArray.positions(of: updateShape) {
            let pick = Int(inputs[2][Array(position[place..<(place + indexShape.count)])])
            let reached = position[..<place] + [pick] + position[(place + indexShape.count)...]
            if Array(reached) == target { sum += inputs[1][position] }
          }
          return sum
        }
      }, function: { $0[0].scatterAdd($0[1], at: $0[2], axis: axis) })
  }

  static let lookupRows: [OpRow] = [
    gathering([4], [], axis: 0), gathering([4], [3], axis: 0), gathering([4, 2], [3], axis: 0),
    gathering([4, 2], [3, 2], axis: 0, indexType: .int64), gathering([2, 4], [3], axis: 1),
    gathering([2, 4], [], axis: -1, indexType: .uint8), gathering([2, 3, 2], [2, 2], axis: 1),
    gathering([3, 2], [0], axis: 0), gathering([5, 20], [9], axis: 0), gathering([2, 1], [4], axis: 1),
    gatheringElements([3], [5], axis: 0), gatheringElements([3, 4], [3, 1], axis: 1),
    gatheringElements([3, 4], [2, 4], axis: 0), gatheringElements([2, 3, 2], [2, 4, 2], axis: 1),
    gatheringElements([2, 3, 2], [2, 3, 2], axis: -1),
    scattering([4], [3], axis: 0), scattering([4], [], axis: 0), scattering([4, 2], [3], axis: 0),
    scattering([4, 2], [2, 2], axis: 0), scattering([2, 4], [5], axis: 1), scattering([2, 3, 2], [2, 2], axis: -2),
    scattering([3, 2], [0], axis: 0), scattering([3, 20], [8], axis: 0),
    OpRow(
      "oneHot", [.integers(-1, 5, .int32)], [[[4]], [[]], [[2, 3]], [[0]]], isDifferentiable: false,
      reference: { inputs in
        HostArray(inputs[0].shape + [5]) { inputs[0][Array($0.dropLast())] == Double($0[$0.count - 1]) ? 1 : 0 }
      }, function: { $0[0].oneHot(depth: 5) }),
    OpRow(
      "oneHot of int64 as bool", [.integers(0, 2, .int64)], [[[4]]], isDifferentiable: false,
      reference: { inputs in HostArray([4, 3]) { inputs[0][[$0[0]]] == Double($0[1]) ? 1 : 0 } },
      function: { $0[0].oneHot(depth: 3, dtype: .bool) }),
    OpRow(
      "one hot times a table", [.reals(-2, 2), .integers(0, 3, .int32)], [[[4, 2], [3]]],
      reference: { inputs in HostArray([3, 2]) { inputs[0][[Int(inputs[1][[$0[0]]]), $0[1]]] } },
      function: { $0[1].oneHot(depth: 4, dtype: $0[0].dtype).matmul($0[0]) }),
  ]

  private static let sortedAxes: [(shape: [Int], axis: Int)] = [
    ([5], 0), ([2, 3], -1), ([3, 2], 0), ([2, 4, 2], 1), ([1], 0), ([0], 0), ([2, 0], 1), ([40], 0), ([3, 70], 1),
  ]

  /// Positions in order, equal ones in theirs, by repeated selection of the first extreme.
  private static func order(_ line: [Double], descending: Bool) -> [Int] {
    var remaining = Array(line.indices)
    var result: [Int] = []
    while let first = remaining.first {
      var best = first
      for position in remaining where descending ? line[position] > line[best] : line[position] < line[best] {
        best = position
      }
      result.append(best)
      remaining.removeAll { $0 == best }
    }
    return result
  }

  static let sortingRows: [OpRow] = sortedAxes.flatMap { shape, axis in
    [false, true].flatMap { descending in
      let place = axis < 0 ? axis + shape.count : axis
      let suffix = "along \(axis)\(descending ? " descending" : "")"
      return [
        OpRow(
          "argSort \(suffix)", [.whole(-3, 3)], [[shape]], integerTypes: integersAndBool, isDifferentiable: false,
          reference: { $0[0].mappingLines(axis: place) { order($0, descending: descending).map(Double.init) } },
          function: { $0[0].argSort(axis: axis, descending: descending) }),
        OpRow(
          "sort \(suffix)", [.distinct], [[shape]], integerTypes: integersAndBool,
          reference: {
            $0[0].mappingLines(axis: place) { line in order(line, descending: descending).map { line[$0] } }
          },
          function: { $0[0].sorted(axis: axis, descending: descending) }),
        OpRow(
          "topK values \(suffix)", [.distinct], [[shape]],
          reference: {
            $0[0].mappingLines(axis: place) { line in
              order(line, descending: descending).prefix(2).map { line[$0] }
            }
          },
          function: { $0[0].topK(Swift.min(2, shape[place]), axis: axis, largest: descending).values }),
        OpRow(
          "topK indices \(suffix)", [.whole(-3, 3)], [[shape]], integerTypes: signed, isDifferentiable: false,
          reference: {
            $0[0].mappingLines(axis: place) { order($0, descending: descending).prefix(2).map(Double.init) }
          },
          function: { $0[0].topK(Swift.min(2, shape[place]), axis: axis, largest: descending).indices }),
      ]
    }
  }
}
