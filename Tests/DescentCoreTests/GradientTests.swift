import DescentCPU
import DescentCore
import Testing

/// Derivatives worked out by hand in lectures and books.
@Suite struct LectureGradientTests {
  @Test func chainRuleExample() {
    // e = (a + b)(b + 1): ∂e/∂a = b + 1, ∂e/∂b = a + 2b + 1.
    for (a, b) in [(2.0, 1.0), (-3, 0.5), (0, -1)] {
      let (value, slopes) = valueAndGradient(at: number(a), number(b)) { a, b in (a + b) * (b + 1) }
      #expect(value.scalar(of: Double.self) == (a + b) * (b + 1))
      #expect(slopes.0.scalar(of: Double.self) == b + 1)
      #expect(slopes.1.scalar(of: Double.self) == a + 2 * b + 1)
    }
  }

  @Test func logarithmOfAProduct() {
    // ∇ log(ab) = (1/a, 1/b).
    let slopes = gradient(at: number(3), number(0.25)) { a, b in log(a * b) }
    expectClose(slopes.0, [1.0 / 3])
    expectClose(slopes.1, [4])
  }

  @Test func matrixProduct() {
    // A = BC with cotangent G: B̄ = G·Cᵀ, C̄ = Bᵀ·G.
    let b = doubles([1, -2, 3, 0.5, 4, -1], [2, 3])
    let c = doubles([2, 1, 0, -1, 3, 5, 1, 1, -2, 0.5, 2, 7], [3, 4])
    let g = doubles([1, 2, 3, 4, -1, -2, 0.5, 0], [2, 4])
    let slopes = gradient(at: b, c) { b, c in (b.matmul(c) * g).sum() }
    for row in 0..<2 {
      for column in 0..<3 {
        let expected = (0..<4).reduce(0.0) { $0 + element(g, row, $1) * element(c, column, $1) }
        #expect(element(slopes.0, row, column) == expected)
      }
    }
    for row in 0..<3 {
      for column in 0..<4 {
        let expected = (0..<2).reduce(0.0) { $0 + element(b, $1, row) * element(g, $1, column) }
        #expect(element(slopes.1, row, column) == expected)
      }
    }
  }

  @Test func softmaxCrossEntropy() {
    // L = −log softmax(f)ₖ: ∂L/∂f = p − 1(y = k).
    let scores = [1.0, -0.5, 2, 0.25]
    let total = scores.map { number($0).exp().scalar(of: Double.self) }.reduce(0, +)
    let slope = gradient(at: doubles(scores)) { f in f.logSumExp() - f[2] }
    let expected = scores.enumerated().map { index, score in
      number(score).exp().scalar(of: Double.self) / total - (index == 2 ? 1 : 0)
    }
    expectClose(slope, expected)
  }

  @Test func logisticLoss() {
    // L = −y log σ(h) − (1 − y) log(1 − σ(h)): ∂L/∂h = σ(h) − y.
    for (h, y) in [(0.3, 1.0), (-2, 0), (1.5, 0.25)] {
      let slope = gradient(at: number(h)) { h in -y * h.sigmoid().log() - (1 - y) * (1 - h.sigmoid()).log() }
      let sigmoid: Double = number(h).sigmoid().scalar(of: Double.self)
      expectClose(slope, [sigmoid - y])
    }
  }

  /// The expression of micrograd's README.
  @Test func scalarExpressionWithReuse() {
    let zero = number(0)
    let (value, slopes) = valueAndGradient(at: number(-4), number(2)) { a, b in
      var c = a + b
      var d = a * b + b.pow(3)
      c += c + 1
      c += 1 + c + (-a)
      d += d * 2 + maximum(b + a, zero)
      d += 3 * d + maximum(b - a, zero)
      let e = c - d
      let f = e.pow(2)
      return f / 2.0 + 10.0 / f
    }
    expectClose(value, [24.7041], tolerance: 1e-4)
    expectClose(slopes.0, [138.8338], tolerance: 1e-4)
    expectClose(slopes.1, [645.5773], tolerance: 1e-4)
  }

  @Test func jacobianOfKnownFunction() {
    // f(x, y) = (x²y, 5x + sin y): J = [[2xy, x²], [5, cos y]].
    let j = jacobian(at: doubles([2, 3])) { x in .stack([x[0] * x[0] * x[1], 5 * x[0] + sin(x[1])]) }
    #expect(j.shape == [2, 2])
    expectClose(j, [12, 4, 5, number(3).cos().scalar(of: Double.self)])
  }

  @Test func jacobianShapes() {
    let j = jacobian(at: doubles([1, 2, 3, 4, 5, 6], [2, 3])) { $0.sum(axis: 0) }
    #expect(j.shape == [3, 2, 3])
    expectClose(j, [1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1])
    #expect(jacobian(at: number(2)) { $0 * $0 }.shape == [])
  }

  @Test func hessianOfKnownFunction() {
    // f = x²y + y³: H = [[2y, 2x], [2x, 6y]].
    let function = { (x: Tensor) in x[0] * x[0] * x[1] + x[1] * x[1] * x[1] }
    expectClose(hessian(at: doubles([3, -2]), of: function), [-4, 6, 6, -12])
    expectClose(hessianVectorProduct(at: doubles([3, -2]), along: doubles([1, 10]), of: function), [56, -114])
  }

  @Test func hessianOfAQuadraticForm() {
    // ½xᵀAx has the Hessian ½(A + Aᵀ).
    let a = doubles([1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 3])
    let h = hessian(at: doubles([1, -1, 2])) { x in 0.5 * x.matmul(a).matmul(x) }
    expectClose(h, [1, 3, 5, 3, 5, 7, 5, 7, 9])
  }

  @Test func thirdDerivatives() {
    let cube = gradient { x in gradient { x in gradient { x in x.pow(3) }(x) }(x) }
    expectClose(cube(number(0.7)), [6])
    let tanhThird = gradient { x in gradient { x in gradient { x in tanh(x) }(x) }(x) }
    let t: Double = number(0.4).tanh().scalar(of: Double.self)
    expectClose(tanhThird(number(0.4)), [(1 - t * t) * (6 * t * t - 2)])
    let mixed = derivative(at: number(1.2), along: number(1)) { x in
      derivative(at: x, along: .ones(like: x)) { x in gradient(at: x) { sin($0) } }.derivative
    }
    expectClose(mixed.derivative, [-number(1.2).cos().scalar(of: Double.self)])
  }

  private func element(_ matrix: Tensor, _ row: Int, _ column: Int) -> Double {
    matrix.array(of: Double.self)[row * matrix.shape[1] + column]
  }
}
