import DescentCPU
import DescentCore
import Foundation
import Testing

/// Spot checks of operations against NumPy, SciPy and PyTorch.
@Suite struct OpsFixtureTests {
  struct Fixture: Decodable { let cases: [Case] }

  struct Case: Decodable {
    let op: String
    let inputs: [Array]
    let arguments: Arguments
    let shape: [Int]
    let values: [Double]
  }

  struct Array: Decodable {
    let shape: [Int]
    let values: [Double]
  }

  struct Arguments: Decodable {
    let axis: Int?, count: Int?, diagonal: Int?
    let low: Double?, high: Double?, value: Double?
    let keepingAxis: Bool?, descending: Bool?
    let mode: String?
    let axes: [Int]?, shape: [Int]?, permutation: [Int]?, multiples: [Int]?
    let starts: [Int?]?, ends: [Int?]?, strides: [Int?]?
    let padding: Padding?
    let stride: [Int]?, dilation: [Int]?, window: [Int]?, outputPadding: [Int]?, groups: Int?
  }

  /// Pairs for `pad`, single numbers for a convolution.
  struct Padding: Decodable {
    let pairs: [[Int]]?
    let numbers: [Int]?
    init(from decoder: any Decoder) throws {
      pairs = try? [[Int]](from: decoder)
      numbers = try? [Int](from: decoder)
    }
  }

  /// Operations of the fixture that are no functions of the core.
  static let others: Set<String> = [
    "acos", "asin", "atan", "atan2", "cosh", "cumulativeMaximum", "cumulativeProduct", "einsum", "erfc", "remainder",
    "repeat", "roll", "sinh", "tan",
  ]

