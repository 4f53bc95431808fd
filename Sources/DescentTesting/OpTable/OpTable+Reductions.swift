import DescentCore
import Foundation

extension OpTable {
  private static let reducedAxes: [(shape: [Int], axes: [Int]?)] = [
    ([], nil), ([1], nil), ([5], nil), ([33], [0]), ([2, 3], nil), ([2, 3], [0]), ([2, 3], [1]), ([2, 3], [-1]),
    ([3, 2, 4], [0, 2]), ([3, 2, 4], [1]), ([3, 2, 4], [-1, -2]), ([2, 1, 3, 2], [1, 3]), ([2, 1, 3, 2], [0, 1]),
    ([2, 3], []), ([19, 3], [0]), ([3, 0], [1]), ([0], nil), ([3, 0], [0]),
  ]

  /// One row for every choice of axes, with and without keeping them.
  private static func reduction(
    _ name: String, from sample: Sample = .reals(-2, 2), integerTypes: [DType] = [], isDifferentiable: Bool = true,
    fewest: Int = 0, _ function: @escaping @Sendable (Tensor, [Int]?, Bool) -> Tensor,
    _ reference: @escaping @Sendable ([Double]) -> Double
  ) -> [OpRow] {
    var rows: [OpRow] = []
    for (shape, axes) in reducedAxes {
      let positions = axes.map { $0.map { $0 < 0 ? $0 + shape.count : $0 } } ?? Array(shape.indices)
      guard positions.map({ shape[$0] }).reduce(1, *) >= fewest else { continue }
      for keepingAxes in [false, true] {
        rows.append(
          OpRow(
            "\(name) over \(axes.map { "\($0)" } ?? "all")\(keepingAxes ? ", kept" : "")", [sample], [[shape]],
            integerTypes: integerTypes, isDifferentiable: isDifferentiable,
            reference: { $0[0].reduced(over: positions, keepingAxes: keepingAxes, reference) },
            function: { function($0[0], axes, keepingAxes) }))
      }
    }
    return rows
  }

  private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  private static func variance(_ values: [Double], correction: Double = 0) -> Double {
    let centre = mean(values)
    return values.map { ($0 - centre) * ($0 - centre) }.reduce(0, +) / (Double(values.count) - correction)
  }

  static let reductionRows: [OpRow] =
    reduction("sum", integerTypes: integersAndBool, { $0.sum(axes: $1, keepingAxes: $2) }, { $0.reduce(0, +) })
    + reduction("mean", integerTypes: integers, fewest: 1, { $0.mean(axes: $1, keepingAxes: $2) }, mean)
    + reduction("product", { $0.product(axes: $1, keepingAxes: $2) }, { $0.reduce(1, *) })
    + reduction(
      "product with zeros", from: .whole(-1, 2), { $0.product(axes: $1, keepingAxes: $2) }, { $0.reduce(1, *) })
    + reduction(
      "max", from: .distinct, integerTypes: integersAndBool, fewest: 1, { $0.max(axes: $1, keepingAxes: $2) },
      { $0.max()! })
    + reduction(
      "min", from: .distinct, integerTypes: integersAndBool, fewest: 1, { $0.min(axes: $1, keepingAxes: $2) },
      { $0.min()! })
    + reduction("variance", fewest: 1, { $0.variance(axes: $1, keepingAxes: $2) }, { variance($0) })
    + reduction(
      "unbiased variance", integerTypes: signed, fewest: 2, { $0.variance(axes: $1, correction: 1, keepingAxes: $2) },
      { variance($0, correction: 1) })
    + reduction(
      "standard deviation", from: .distinct, fewest: 2, { $0.standardDeviation(axes: $1, keepingAxes: $2) },
      { variance($0).squareRoot() })
    + reduction(
      "logSumExp", fewest: 1, { $0.logSumExp(axes: $1, keepingAxes: $2) }, { log($0.map { exp($0) }.reduce(0, +)) })
    + reduction("norm", from: .nonzero(0.25, 2), integerTypes: signed, { $0.norm(axes: $1, keepingAxes: $2) }) {
      $0.map { $0 * $0 }.reduce(0, +).squareRoot()
    }
    + reduction("1-norm", from: .nonzero(0.25, 2), { $0.norm(1, axes: $1, keepingAxes: $2) }) {
      $0.map(\.magnitude).reduce(0, +)
    }
    + reduction("3-norm", from: .nonzero(0.25, 2), { $0.norm(3, axes: $1, keepingAxes: $2) }) {
      cbrt($0.map { pow($0.magnitude, 3) }.reduce(0, +))
    }
    + reduction("∞-norm", from: .distinct, fewest: 1, { (-100 - $0).norm(.infinity, axes: $1, keepingAxes: $2) }) {
      100 + $0.max()!
    }
    + reduction(
      "any", from: .whole(0, 1), integerTypes: integersAndBool, isDifferentiable: false,
      { $0.any(axes: $1, keepingAxes: $2) }, { $0.contains { $0 != 0 } ? 1 : 0 })
    + reduction(
      "all", from: .whole(0, 1), integerTypes: integersAndBool, isDifferentiable: false,
      { $0.all(axes: $1, keepingAxes: $2) }, { $0.allSatisfy { $0 != 0 } ? 1 : 0 })

