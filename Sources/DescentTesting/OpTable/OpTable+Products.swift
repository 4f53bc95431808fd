import DescentCore
import Foundation

extension OpTable {
  /// The matrix product in plain loops, for every combination of ranks.
  private static func product(_ a: HostArray, _ b: HostArray) -> HostArray {
    let left = a.shape.count == 1 ? HostArray([1] + a.shape, a.values) : a
    let right = b.shape.count == 1 ? HostArray(b.shape + [1], b.values) : b
    let batch = HostArray.broadcastShape([Array(left.shape.dropLast(2)), Array(right.shape.dropLast(2))])
    let inner = left.shape[left.shape.count - 1]
    let matrix = [left.shape[left.shape.count - 2], right.shape[right.shape.count - 1]]
    func place(_ array: HostArray, _ position: [Int], _ row: Int, _ column: Int) -> [Int] {
      let own = array.shape.dropLast(2)
      let batchPlace = position.dropLast(2).suffix(own.count)
      return zip(own, batchPlace).map { $0 == 1 ? 0 : $1 } + [row, column]
    }
    let full = HostArray(batch + matrix) { position in
      let row = position[position.count - 2]
      let column = position[position.count - 1]
      return (0..<inner).reduce(0.0) { sum, k in
        sum + left[place(left, position, row, k)] * right[place(right, position, k, column)]
      }
    }
    let rows = a.shape.count == 1 ? [] : [matrix[0]]
    let columns = b.shape.count == 1 ? [] : [matrix[1]]
    return HostArray(batch + rows + columns, full.values)
  }

  static let productRows: [OpRow] = [
    OpRow(
      "matmul", [.reals(-2, 2), .reals(-2, 2)],
      [
        [[3], [3]], [[2, 3], [3]], [[3], [3, 2]], [[2, 3], [3, 4]], [[1, 1], [1, 1]], [[2, 2, 3], [3, 2]],
        [[2, 2, 3], [2, 3, 2]], [[2, 1, 2, 3], [3, 3, 2]], [[3], [2, 3, 2]], [[2, 3, 4], [4]], [[0, 3], [3, 2]],
        [[2, 0], [0, 3]], [[5, 7], [7, 3]], [[17, 9], [9, 33]], [[1, 2, 3], [2, 3, 2]], [[2, 3], [2, 3, 1]],
        [[1], [1, 4]],
        [[33, 40], [40, 18]],
      ], integerTypes: integersAndBool, looseness: 3, reference: { product($0[0], $0[1]) },
      function: { $0[0].matmul($0[1]) }),
    OpRow(
      "matmul of transposes", [.reals(-2, 2), .reals(-2, 2)], [[[3, 2], [4, 3]], [[9, 5], [6, 9]]],
      function: { $0[0].T.matmul($0[1].T) }),
    OpRow(
      "matmul with its own transpose", [.reals(-2, 2)], [[[2, 3]], [[2, 2, 3]]], function: { $0[0].matmul($0[0].T) }),
    OpRow(
      "matmul of a broadcast operand", [.reals(-2, 2), .reals(-2, 2)], [[[1, 3], [3, 2]]],
      function: { $0[0].broadcast(to: [4, 3]).matmul($0[1]) }),
    OpRow(
      "chain of products", [.reals(-1, 1), .reals(-1, 1), .reals(-1, 1)], [[[2, 3], [3, 4], [4, 2]]],
      function: { $0[0].matmul($0[1]).matmul($0[2]) }),
    OpRow(
      "outer", [.reals(-2, 2), .reals(-2, 2)], [[[3], [2]], [[1], [4]], [[0], [2]]], integerTypes: signed,
      reference: { inputs in
        HostArray([inputs[0].shape[0], inputs[1].shape[0]]) { inputs[0][[$0[0]]] * inputs[1][[$0[1]]] }
      }, function: { $0[0].outer($0[1]) }),
    OpRow(
      "dot", [.reals(-2, 2), .reals(-2, 2)], [[[3], [3]], [[0], [0]], [[50], [50]]], integerTypes: signed,
      reference: { HostArray([], [zip($0[0].values, $0[1].values).map(*).reduce(0, +)]) },
      function: { $0[0].dot($0[1]) }),
    triangle("lower triangle", [3, 3], { $0.lowerTriangle() }) { $1 <= $0 },
    triangle("lower triangle above", [2, 4], { $0.lowerTriangle(diagonal: 1) }) { $1 <= $0 + 1 },
    triangle("lower triangle below", [2, 4, 3], { $0.lowerTriangle(diagonal: -1) }) { $1 <= $0 - 1 },
    triangle("upper triangle", [3, 3], { $0.upperTriangle() }) { $1 >= $0 },
    triangle("upper triangle below", [4, 2], { $0.upperTriangle(diagonal: -1) }) { $1 >= $0 - 1 },
    triangle("upper triangle above", [2, 3, 3], { $0.upperTriangle(diagonal: 1) }) { $1 >= $0 + 1 },
  ]

