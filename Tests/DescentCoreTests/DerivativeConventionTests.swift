import DescentCPU
import DescentCore
import Testing

/// What derivatives are where functions have kinks, ties and poles: stated once here.
@Suite struct DerivativeConventionTests {
  struct Kink: Sendable, CustomStringConvertible {
    let description: String
    let at: [Double]
    let slope: [Double]
    let function: @Sendable (Tensor) -> Tensor
  }

  static let kinks: [Kink] = [
    Kink(description: "abs at 0", at: [0, -2, 2], slope: [0, -1, 1]) { $0.abs() },
    Kink(description: "sign", at: [0, -2], slope: [0, 0]) { $0.sign() },
    Kink(description: "floor at a whole number", at: [1, 1.5], slope: [0, 0]) { $0.floor() },
    Kink(description: "ceil at a whole number", at: [1, 1.5], slope: [0, 0]) { $0.ceil() },
    Kink(description: "round at a half", at: [0.5], slope: [0]) { $0.round() },
    Kink(description: "maximum with an equal constant", at: [0, 1, -1], slope: [0.5, 1, 0]) { maximum($0, 0) },
    Kink(description: "minimum with an equal constant", at: [0, 1, -1], slope: [0.5, 0, 1]) { minimum($0, 0) },
    Kink(description: "maximum with itself", at: [3], slope: [1]) { maximum($0, $0) },
    Kink(description: "minimum with itself", at: [3], slope: [1]) { minimum($0, $0) },
    Kink(description: "clamp at its ends", at: [-1, 0, 1, 2], slope: [0.5, 1, 0.5, 0]) { $0.clamped(from: -1, to: 1) },
    Kink(description: "max of ties", at: [1, 3, 3, 2, 3], slope: [0, 1.0 / 3, 1.0 / 3, 0, 1.0 / 3]) { $0.max() },
    Kink(description: "min of ties", at: [1, 3, 1, 2], slope: [0.5, 0, 0.5, 0]) { $0.min() },
    Kink(description: "0 to the power 0", at: [0], slope: [0]) { $0.pow(0) },
    Kink(description: "0 squared", at: [0], slope: [0]) { $0.pow(2) },
    Kink(description: "0 to the power 1", at: [0], slope: [1]) { $0.pow(1) },
    Kink(description: "a negative base", at: [-2], slope: [12]) { $0.pow(3) },
    Kink(description: "sqrt at 0", at: [0], slope: [.infinity]) { $0.sqrt() },
    Kink(description: "log at 0", at: [0], slope: [.infinity]) { $0.log() },
    Kink(description: "product with one zero", at: [0, 2, 3], slope: [6, 0, 0]) { $0.product() },
    Kink(description: "product with two zeros", at: [0, 0, 3], slope: [0, 0, 0]) { $0.product() },
    Kink(description: "select", at: [1, -1], slope: [3, 0]) { ($0 .> 0).select($0 * 3, 0) },
    Kink(description: "sort of ties", at: [2, 2, 1], slope: [20, 30, 10]) { $0.sorted() * doubles([10, 20, 30]) },
    Kink(description: "logSumExp of -∞", at: [-.infinity, 0], slope: [0, 1]) { $0.logSumExp() },
    Kink(description: "logSumExp of nothing but -∞", at: [-.infinity, -.infinity], slope: [0, 0]) { $0.logSumExp() },
    Kink(description: "logSumExp with ∞", at: [.infinity, 1, -.infinity], slope: [0, 0, 0]) { $0.logSumExp() },
    Kink(description: "standard deviation of equals", at: [2, 2, 2], slope: [0, 0, 0]) { $0.standardDeviation() },
    Kink(description: "norm at 0", at: [0, 0], slope: [0, 0]) { $0.norm() },
    Kink(description: "3-norm at 0", at: [0, 0], slope: [0, 0]) { $0.norm(3) },
    Kink(description: "1-norm at 0", at: [0, 2], slope: [0, 1]) { $0.norm(1) },
    Kink(description: "∞-norm at 0", at: [0, 0], slope: [0, 0]) { $0.norm(.infinity) },
    Kink(description: "remainder at a whole quotient", at: [3, -3], slope: [1, 1]) { $0 % 1.5 },
    Kink(description: "cumulative product with a zero", at: [2, 0, 3], slope: [1, 8, 0]) {
      $0.cumulativeProduct(axis: 0)
    },
    Kink(description: "normalQuantile at ½", at: [0.5], slope: [(2 * Double.pi).squareRoot()]) { $0.normalQuantile() },
    Kink(description: "cast through float32", at: [0.1], slope: [1]) { $0.cast(to: .float32).cast(to: .float64) },
    Kink(description: "cast through int32", at: [1.7], slope: [0]) { $0.cast(to: .int32).cast(to: .float64) },
  ]

