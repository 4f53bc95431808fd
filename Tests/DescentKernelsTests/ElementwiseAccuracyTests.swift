import DescentKernels
import Foundation
import Testing

/// One operation: its reference in double precision and its bound in units in the last place.
struct Accuracy: CustomTestStringConvertible, Sendable {
  var name: String
  var operation: dk_op
  var reference: @Sendable (Double) -> Double
  var ulp32 = 2.0
  var ulp64 = 2.5  // the library's own reference may be half a unit off

  var testDescription: String { name }
}

private let functions: [Accuracy] = [
  Accuracy(name: "move", operation: DK_MOVE, reference: { $0 }, ulp32: 0, ulp64: 0),
  Accuracy(name: "negate", operation: DK_NEGATE, reference: { -$0 }, ulp32: 0, ulp64: 0),
  Accuracy(name: "abs", operation: DK_ABS, reference: { abs($0) }, ulp32: 0, ulp64: 0),
  Accuracy(
    name: "sign", operation: DK_SIGN, reference: { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }, ulp32: 0, ulp64: 0),
  Accuracy(name: "floor", operation: DK_FLOOR, reference: { $0.rounded(.down) }, ulp32: 0, ulp64: 0),
  Accuracy(name: "ceil", operation: DK_CEIL, reference: { $0.rounded(.up) }, ulp32: 0, ulp64: 0),
  Accuracy(name: "round", operation: DK_ROUND, reference: { $0.rounded(.toNearestOrEven) }, ulp32: 0, ulp64: 0),
  Accuracy(name: "exp", operation: DK_EXP, reference: { exp($0) }, ulp32: 1),
  Accuracy(name: "log", operation: DK_LOG, reference: { log($0) }, ulp32: 1),
  Accuracy(name: "log1p", operation: DK_LOG1P, reference: { log1p($0) }, ulp32: 1),
  Accuracy(name: "expm1", operation: DK_EXPM1, reference: { expm1($0) }),
  Accuracy(name: "sqrt", operation: DK_SQRT, reference: { $0.squareRoot() }, ulp32: 0.5, ulp64: 0),
  Accuracy(name: "rsqrt", operation: DK_RSQRT, reference: { 1 / $0.squareRoot() }),
  Accuracy(name: "sin", operation: DK_SIN, reference: { sin($0) }),
  Accuracy(name: "cos", operation: DK_COS, reference: { cos($0) }),
  Accuracy(name: "tanh", operation: DK_TANH, reference: { tanh($0) }),
  Accuracy(
    name: "sigmoid", operation: DK_SIGMOID, reference: { $0 < 0 ? exp($0) / (1 + exp($0)) : 1 / (1 + exp(-$0)) }),
  Accuracy(name: "erf", operation: DK_ERF, reference: { erf($0) }),
  Accuracy(name: "not", operation: DK_NOT, reference: { $0 == 0 ? 1 : 0 }, ulp32: 0, ulp64: 0),
]

/// The distance in units in the last place of the exact value; infinite where special values or signs of zero differ.
private func distance(_ value: Float, _ exact: Double) -> Double {
  if exact.isNaN { return value.isNaN ? 0 : .infinity }
  let nearest = Float(exact)
  if value == nearest && value.isInfinite { return 0 }
  if value == 0 && nearest == 0 { return value.sign == exact.sign ? 0 : .infinity }
  if !value.isFinite || !nearest.isFinite { return .infinity }
  return abs(Double(value) - exact) / unit(exact)
}
private func unit(_ exact: Double) -> Double {
  max(scalbn(1, Int(exact.exponent) - 23), 0x1p-149)
}
private func distance(_ value: Double, _ exact: Double) -> Double {
  if exact.isNaN { return value.isNaN ? 0 : .infinity }
  if value == exact { return value == 0 && value.sign != exact.sign ? .infinity : 0 }
  if !value.isFinite || !exact.isFinite { return .infinity }
  return abs(value - exact) / exact.ulp
}

@Suite("Elementary functions")
struct ElementwiseAccuracyTests {
  /// Bit patterns spread over all floats, around every scale and special value.
  static let floats: [Float] = {
    var values: [Float] = [
      0, -0.0, .infinity, -.infinity, .nan, 1, -1, 0.5, 1.5, 2.5, -0.5, -1.5, .leastNonzeroMagnitude,
      -.leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 88.72283,
      88.7229, -87.33655, -103.9, -104, 8388607.5, 8388608, 0.625, 0.9, 4, 1e5, 823549.6,
    ]
    values += stride(from: UInt32(0), to: .max - 40009, by: 40009).map { Float(bitPattern: $0) }
    return values
  }()
  static let doubles: [Double] = {
    var random = Seeded(3)
    var values: [Double] = [
      0, -0.0, .infinity, -.infinity, .nan, 1, -1, 0.5, 1.5, 2.5, -0.5, -1.5, .leastNonzeroMagnitude,
      .leastNormalMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 709.78, 709.79, -708.4, -745.1,
      -745.2,
    ]
    for _ in 0..<20_000 { values.append(Double(bitPattern: random.next())) }
    for scale in [1e-8, 1e-3, 1.0, 3, 20, 700, 1e5] {
      for _ in 0..<10_000 { values.append(.random(in: -scale...scale, using: &random)) }
    }
    for multiple in -500...500 { values.append(Double(multiple) * .pi / 2) }
    return values
  }()

