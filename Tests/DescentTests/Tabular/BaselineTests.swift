import Descent
import Testing

/// The linear baselines against scikit-learn 1.7 (LinearRegression; LogisticRegression with its defaults, converged to
/// 1e-10) on the whole iris table, standardised.
@Suite struct BaselineTests {
  private let table: Table
  private let features: [[Double]]  // by column

  init() throws {
    table = try Table(csv: TestFiles.example("iris.csv"))
    features = try table.columns.dropLast().map { column in
      guard case .number(let numbers) = column.values else { throw DataError.noFeatures(source: "", target: "") }
      let mean = numbers.reduce(0, +) / Double(numbers.count)
      let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count)
      return numbers.map { ($0 - mean) / variance.squareRoot() }
    }
  }

  private func matrix(_ columns: Range<Int>, _ rows: Range<Int>) -> Tensor {
    Tensor(
      rows.flatMap { row in columns.map { features[$0][row] } }, shape: [rows.count, columns.count], dtype: .float64)
  }

  private func isClose(_ left: [Double], _ right: [Double], _ tolerance: Double) -> Bool {
    left.count == right.count && zip(left, right).allSatisfy { abs($0 - $1) <= tolerance }
  }

  @Test func leastSquares() throws {
    guard case .number(let widths) = try table.column("petal_width").values else { return }
    let model = LeastSquares(features: matrix(0..<3, 0..<150), targets: widths)
    #expect(isClose(model.weights, [-0.171056958415238, 0.09679916337771732, 0.9220739629453529], 1e-6))
    #expect(abs(model.intercept - 1.1993333333333351) < 1e-9)
    let errors = zip(model.predictions(for: matrix(0..<3, 0..<150)), widths).map { ($0 - $1) * ($0 - $1) }
    let variance = widths.map { ($0 - 1.1993333333333351) * ($0 - 1.1993333333333351) }.reduce(0, +)
    #expect(abs(1 - errors.reduce(0, +) / variance - 0.9378502736046809) < 1e-9)
  }

  /// Several targets at once get the fits they get alone, with fewer features than rows and with more.
  @Test(arguments: [(12, 4), (4, 12)])
  func severalTargetsGetTheFitsTheyGetAlone(rows: Int, features: Int) {
    let x = RandomKey(3).normal([rows, features], dtype: .float64)
    let targets = (0..<3).map { step in (0..<rows).map { Double(($0 * 7 + step * 5) % 11) } }
    let fits = LeastSquares.fits(features: x, targets: targets)
    for (fit, target) in zip(fits, targets) {
      let alone = LeastSquares(features: x, targets: target)
      #expect(zip(fit.weights, alone.weights).allSatisfy { abs($0 - $1) < 1e-12 } && fit.weights.count == features)
      #expect(abs(fit.intercept - alone.intercept) < 1e-12)
    }
    #expect(fits[0].intercept != fits[1].intercept)
  }

  @Test func leastSquaresOfDependentFeatures() {
    // The second column is twice the first: many answers are best, all with the same predictions.
    let x = Tensor([1, 2, 2, 4, 3, 6, 4, 8] as [Double], shape: [4, 2], dtype: .float64)
    let model = LeastSquares(features: x, targets: [3, 5, 7, 9])
    #expect(isClose(model.predictions(for: x), [3, 5, 7, 9], 1e-6))
  }

  /// Blocks of columns, and more features than rows: the gradient of what is minimised vanishes.
  @Test(arguments: [(300, 250), (40, 230), (100, 100)])
  func leastSquaresOfManyFeatures(rows: Int, width: Int) {
    let x = RandomKey(4).normal([rows, width], dtype: .float64)
    let targets = RandomKey(5).normal([rows], dtype: .float64).array(of: Double.self)
    let ridge = 0.01
    let model = LeastSquares(features: x, targets: targets, ridge: ridge)
    let errors = zip(model.predictions(for: x), targets).map { $0 - $1 }
    let centered = x - x.mean(axis: 0)
    let slope = centered.transposed().matmul(Tensor(errors, shape: [rows, 1], dtype: .float64)).array(of: Double.self)
    let gradient = zip(slope, model.weights).map { $0 + ridge * Double(rows) * $1 }
    #expect(gradient.allSatisfy { abs($0) < 1e-9 })
    #expect(abs(errors.reduce(0, +)) < 1e-9)
  }

  @Test func softmaxRegression() {
    let targets = Tensor((0..<150).map { Int32($0 / 50) })
    let model = LogisticRegression(features: matrix(0..<4, 0..<150), classes: 3, targets: targets)
    #expect(model.isConverged)
    let weights = [
      -1.0740658549623483, 0.5878100605228025, 0.486255794439546, 1.1601150177464568, -0.36184058797663216,
      -0.7982744297698253, -1.930691939029364, -0.363430860639193, 2.2941227996685565, -1.8115561311791792,
      -0.8262697551778296, 2.6378258863570085,
    ]
    #expect(isClose(model.weights.array(of: Double.self), weights, 1e-4))
    // Only differences of intercepts matter.
    let intercepts = model.intercepts.array(of: Double.self)
    let mean = intercepts.reduce(0, +) / 3
    let expected = [-0.20524100450803037, 2.0748397919051094, -1.8695987873970914]
    #expect(isClose(intercepts.map { $0 - mean }, expected, 1e-4))
  }

  @Test func logisticRegression() {
    let targets = Tensor((0..<100).map { Float($0 / 50) }, shape: [100, 1])
    let model = LogisticRegression(features: matrix(0..<4, 50..<150), classes: 2, targets: targets)
    #expect(model.isConverged)
    let weights = [0.13983168011337685, -0.5145316292612041, 2.4798195915209833, 3.1404194417011633]
    #expect(isClose(model.weights.array(of: Double.self), weights, 1e-4))
    #expect(isClose(model.intercepts.array(of: Double.self), [-3.8008662752286617], 1e-4))
  }

  @Test func minimumOfRosenbrocksValley() {
    let minimum = LimitedMemoryBFGS().minimum(from: [-1.2, 1]) { point in
      let (x, y) = (point[0], point[1])
      let valley = y - x * x
      return ((1 - x) * (1 - x) + 100 * valley * valley, [-2 * (1 - x) - 400 * x * valley, 200 * valley])
    }
    #expect(minimum.isConverged)
    #expect(isClose(minimum.point, [1, 1], 1e-6))
    #expect(minimum.iterations < 100)
  }
}