  @Test(arguments: kinks) func bothModesKeepTheConvention(_ kink: Kink) {
    let x = doubles(kink.at)
    expectClose(gradient(at: x) { kink.function($0).sum() }, kink.slope)
    let columns = kink.at.indices.map { index in
      let along = doubles(kink.at.indices.map { $0 == index ? 1 : 0 })
      return derivative(at: x, along: along) { kink.function($0).sum() }.derivative
    }
    expectClose(.stack(columns), kink.slope)
  }

  @Test func conventionsHoldInSecondDerivatives() {
    let equal = doubles([2, 2])
    expectClose(hessian(at: equal) { $0.standardDeviation() }, [0, 0, 0, 0])
    expectClose(hessian(at: doubles([0, 0])) { $0.norm() }, [0, 0, 0, 0])
    expectClose(hessian(at: doubles([-.infinity, -.infinity])) { $0.logSumExp() }, [0, 0, 0, 0])
  }

  @Test func logSumExpOfInfinities() {
    let rows = doubles([-.infinity, -.infinity, .infinity, 0, 0, -.infinity, .nan, 1], [4, 2])
    expectClose(rows.logSumExp(axis: 1), [-.infinity, .infinity, 0, .nan])
  }

  @Test func remaindersAtTheEdges() {
    expectClose(doubles([5, -5, 5, -5, 1]) % doubles([.infinity, .infinity, -3, 3, 0]), [5, .infinity, -1, 1, .nan])
    #expect((Tensor([7, -7, 7]) % Tensor([-4, 4, 0])).array(of: Int.self) == [-1, 1, 7])
    #expect((Tensor([7, 9] as [UInt8]) % 4).array(of: UInt8.self) == [3, 1])
    #expect((10 % Tensor([4, -4])).array(of: Int.self) == [2, -2])
  }

  @Test func exponentOfANonPositiveBase() {
    let slopes = gradient(at: doubles([0, -2, 2]), doubles([2, 2, 2])) { a, b in a.pow(b).sum() }
    expectClose(slopes.1, [0, 0, 4 * number(2).log().scalar(of: Double.self)])
    expectClose(slopes.0, [0, -4, 4])
  }

  @Test func exponentZeroInSecondDerivatives() {
    // ∂²(aᵇ)/∂a∂b = aᵇ⁻¹(1 + b log a), which is 1/a at b = 0, whichever is differentiated first.
    let baseFirst = gradient(at: number(0)) { b in gradient(at: number(4)) { a in a.pow(b) } }
    let exponentFirst = gradient(at: number(4)) { a in gradient(at: number(0)) { b in a.pow(b) } }
    expectClose(baseFirst, [0.25])
    expectClose(exponentFirst, [0.25])
    expectClose(gradient(gradient { $0.pow(0) })(number(0)), [0])
  }

  @Test func tiesBetweenTwoOperandsShare() {
    let slopes = gradient(at: doubles([1, 2, 3]), doubles([1, 3, 2])) { a, b in maximum(a, b).sum() }
    expectClose(slopes.0, [0.5, 0, 1])
    expectClose(slopes.1, [0.5, 1, 0])
  }

  @Test func booleansAndPositionsAreConstants() {
    let x = doubles([3, 1, 2])
    expectClose(gradient(at: x) { ($0 .> 1.5).cast(to: .float64).sum() + 0 * $0.sum() }, [0, 0, 0])
    expectClose(gradient(at: x) { $0.argSort().cast(to: .float64).sum() }, [0, 0, 0])
    expectClose(gradient(at: x) { $0.argMax().cast(to: .float64) }, [0, 0, 0])
  }