  static let diagonalRows: [OpRow] = [
    diagonal(of: [3, 3], offset: 0), diagonal(of: [2, 4], offset: 1), diagonal(of: [4, 2], offset: -1),
    diagonal(of: [2, 3, 5], offset: -2), diagonal(of: [2, 3], offset: 3), diagonal(of: [2, 3], offset: -4),
    diagonal(of: [0, 3], offset: 0),
    diagonalMatrix(of: [3], offset: 0), diagonalMatrix(of: [2, 2], offset: 1), diagonalMatrix(of: [2, 3], offset: -2),
    diagonalMatrix(of: [0], offset: 2), diagonalMatrix(of: [1], offset: -1),
    OpRow(
      "trace", [.reals(-2, 2)], [[[3, 3]], [[2, 3, 4]], [[0, 0]]], integerTypes: integersAndBool,
      reference: { inputs in
        inputs[0].reduced(over: [inputs[0].shape.count - 2, inputs[0].shape.count - 1]) { matrix in
          let columns = inputs[0].shape.last!
          return matrix.indices.filter { $0 / columns == $0 % columns }.reduce(0) { $0 + matrix[$1] }
        }
      }, function: { $0[0].trace() }),
  ]

  private static func diagonal(of shape: [Int], offset: Int) -> OpRow {
    let (rows, columns) = (shape[shape.count - 2], shape[shape.count - 1])
    let places = (0..<rows).filter { $0 + offset >= 0 && $0 + offset < columns }
    return OpRow(
      "diagonal \(offset)", [.reals(-2, 2)], [[shape]], integerTypes: integersAndBool,
      reference: { inputs in
        HostArray(shape.dropLast(2) + [places.count]) { position in
          let row = places[position.last!]
          return inputs[0][position.dropLast() + [row, row + offset]]
        }
      }, function: { $0[0].diagonal(offset: offset) })
  }

  private static func diagonalMatrix(of shape: [Int], offset: Int) -> OpRow {
    let size = shape.last! + abs(offset)
    return OpRow(
      "diagonal matrix \(offset)", [.reals(-2, 2)], [[shape]], integerTypes: integersAndBool,
      reference: { inputs in
        HostArray(shape.dropLast() + [size, size]) { position in
          let (row, column) = (position[position.count - 2], position[position.count - 1])
          return column - row == offset ? inputs[0][position.dropLast(2) + [min(row, column)]] : 0
        }
      }, function: { $0[0].diagonalMatrix(offset: offset) })
  }

  private static func triangle(
    _ name: String, _ shape: [Int], _ function: @escaping @Sendable (Tensor) -> Tensor,
    keeping isKept: @escaping @Sendable (_ row: Int, _ column: Int) -> Bool
  ) -> OpRow {
    OpRow(
      name, [.reals(-2, 2)], [[shape]], integerTypes: signed,
      reference: { inputs in
        HostArray(shape) { isKept($0[$0.count - 2], $0[$0.count - 1]) ? inputs[0][$0] : 0 }
      }, function: { function($0[0]) })
  }