  @Test("float32 within its bound at every level, the same bits at all that fuse", arguments: functions)
  func float32(function: Accuracy) {
    let results = levels.map { apply(function.operation, DK_FLOAT32, $0, Self.floats) }
    for (level, result) in zip(levels, results) {
      var worst = (error: 0.0, at: Float(0), value: Float(0))
      for (x, y) in zip(Self.floats, result) {
        let error = distance(y, function.reference(Double(x)))
        if error > worst.error { worst = (error, x, y) }
      }
      #expect(worst.error <= function.ulp32, "\(level): \(function.name)(\(worst.at)) = \(worst.value)")
    }
    for result in results.dropFirst(2) {
      #expect(zip(result, results[1]).allSatisfy { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) })
    }
  }

  @Test("float64 within its bound at every level, the same bits at all", arguments: functions)
  func float64(function: Accuracy) {
    let results = levels.map { apply(function.operation, DK_FLOAT64, $0, Self.doubles) }
    var worst = (error: 0.0, at: 0.0, value: 0.0)
    for (x, y) in zip(Self.doubles, results[0]) {
      let error = distance(y, function.reference(x))
      if error > worst.error { worst = (error, x, y) }
    }
    #expect(worst.error <= function.ulp64, "\(function.name)(\(worst.at)) = \(worst.value)")
    for result in results.dropFirst() {
      #expect(zip(result, results[0]).allSatisfy { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) })
    }
  }

  @Test("powers, with every special case of the C standard")
  func power() {
    let special: [Double] = [
      0, -0.0, 1, -1, 2, -2, 3, -3, 0.5, -0.5, .infinity, -.infinity, .nan, 16_777_215, 16_777_216, -7, 1e30, -1e30,
    ]
    var bases: [Double] = [], exponents: [Double] = []
    for x in special { for y in special { (bases, exponents) = (bases + [x], exponents + [y]) } }
    var random = Seeded(5)
    for _ in 0..<20_000 {
      bases.append(Double(Float(exp(Double.random(in: -10...10, using: &random)))))
      exponents.append(Double(Float.random(in: -30...30, using: &random)))
      bases.append(Double(Float(1 + Double.random(in: -0.01...0.01, using: &random))))
      exponents.append(Double(Float.random(in: -3000...3000, using: &random)))
    }
    for level in levels {
      let narrow = apply(DK_POWER, DK_FLOAT32, level, bases.map { Float($0) }, exponents.map { Float($0) })
      let wide = apply(DK_POWER, DK_FLOAT64, level, bases, exponents)
      for index in bases.indices {
        let exact = pow(bases[index], exponents[index])
        #expect(distance(wide[index], exact) <= 2.5, "pow(\(bases[index]), \(exponents[index])) = \(wide[index])")
        let rounded = pow(Double(Float(bases[index])), Double(Float(exponents[index])))
        #expect(distance(narrow[index], rounded) <= 1, "pow(\(bases[index]), \(exponents[index])) = \(narrow[index])")
      }
    }
  }