  @Test func functionOfNothingHasZeroDerivatives() {
    let x = doubles([1, 2])
    expectClose(gradient(at: x) { _ in number(3) }, [0, 0])
    expectClose(derivative(at: x, along: doubles([1, 1])) { _ in doubles([5, 6]) }.derivative, [0, 0])
    expectClose(jacobian(at: x) { _ in doubles([5, 6, 7]) }, [0, 0, 0, 0, 0, 0])
    expectClose(hessian(at: x) { $0.sum() }, [0, 0, 0, 0])
  }

  @Test func stopGradientCutsBothModes() {
    let x = number(3)
    expectClose(gradient(at: x) { $0 * stopGradient($0) }, [3])
    expectClose(gradient(at: x) { ($0 * $0).stopGradient() }, [0])
    expectClose(derivative(at: x, along: number(1)) { $0 * stopGradient($0 * $0) }.derivative, [9])
  }

  // MARK: Derivatives stated by the user

  @Test func customDerivativeInBothModes() {
    // A derivative that is not the function's own shows that it is used.
    let function = { (x: Tensor) in
      withDerivative(at: [x]) {
        $0[0] * $0[0]
      } pullback: { x, y, cotangent in
        [cotangent * (10 * x[0] + y)]
      }
    }
    expectClose(gradient(at: number(3), of: function), [39])
    expectClose(derivative(at: number(3), along: number(2), of: function).derivative, [78])
    // d/dx (10x + y) with y's own derivative stated: 10 + (10x + y).
    expectClose(gradient(gradient(function))(number(3)), [49])
  }

  @Test func customDerivativeUnderBatching() {
    let function = { (x: Tensor) in
      withDerivative(at: [x]) {
        $0[0].sin().sum()
      } pullback: { x, _, cotangent in
        [cotangent * 7 * x[0]]
      }
    }
    let points = doubles([1, 2, 3, 4], [2, 2])
    expectClose(vmap(function)(points), points.sin().sum(axis: 1).array(of: Double.self))
    expectClose(vmap(gradient(function))(points), [7, 14, 21, 28])
    let tangents = vmap { (x: Tensor, v: Tensor) in derivative(at: x, along: v, of: function).derivative }
    expectClose(tangents(points, doubles([1, 0, 0, 1], [2, 2])), [7, 28])
    expectClose(gradient(at: points) { vmap(function)($0).sum() }, [7, 14, 21, 28])
  }

  @Test func customDerivativeCapturingAnExample() {
    // Each example's rule uses another tensor of its example; the derivative is taken outside the batch.
    let points = doubles([1, 2, 3])
    let factors = doubles([10, 20, 30])
    let function = { (points: Tensor) in
      vmap { (x: Tensor, factor: Tensor) in
        let scale = factor + 1
        return withDerivative(at: [x]) {
          $0[0] * $0[0]
        } pullback: { x, _, cotangent in
          [cotangent * scale * x[0]]
        }
      }(points, factors)
    }
    expectClose(gradient(at: points) { function($0).sum() }, [11, 42, 93])
    expectClose(derivative(at: points, along: doubles([1, 1, 1]), of: function).derivative, [11, 42, 93])
    expectClose(gradient(at: points) { x in gradient(at: x) { function($0).sum() }.sum() }, [11, 21, 31])
    // In a batch of batches, with the captured tensor from the outer one.
    let table = gradient(at: points) { points in
      vmap { (factor: Tensor) in
        vmap { (x: Tensor) in
          withDerivative(at: [x]) {
            $0[0].exp()
          } pullback: { x, _, cotangent in
            [cotangent * factor * x[0]]
          }
        }(points)
      }(factors).sum()
    }
    expectClose(table, [60, 120, 180])
  }

  @Test func customDerivativeKeepsSeveralInputsApart() {
    let slopes = gradients(at: [number(2), number(5)]) { inputs in
      withDerivative(at: inputs) {
        $0[0] + $0[1]
      } pullback: { x, _, cotangent in
        [cotangent * x[1], cotangent * 0]
      }
    }
    expectClose(slopes[0], [5])
    expectClose(slopes[1], [0])
  }

  // MARK: Reading while tracing