  // Functions with a say in their own derivative.
  static let derivativeRows: [OpRow] = [
    OpRow(
      "stopGradient of a factor", [.reals(-2, 2)], [[[]], [[3]], [[2, 3]]], isSmooth: false,
      reference: { $0[0].mapped { $0 * $0 } }, function: { $0[0] * $0[0].stopGradient() }),
    OpRow(
      "withDerivative, stated truly", [.reals(-2, 2)], [[[]], [[3]], [[2, 0]], [[2, 3]]],
      reference: { $0[0].mapped { log1p(exp($0)) } },
      function: { x in
        withDerivative(at: x) {
          $0[0].exp().log1p()
        } pullback: { x, _, cotangent in
          [cotangent * x[0].sigmoid()]
        }
      }),
    OpRow(
      "withDerivative of two inputs", [.reals(-2, 2), .reals(0.5, 2)], [[[3], [3]], [[2, 2], [2, 2]]],
      reference: { HostArray.combining($0) { $0[0] * sin($0[1]) } },
      function: { inputs in
        withDerivative(at: inputs) {
          $0[0] * $0[1].sin()
        } pullback: { x, _, cotangent in
          [cotangent * x[1].sin(), cotangent * x[0] * x[1].cos()]
        }
      }),
    OpRow(
      "withDerivative, straight through", [.betweenHalves], [[[3]], [[2, 3]]], isSmooth: false,
      reference: { $0[0].mapped { $0 * $0.rounded(.toNearestOrEven) } },
      function: { x in
        withDerivative(at: x) {
          $0[0].round()
        } pullback: { _, _, cotangent in
          [cotangent]
        } * x[0]
      }),
    OpRow(
      "derivative inside a function", [.reals(-2, 2)], [[[3]]],
      reference: { $0[0].mapped { $0 * cos($0) } },
      function: { x in x[0] * gradient(at: x[0]) { $0.sin().sum() } }),
  ]

  // Compositions that planners like to fuse.
  static let compositeRows: [OpRow] = [
    OpRow(
      "softmax", [.reals(-2, 2)], [[[5]], [[3, 4]], [[2, 3, 37]]], function: { softmax($0[0]) }),
    OpRow(
      "log softmax", [.reals(-2, 2)], [[[5]], [[3, 4]], [[2, 3, 37]]],
      function: { $0[0] - $0[0].logSumExp(axis: -1, keepingAxis: true) }),
    OpRow(
      "cross-entropy", [.reals(-2, 2), .integers(0, 3, .int32)], [[[3, 4], [3]]],
      function: { x in
        let logits = x[0] - x[0].logSumExp(axis: -1, keepingAxis: true)
        return -logits.gatherElements(x[1].expanded(axis: -1), axis: -1).mean()
      }),
    OpRow(
      "layer normalisation", [.distinct, .reals(-2, 2), .reals(-2, 2)],
      [[[3, 4], [4], [4]], [[2, 2, 19], [19], [19]]],
      looseness: 10,
      function: { x in
        let centred = x[0] - x[0].mean(axis: -1, keepingAxis: true)
        let variance = centred.squared().mean(axis: -1, keepingAxis: true)
        return centred * (variance + 1e-5).rsqrt() * x[1] + x[2]
      }),
    OpRow(
      "gelu", [.reals(-2, 2)], [[[5]], [[3, 40]]], function: { $0[0] * $0[0].normalCDF() }),
    OpRow(
      "dense layers", [.reals(-1, 1), .reals(-1, 1), .reals(-1, 1), .reals(-1, 1)],
      [[[3, 4], [4, 5], [5], [5, 2]], [[1, 2], [2, 9], [9], [9, 1]]],
      function: { x in (x[0].matmul(x[1]) + x[2]).tanh().matmul(x[3]) }),
    OpRow(
      "causal attention", [.reals(-1, 1), .reals(-1, 1), .reals(-1, 1)], [[[2, 4, 3], [2, 4, 3], [2, 4, 3]]],
      function: { x in
        let scores = x[0].matmul(x[1].T) / 3.0.squareRoot()
        let masked = Tensor.lowerTriangleMask(4, 4).select(scores, -1e9)
        return softmax(masked).matmul(x[2])
      }),
    OpRow(
      "column statistics", [.distinct], [[[6, 3]], [[19, 5]]], looseness: 10,
      function: { x in (x[0] - x[0].mean(axis: 0)) / (x[0].variance(axis: 0) + 0.1).sqrt() }),
  ]

  private static func softmax(_ x: Tensor) -> Tensor {
    let powers = (x - x.max(axis: -1, keepingAxis: true).stopGradient()).exp()
    return powers / powers.sum(axis: -1, keepingAxis: true)
  }
}