  @Test("two and three operands on every pair of special values")
  func operands() {
    let special: [Float] = [0, -0.0, 1, -1, 2.5, -7, .infinity, -.infinity, .nan, 0x1p-140, 3e38]
    var a: [Float] = [], b: [Float] = []
    for x in special { for y in special { (a, b) = (a + [x], b + [y]) } }
    let table: [(dk_op, (Float, Float) -> Float)] = [
      (DK_ADD, { $0 + $1 }), (DK_SUBTRACT, { $0 - $1 }), (DK_MULTIPLY, { $0 * $1 }), (DK_DIVIDE, { $0 / $1 }),
      (DK_MINIMUM, { $0.isNaN || $1.isNaN ? .nan : $0 < $1 ? $0 : $1 }),
      (DK_MAXIMUM, { $0.isNaN || $1.isNaN ? .nan : $0 > $1 ? $0 : $1 }),
      (DK_EQUAL, { $0 == $1 ? 1 : 0 }), (DK_NOT_EQUAL, { $0 != $1 ? 1 : 0 }), (DK_LESS, { $0 < $1 ? 1 : 0 }),
      (DK_LESS_EQUAL, { $0 <= $1 ? 1 : 0 }), (DK_GREATER, { $0 > $1 ? 1 : 0 }),
      (DK_GREATER_EQUAL, { $0 >= $1 ? 1 : 0 }),
    ]
    for level in levels {
      for (operation, reference) in table {
        let results = apply(operation, DK_FLOAT32, level, a, b)
        let wide = apply(operation, DK_FLOAT64, level, a.map { Double($0) }, b.map { Double($0) })
        for index in a.indices {
          let expected = reference(a[index], b[index])
          let same = results[index] == expected || (results[index].isNaN && expected.isNaN)
          #expect(same, "\(operation)(\(a[index]), \(b[index])) = \(results[index])")
          if operation.rawValue >= DK_MINIMUM.rawValue {
            #expect(wide[index] == Double(expected) || (wide[index].isNaN && expected.isNaN))
          }
        }
      }
      let c = Array(a.reversed())
      let selected = apply(DK_SELECT, DK_FLOAT32, level, a, b, c)
      for index in a.indices {
        let expected = a[index] != 0 ? b[index] : c[index]
        #expect(selected[index].bitPattern == expected.bitPattern)
      }
    }
  }

  @Test("integers wrap, divide toward zero and raise to powers")
  func integers() {
    let special: [Int64] = [0, 1, -1, 2, -2, 3, 7, -10, 63, .max, .min, 1 << 40]
    var a: [Int64] = [], b: [Int64] = []
    for x in special { for y in special { (a, b) = (a + [x], b + [y]) } }
    func power(_ x: Int64, _ y: Int64) -> Int64 {
      if y < 0 { return x == 1 ? 1 : x == -1 ? (y % 2 == 0 ? 1 : -1) : 0 }
      if y > 100 {
        return y % 2 == 0 && (x == -1 || x == 1) ? 1 : x == -1 || x == 1 ? x : x % 2 == 0 ? 0 : wrapping(x, y)
      }
      return (0..<y).reduce(1) { result, _ in result &* x }
    }
    func wrapping(_ x: Int64, _ y: Int64) -> Int64 {
      var result: Int64 = 1, square = x
      for bit in 0..<63 {
        if y >> Int64(bit) & 1 == 1 { result = result &* square }
        square = square &* square
      }
      return result
    }
    let table: [(dk_op, (Int64, Int64) -> Int64)] = [
      (DK_ADD, { $0 &+ $1 }), (DK_SUBTRACT, { $0 &- $1 }), (DK_MULTIPLY, { $0 &* $1 }),
      (DK_DIVIDE, { $1 == 0 ? 0 : $0.dividedReportingOverflow(by: $1).partialValue }), (DK_POWER, power),
      (DK_MINIMUM, { min($0, $1) }), (DK_MAXIMUM, { max($0, $1) }), (DK_EQUAL, { $0 == $1 ? 1 : 0 }),
      (DK_LESS, { $0 < $1 ? 1 : 0 }), (DK_GREATER_EQUAL, { $0 >= $1 ? 1 : 0 }), (DK_NEGATE, { x, _ in 0 &- x }),
      (DK_ABS, { x, _ in x < 0 ? 0 &- x : x }), (DK_SIGN, { x, _ in x.signum() }), (DK_NOT, { x, _ in x == 0 ? 1 : 0 }),
      (DK_FLOOR, { x, _ in x }), (DK_MOVE, { x, _ in x }),
    ]
    for level in levels {
      for (operation, reference) in table {
        #expect(apply(operation, DK_INT64, level, a, b) == zip(a, b).map(reference), "\(operation)")
      }
    }
  }

  @Test("the scalar functions agree with the vectors")
  func scalars() {
    let table: [(dk_op, (Double) -> Double)] = [
      (DK_EXP, dk_exp), (DK_LOG, dk_log), (DK_LOG1P, dk_log1p), (DK_EXPM1, dk_expm1), (DK_SIN, dk_sin),
      (DK_COS, dk_cos), (DK_TANH, dk_tanh), (DK_ERF, dk_erf), (DK_SQRT, dk_sqrt), (DK_FLOOR, dk_floor),
      (DK_CEIL, dk_ceil), (DK_ROUND, dk_rint),
    ]
    for (operation, scalar) in table {
      let vector = apply(operation, DK_FLOAT64, DK_LEVEL_BASELINE, Self.doubles)
      for (x, y) in zip(Self.doubles, vector) {
        let z = scalar(x)
        #expect(y.bitPattern == z.bitPattern || (y.isNaN && z.isNaN), "\(operation)(\(x))")
      }
    }
    #expect(dk_pow(2, 10) == 1024 && dk_pow(9, 0.5) == 3 && dk_pow(-2, 3) == -8)
  }
}