  @Test func readingInsideAFunctionDoesNotCutTheGradient() {
    var seen: [Double] = []
    let slope = gradient(at: number(3)) { x in
      let square = x * x
      seen.append(square.scalar(of: Double.self))
      let cube = square * x
      seen.append(cube.scalar(of: Double.self))
      return cube + square
    }
    #expect(seen == [9, 27])
    expectClose(slope, [33])
  }

  @Test func readingInsideNestedDerivatives() {
    let second = gradient { x in
      gradient(at: x) { y in
        let square = y * y
        _ = square.scalar(of: Double.self)
        return square * y
      }
    }
    expectClose(second(number(2)), [12])
  }

  @Test func branchingOnAValue() {
    let function = { (x: Tensor) in x.scalar(of: Double.self) > 0 ? x * x : -x }
    expectClose(gradient(at: number(3), of: function), [6])
    expectClose(gradient(at: number(-3), of: function), [-1])
  }

  @Test func readingTheVariableBeforeAndAfter() {
    let x = doubles([1, 2])
    _ = x.array(of: Double.self)
    let y = x * x
    evaluate(y)
    // What was computed outside is a constant inside.
    expectClose(gradient(at: x) { ($0 * y).sum() }, [1, 4])
  }

  @Test func pullbackCalledAfterEvaluation() {
    let (value, pull) = vjp(at: doubles([1, 2, 3])) { x in (x * x).sin() }
    evaluate(value)
    let cosines = [1.0, 4, 9].map { number($0).cos().scalar(of: Double.self) }
    let expected = [2 * cosines[0], 4 * cosines[1], 6 * cosines[2]]
    expectClose(pull(.ones([3], dtype: .float64)), expected)
    expectClose(pull(doubles([0, 1, 0])), [0, expected[1], 0])
  }

  // MARK: Examples of a batch

  @Test func gradientsOfEveryExample() {
    let weights = doubles([0.5, -1])
    let inputs = doubles([1, 2, 3, 4, 5, 6], [3, 2])
    let targets = doubles([1, 0, -1])
    let each = vmap { (x: Tensor, y: Tensor) in
      gradient(at: weights) { w in (x.dot(w) - y).squared() }
    }(inputs, targets)
    #expect(each.shape == [3, 2])
    // 2(x·w − y)x
    let expected = (0..<6).map { index in
      let x = [[1.0, 2], [3, 4], [5, 6]][index / 2]
      let y = [1.0, 0, -1][index / 2]
      return 2 * (x[0] * 0.5 - x[1] - y) * x[index % 2]
    }
    expectClose(each, expected)
    let total = gradient(at: weights) { w in (inputs.matmul(w) - targets).squared().sum() }
    expectClose(each.sum(axis: 0), total.array(of: Double.self))
  }

  @Test func batchingAlongOtherAxes() {
    let matrix = doubles([1, 2, 3, 4, 5, 6], [2, 3])
    let columns = vmap({ $0.sum() }, inAxis: 1)(matrix)
    expectClose(columns, [5, 7, 9])
    let moved = vmap({ $0 * 2 }, inAxis: 0, outAxis: 1)(matrix)
    #expect(moved.shape == [3, 2])
    expectClose(moved, [2, 8, 4, 10, 6, 12])
  }

  @Test func nestedBatches() {
    let a = doubles([1, 2, 3])
    let b = doubles([10, 20])
    let table = vmap { (x: Tensor) in vmap { (y: Tensor) in x * y }(b) }(a)
    #expect(table.shape == [3, 2])
    expectClose(table, [10, 20, 20, 40, 30, 60])
  }

  @Test func batchingAFunctionThatIgnoresItsArgument() {
    let result = vmap { (_: Tensor) in doubles([1, 2]) }(doubles([0, 0, 0]))
    #expect(result.shape == [3, 2])
    expectClose(result, [1, 2, 1, 2, 1, 2])
  }

  @Test func randomNumbersPerExample() {
    let keys = Tensor.stack(RandomKey(3).split(4).map { $0.data })
    let batch = vmap { (key: Tensor) in RandomKey(data: key).normal([5]) }(keys)
    let single = RandomKey(3).split(4).map { $0.normal([5]).array(of: Float.self) }
    #expect(batch.array(of: Float.self) == single.flatMap { $0 })
  }
}
