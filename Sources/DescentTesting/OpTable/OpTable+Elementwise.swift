import DescentCore
import Foundation

extension OpTable {
  private static let unaryShapes: [[[Int]]] = [
    [[]], [[0]], [[1]], [[5]], [[37]], [[2, 3]], [[3, 0, 2]], [[2, 1, 3]], [[2, 1, 2, 3]],
  ]

  private static func unary(
    _ name: String, from sample: Sample = .reals(-2, 2), integerTypes: [DType] = [], looseness: Double = 1,
    _ function: @escaping @Sendable (Tensor) -> Tensor, _ reference: @escaping @Sendable (Double) -> Double
  ) -> OpRow {
    OpRow(
      name, [sample], unaryShapes + (integerTypes.isEmpty ? [[[1300]]] : []), integerTypes: integerTypes,
      looseness: looseness, reference: { $0[0].mapped(reference) }, function: { function($0[0]) })
  }

  static let unaryRows: [OpRow] = [
    unary("negate", integerTypes: signed, { -$0 }, { -$0 }),
    unary("abs", from: .nonzero(0.25, 2), integerTypes: integers, { $0.abs() }, { $0.magnitude }),
    unary("sign", from: .nonzero(0.25, 2), integerTypes: integers, { $0.sign() }, { $0 > 0 ? 1 : -1 }),
    unary("floor", from: .betweenHalves, { $0.floor() }, { $0.rounded(.down) }),
    unary("ceil", from: .betweenHalves, { $0.ceil() }, { $0.rounded(.up) }),
    unary("round", from: .betweenHalves, { $0.round() }, { $0.rounded(.toNearestOrEven) }),
    unary("exp", { $0.exp() }, { exp($0) }),
    unary("log", from: .reals(0.4, 3), { $0.log() }, { log($0) }),
    unary("log1p", from: .reals(-0.5, 3), { $0.log1p() }, { log1p($0) }),
    unary("expm1", { $0.expm1() }, { expm1($0) }),
    unary("sqrt", from: .reals(0.4, 3), { $0.sqrt() }, { $0.squareRoot() }),
    unary("rsqrt", from: .reals(0.4, 3), { $0.rsqrt() }, { 1 / $0.squareRoot() }),
    unary("sin", { $0.sin() }, { sin($0) }),
    unary("cos", { $0.cos() }, { cos($0) }),
    unary("tanh", { $0.tanh() }, { tanh($0) }),
    unary("sigmoid", { $0.sigmoid() }, { 1 / (1 + exp(-$0)) }),
    unary("log2", from: .reals(0.4, 3), { $0.log2() }, { log2($0) }),
    unary("log10", from: .reals(0.4, 3), { $0.log10() }, { log10($0) }),
    unary("x % 1.5", from: .lattice(offset: 0.125), { $0 % 1.5 }, { floored($0, 1.5) }),
    unary("x % -3", from: .lattice(offset: 0.125), integerTypes: signed, { $0 % -3 }, { floored($0, -3) }),
    unary("5 % x", from: .nonzero(1.05, 1.2), integerTypes: signed, { 5 % $0 }, { floored(5, $0) }),
    unary(
      "truncating remainder by -2", from: .lattice(offset: 0.125), integerTypes: signed,
      { $0.truncatingRemainder(dividingBy: -2) }, { $0.truncatingRemainder(dividingBy: -2) }),
    unary("erf", { $0.erf() }, { erf($0) }),
    unary("squared", integerTypes: signed, { $0.squared() }, { $0 * $0 }),
    unary("normalCDF", { $0.normalCDF() }, { 0.5 * erfc(-$0 * 0.5.squareRoot()) }),
    unary("normalQuantile", from: .reals(0.1, 0.9), looseness: 20, { $0.normalQuantile() }, quantile),
    unary(
      "clamped", from: .lattice(offset: 0.125), { $0.clamped(from: -1, to: 1.5) }, { Swift.min(Swift.max($0, -1), 1.5) }
    ),
    unary("pow 3", integerTypes: signed, { $0.pow(3) }, { $0 * $0 * $0 }),
    unary("pow 2", { $0.pow(2) }, { $0 * $0 }),
    unary("pow 0", { $0.pow(0) }, { _ in 1 }),
    unary("pow -1.5", from: .reals(0.4, 3), { $0.pow(-1.5) }, { pow($0, -1.5) }),
    unary("x + 2", integerTypes: signed, { $0 + 2 }, { $0 + 2 }),
    unary("2 - x", integerTypes: signed, { 2 - $0 }, { 2 - $0 }),
    unary("x * 0.5", { $0 * 0.5 }, { $0 / 2 }),
    unary("3 / x", from: .nonzero(0.5, 2), { 3 / $0 }, { 3 / $0 }),
    unary("x / 4", { $0 / 4 }, { $0 / 4 }),
  ]

  private static func floored(_ a: Double, _ b: Double) -> Double { a - b * (a / b).rounded(.down) }