  static let positionRows: [OpRow] = [false, true].flatMap { isMax in
    let cases: [(shape: [Int], axis: Int?)] = [
      ([5], 0), ([2, 3], 0), ([2, 3], 1), ([2, 3], -1), ([2, 3], nil), ([3, 2, 4], 1), ([33], nil), ([1], 0),
      ([4, 40], 1),
      ([40, 4], 0), ([2, 0], 0),
    ]
    return cases.map { shape, axis in
      let position = axis.map { $0 < 0 ? $0 + shape.count : $0 }
      return OpRow(
        "\(isMax ? "argMax" : "argMin") \(axis.map { "along \($0)" } ?? "of all")", [.whole(-3, 3)], [[shape]],
        integerTypes: integersAndBool, isDifferentiable: false,
        reference: { inputs in
          inputs[0].reduced(over: position.map { [$0] } ?? Array(shape.indices)) { values in
            Double(values.firstIndex(of: isMax ? values.max()! : values.min()!)!)
          }
        },
        function: { isMax ? $0[0].argMax(axis: axis) : $0[0].argMin(axis: axis) })
    }
  }

  static let productScanRows: [OpRow] = [
    ([5], 0), ([2, 3], 0), ([2, 3], -1), ([3, 2, 4], 1), ([0], 0), ([3, 17], 1),
  ]
  .flatMap { (shape: [Int], axis: Int) in
    [(false, false), (true, false), (false, true), (true, true)].flatMap { (reverse: Bool, exclusive: Bool) in
      [(Sample.nonzero(0.5, 1.25), ""), (.whole(-1, 2), " with zeros")].map { (sample: Sample, name: String) in
        OpRow(
          "cumulativeProduct along \(axis)" + (reverse ? " reverse" : "") + (exclusive ? " exclusive" : "") + name,
          [sample], [[shape]], integerTypes: shape.contains(17) ? [.bool] : [.bool] + signed,
          reference: { inputs in
            inputs[0].mappingLines(axis: axis < 0 ? axis + shape.count : axis) { line in
              line.indices.map { place in
                let skipped = exclusive ? 1 : 0
                return (reverse ? line[(place + skipped)...] : line[..<(place + 1 - skipped)]).reduce(1, *)
              }
            }
          },
          function: { $0[0].cumulativeProduct(axis: axis, reverse: reverse, exclusive: exclusive) })
      }
    }
  }

  static let scanRows: [OpRow] = [([5], 0), ([2, 3], 0), ([2, 3], -1), ([3, 2, 4], 1), ([0], 0), ([3, 40], 1)].flatMap {
    (shape: [Int], axis: Int) in
    [(false, false), (true, false), (false, true), (true, true)].map { (reverse: Bool, exclusive: Bool) in
      OpRow(
        "cumulativeSum along \(axis)\(reverse ? " reverse" : "")\(exclusive ? " exclusive" : "")", [.reals(-2, 2)],
        [[shape]], integerTypes: integersAndBool,
        reference: { inputs in
          inputs[0].mappingLines(axis: axis < 0 ? axis + shape.count : axis) { line in
            line.indices.map { place in
              let part = reverse ? Array(line[place...]) : Array(line[...place])
              return part.reduce(0, +) - (exclusive ? line[place] : 0)
            }
          }
        },
        function: { $0[0].cumulativeSum(axis: axis, reverse: reverse, exclusive: exclusive) })
    }
  }
}