  @Test func operationsAgreeWithThePeers() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let data = try Data(contentsOf: folder.appending(path: "Fixtures/ops.json"))
    let cases = try JSONDecoder().decode(Fixture.self, from: data).cases
    var checked = 0
    for (index, row) in cases.enumerated() where !Self.others.contains(row.op) {
      if row.op == "pad" && row.arguments.mode != "constant" { continue }
      let result = try #require(Self.result(of: row), "\(row.op), case \(index), has no counterpart")
      let actual = result.cast(to: .float64)
      #expect(result.shape == row.shape, "\(row.op), case \(index)")
      for engine in engines {
        let values = try results([actual], on: engine)[0]
        let isClose = zip(values, row.values).allSatisfy {
          ($0 - $1).magnitude <= 1e-12 * max(1, $1.magnitude) || $0 == $1
        }
        #expect(
          isClose && values.count == row.values.count,
          "\(row.op), case \(index), \(engine.name): \(values) instead of \(row.values)")
      }
      checked += 1
    }
    #expect(checked > 220, "\(checked) of \(cases.count)")
  }

  private static func result(of row: Case) -> Tensor? {
    let x = row.inputs.map { doubles($0.values, $0.shape) }
    let options = row.arguments
    return elementwise(row.op, x, options) ?? reduction(row.op, x, options) ?? movement(row.op, x, options)
      ?? lookup(row.op, x, options) ?? windowed(row.op, x, options)
  }

  /// Images lie [batch, channels, height, width] there and with channels last here, weights
  /// [outputs, inputs, height, width] and [height, width, inputs, outputs].
  private static func windowed(_ op: String, _ x: [Tensor], _ options: Arguments) -> Tensor? {
    guard x[0].rank == 4 else { return nil }
    let image = x[0].transposed([0, 2, 3, 1])
    let strides = options.stride
    let result: Tensor
    switch op {
    case "convolution2D":
      result = image.convolved(
        with: x[1].transposed([2, 3, 1, 0]), strides: strides, padding: .symmetric(options.padding!.numbers!),
        dilation: options.dilation, groups: options.groups!)
    case "transposedConvolution2D":
      result = image.transposedConvolved(
        with: x[1].transposed([2, 3, 1, 0]), strides: strides, padding: .symmetric(options.padding!.numbers!),
        outputPadding: options.outputPadding, dilation: options.dilation, groups: options.groups!)
    case "maxPool2D": result = image.maxPooled(window: options.window!, strides: strides)
    case "averagePool2D": result = image.averagePooled(window: options.window!, strides: strides)
    default: return nil
    }
    return result.transposed([0, 3, 1, 2])
  }

  private static func elementwise(_ op: String, _ x: [Tensor], _ options: Arguments) -> Tensor? {
    switch op {
    case "negate": -x[0]
    case "abs": x[0].abs()
    case "sign": x[0].sign()
    case "square": x[0].squared()
    case "sqrt": x[0].sqrt()
    case "rsqrt": x[0].rsqrt()
    case "reciprocal": 1 / x[0]
    case "exp": x[0].exp()
    case "expm1": x[0].expm1()
    case "log": x[0].log()
    case "log1p": x[0].log1p()
    case "sin": x[0].sin()
    case "cos": x[0].cos()
    case "tanh": x[0].tanh()
    case "sigmoid": x[0].sigmoid()
    case "erf": x[0].erf()
    case "floor": x[0].floor()
    case "ceil": x[0].ceil()
    case "round": x[0].round()
    case "clamp": x[0].clamped(from: number(options.low!), to: number(options.high!))
    case "add": x[0] + x[1]
    case "subtract": x[0] - x[1]
    case "multiply": x[0] * x[1]
    case "divide": x[0] / x[1]
    case "power": x[0].pow(x[1])
    case "minimum": minimum(x[0], x[1])
    case "maximum": maximum(x[0], x[1])
    case "equal": x[0] .== x[1]
    case "notEqual": x[0] .!= x[1]
    case "less": x[0] .< x[1]
    case "lessOrEqual": x[0] .<= x[1]
    case "greater": x[0] .> x[1]
    case "greaterOrEqual": x[0] .>= x[1]
    case "where": x[0].select(x[1], x[2])
    default: nil
    }
  }

  private static func reduction(_ op: String, _ x: [Tensor], _ options: Arguments) -> Tensor? {
    let keeping = options.keepingAxis ?? false
    return switch op {
    case "sum": x[0].sum(axes: options.axes, keepingAxes: keeping)
    case "mean": x[0].mean(axes: options.axes, keepingAxes: keeping)
    case "product": x[0].product(axes: options.axes, keepingAxes: keeping)
    case "max": x[0].max(axes: options.axes, keepingAxes: keeping)
    case "min": x[0].min(axes: options.axes, keepingAxes: keeping)
    case "variance": x[0].variance(axes: options.axes, keepingAxes: keeping)
    case "standardDeviation": x[0].standardDeviation(axes: options.axes, keepingAxes: keeping)
    case "logSumExp": x[0].logSumExp(axes: options.axes, keepingAxes: keeping)
    case "softmax": (x[0] - x[0].logSumExp(axis: options.axis ?? -1, keepingAxis: true)).exp()
    case "logSoftmax": x[0] - x[0].logSumExp(axis: options.axis ?? -1, keepingAxis: true)
    case "argmax": x[0].argMax(axis: options.axis, keepingAxis: keeping)
    case "argmin": x[0].argMin(axis: options.axis, keepingAxis: keeping)
    case "cumulativeSum": x[0].cumulativeSum(axis: options.axis!)
    case "matmul": x[0].matmul(x[1])
    case "outer": x[0].outer(x[1])
    case "lowerTriangle": x[0].lowerTriangle(diagonal: options.diagonal ?? 0)
    case "upperTriangle": x[0].upperTriangle(diagonal: options.diagonal ?? 0)
    default: nil
    }
  }

  private static func movement(_ op: String, _ x: [Tensor], _ options: Arguments) -> Tensor? {
    switch op {
    case "broadcast": x[0].broadcast(to: options.shape!)
    case "reshape": x[0].reshaped(options.shape!)
    case "transpose": x[0].transposed(options.permutation)
    case "flip": x[0].flipped(axes: options.axes)
    case "tile": x[0].tiled(options.multiples!)
    case "pad": x[0].padded(options.padding!.pairs!.map { ($0[0], $0[1]) }, with: options.value ?? 0)
    case "concatenate": .concatenate(x, axis: options.axis ?? 0)
    case "stack": .stack(x, axis: options.axis ?? 0)
    case "slice":
      x[0].indexed(
        options.starts!.indices.map { axis in
          .range(options.starts![axis], options.ends![axis], stride: options.strides![axis] ?? 1)
        })
    case "linearSpace": .linspace(options.low!, options.high!, count: options.count!, dtype: .float64)
    default: nil
    }
  }

  private static func lookup(_ op: String, _ x: [Tensor], _ options: Arguments) -> Tensor? {
    func indices(_ place: Int) -> Tensor { x[place].cast(to: .int32) }
    let descending = options.descending ?? false
    return switch op {
    case "take": x[0].gather(indices(1), axis: options.axis ?? 0)
    case "takeAlongAxis": x[0].gatherElements(indices(1), axis: options.axis!)
    case "scatterAdd": x[0].scatterAdd(x[2], at: indices(1))
    case "oneHot": indices(0).oneHot(depth: options.count!)
    case "sort": x[0].sorted(axis: options.axis ?? -1, descending: descending)
    case "argsort": x[0].argSort(axis: options.axis ?? -1, descending: descending)
    case "topKValues": x[0].topK(options.count!, axis: options.axis ?? -1).values
    case "topKIndices": x[0].topK(options.count!, axis: options.axis ?? -1).indices
    default: nil
    }
  }
}