  /// Φ⁻¹ by bisection of Φ.
  private static func quantile(_ p: Double) -> Double {
    var (low, high) = (-9.0, 9.0)
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if 0.5 * erfc(-middle * 0.5.squareRoot()) < p { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  // Outside the range where rounding alone can decide, engines must agree on infinities and NaN too.
  static let specialValueRows: [OpRow] =
    Unary.allCases.filter { $0 != .not && $0 != .sin && $0 != .cos }.map { unary in
      OpRow(
        "\(unary) of special values", [.specials], [[[64]]], isDifferentiable: false, dependsOnType: true,
        function: { $0[0].apply(unary) })
    }
    + Binary.allCases.map { binary in
      OpRow(
        "\(binary) of special values", [.specials, .specials], [[[40], [40]]], isDifferentiable: false,
        dependsOnType: true, looseness: 10, function: { .combine(binary, $0[0], $0[1]) })
    }
    + [
      special("isNaN", { $0.isNaN() }) { $0.isNaN ? 1 : 0 },
      special("isFinite", { $0.isFinite() }) { $0.isFinite ? 1 : 0 },
      special("isInfinite", { $0.isInfinite() }) { $0.isInfinite ? 1 : 0 },
      special("sum") { $0.sum() },
      special("max") { $0.max(axis: 1) },
      special("min") { $0.min(axis: 0) },
      special("argMax") { $0.argMax(axis: 1) },
      special("argMin") { $0.argMin(axis: 0) },
      special("argSort") { $0.argSort() },
      special("argSort descending") { $0.argSort(axis: 0, descending: true) },
      special("logSumExp") { $0.logSumExp(axis: 1) },
    ]

  private static func special(_ name: String, _ function: @escaping @Sendable (Tensor) -> Tensor) -> OpRow {
    OpRow(
      "\(name) of special values", [.specials], [[[5, 6]]], isDifferentiable: false, dependsOnType: true,
      function: { function($0[0]) })
  }

  /// A question about each number, which integers can be asked too.
  private static func special(
    _ name: String, _ function: @escaping @Sendable (Tensor) -> Tensor,
    _ reference: @escaping @Sendable (Double) -> Double
  ) -> OpRow {
    OpRow(
      "\(name) of special values", [.specials], [[[64]]], isDifferentiable: false,
      reference: { $0[0].mapped(reference) }, function: { function($0[0]) })
  }

  private static let pairShapes: [[[Int]]] = [
    [[], []], [[1], [1]], [[4], [4]], [[2, 3], [2, 3]], [[2, 3], [3]], [[2, 1], [1, 3]], [[], [2, 2]], [[0], [1]],
    [[2, 1, 3], [4, 1]], [[2, 1, 2, 1], [3, 1, 2]], [[33], [33]], [[5, 9], [5, 1]],
  ]

  private static func binary(
    _ name: String, from left: Sample = .reals(-2, 2), and right: Sample = .reals(-2, 2), integerTypes: [DType] = [],
    isDifferentiable: Bool = true, _ function: @escaping @Sendable (Tensor, Tensor) -> Tensor,
    _ reference: @escaping @Sendable (Double, Double) -> Double
  ) -> OpRow {
    OpRow(
      name, [left, right], pairShapes, integerTypes: integerTypes, isDifferentiable: isDifferentiable,
      reference: { HostArray.combining($0) { reference($0[0], $0[1]) } }, function: { function($0[0], $0[1]) })
  }

  private static func comparison(
    _ name: String, _ function: @escaping @Sendable (Tensor, Tensor) -> Tensor,
    _ reference: @escaping @Sendable (Double, Double) -> Bool
  ) -> OpRow {
    binary(
      name, from: .whole(-2, 2), and: .whole(-2, 2), integerTypes: integersAndBool, isDifferentiable: false, function
    ) { reference($0, $1) ? 1 : 0 }
  }

  static let binaryRows: [OpRow] = [
    binary("+", integerTypes: integersAndBool, { $0 + $1 }, { $0 + $1 }),
    binary("-", integerTypes: integersAndBool, { $0 - $1 }, { $0 - $1 }),
    binary("*", integerTypes: integersAndBool, { $0 * $1 }, { $0 * $1 }),
    binary("/", from: .reals(-2, 2), and: .nonzero(0.5, 2), integerTypes: integers, { $0 / $1 }, { $0 / $1 }),
    binary(
      "%", from: .lattice(offset: 0.125), and: .whole(1, 3), integerTypes: integers, { $0 % $1 }, { floored($0, $1) }),
    binary(
      "% of the negative", from: .lattice(offset: 0.125), and: .whole(1, 3), integerTypes: signed, { $0 % -$1 },
      { floored($0, -$1) }),
    binary(
      "truncating remainder", from: .lattice(offset: 0.125), and: .whole(1, 3), integerTypes: integers,
      { $0.truncatingRemainder(dividingBy: $1) }, { $0.truncatingRemainder(dividingBy: $1) }),
    binary("pow", from: .reals(0.5, 2), and: .reals(-2, 2), { $0.pow($1) }, { pow($0, $1) }),
    OpRow(
      "pow of integers", [.integers(-3, 3, .int32), .integers(-2, 9, .int32)], pairShapes, isDifferentiable: false,
      reference: { HostArray.combining($0) { $0[0] == 0 && $0[1] < 0 ? 0 : pow($0[0], $0[1]).rounded(.towardZero) } },
      function: { $0[0].pow($0[1]) }),
    OpRow(
      "* of integers that wrap",
      [.integers(-2_147_483_648, 2_147_483_647, .int32), .integers(-90_000, 90_000, .int32)],
      [[[40], [40]]], isDifferentiable: false,
      reference: {
        HostArray.combining($0) { Double(Int32(truncatingIfNeeded: Int64($0[0]) * Int64($0[1]))) }
      }, function: { $0[0] * $0[1] + 0 }),
    binary(
      "minimum", from: .lattice(offset: 0), and: .lattice(offset: 0.125), integerTypes: integersAndBool,
      { minimum($0, $1) }, { Swift.min($0, $1) }),
    binary(
      "maximum", from: .lattice(offset: 0), and: .lattice(offset: 0.125), integerTypes: integersAndBool,
      { maximum($0, $1) }, { Swift.max($0, $1) }),
    binary("weighted sum of powers", from: .reals(0.5, 2), and: .reals(0.5, 2), { $0 * $0 * $1 - $1.pow(3) / $0 }) {
      $0 * $0 * $1 - $1 * $1 * $1 / $0
    },
    comparison(".==", { $0 .== $1 }, { $0 == $1 }),
    comparison(".!=", { $0 .!= $1 }, { $0 != $1 }),
    comparison(".<", { $0 .< $1 }, { $0 < $1 }),
    comparison(".<=", { $0 .<= $1 }, { $0 <= $1 }),
    comparison(".>", { $0 .> $1 }, { $0 > $1 }),
    comparison(".>=", { $0 .>= $1 }, { $0 >= $1 }),
    comparison(".&&", { $0 .&& $1 }, { $0 != 0 && $1 != 0 }),
    comparison(".||", { $0 .|| $1 }, { $0 != 0 || $1 != 0 }),
    OpRow(
      "not", [.bools], unaryShapes, isDifferentiable: false, reference: { $0[0].mapped { 1 - $0 } },
      function: { .!$0[0] }),
    OpRow(
      "select", [.bools, .reals(-2, 2), .reals(-2, 2)],
      [
        [[], [], []], [[3], [3], [3]], [[2, 1], [3], [2, 3]], [[], [2, 2], [2]], [[0], [1], [1]],
        [[2, 1, 3], [2, 1], []],
      ], integerTypes: integersAndBool,
      reference: { HostArray.combining($0) { $0[0] != 0 ? $0[1] : $0[2] } }, function: { $0[0].select($0[1], $0[2]) }),
  ]

  static let conversionRows: [OpRow] = [
    unary("cast to float64", integerTypes: integersAndBool, { $0.cast(to: .float64) }, { $0 }),
    OpRow(
      "cast to float32", [.reals(-2, 2)], unaryShapes, integerTypes: integersAndBool, isSmooth: false,
      reference: { $0[0] }, function: { $0[0].cast(to: .float32) }),
    OpRow(
      "cast to int32", [.reals(-5, 5)], unaryShapes, integerTypes: integersAndBool, isDifferentiable: false,
      reference: { $0[0].mapped { $0.rounded(.towardZero) } }, function: { $0[0].cast(to: .int32) }),
    OpRow(
      "cast to int64", [.reals(-5, 5)], unaryShapes, integerTypes: integersAndBool, isDifferentiable: false,
      reference: { $0[0].mapped { $0.rounded(.towardZero) } }, function: { $0[0].cast(to: .int64) }),
    OpRow(
      "cast to bool", [.whole(-1, 1)], unaryShapes, integerTypes: integersAndBool, isDifferentiable: false,
      reference: { $0[0].mapped { $0 == 0 ? 0 : 1 } }, function: { $0[0].cast(to: .bool) }),
    OpRow(
      "cast to uint8", [.reals(0, 200)], unaryShapes, isDifferentiable: false,
      reference: { $0[0].mapped { $0.rounded(.down) } }, function: { $0[0].cast(to: .uint8) }),
    OpRow(
      "saturating casts", [.specials], [[[64]]], isDifferentiable: false, dependsOnType: true,
      function: { .stack([$0[0].cast(to: .int32), $0[0].cast(to: .uint8).cast(to: .int32)]) }),
    OpRow(
      "wrapping casts", [.integers(-5_000_000_000, 5_000_000_000, .int64)], [[[64]]], isDifferentiable: false,
      function: { .stack([$0[0].cast(to: .int32), $0[0].cast(to: .uint8).cast(to: .int32)]) }),
  ]
}
