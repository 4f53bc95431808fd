import Descent
import DescentTesting
import Testing

/// One row a layer: its name, the conformance check it must pass, and how many parameters it has.
struct LayerRow: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let parameterCount: Int
  let conformance: LayerConformance

  init(
    _ name: String, input: [Int], output: [Int], parameters: Int = 0, isSmooth: Bool = true,
    _ make: @escaping @Sendable () -> any Layer
  ) {
    testDescription = name
    parameterCount = parameters
    conformance = LayerConformance(input: input, output: output, isSmooth: isSmooth, make)
  }

  /// An activation: any shape, kept.
  init(_ name: String, _ make: @escaping @Sendable () -> any Layer) {
    self.init(name, input: [2, 3], output: [2, 3], make)
  }
}

private let rows: [LayerRow] = [
  LayerRow("identity") { Identity() },
  LayerRow("step") { Step() },
  LayerRow("sigmoid") { Sigmoid() },
  LayerRow("tanh") { Tanh() },
  LayerRow("ReLU") { ReLU() },
  LayerRow("leaky ReLU") { LeakyReLU(slope: 0.2) },
  LayerRow("ELU") { ELU(alpha: 0.5) },
  LayerRow("SELU") { SELU() },
  LayerRow("GELU") { GELU() },
  LayerRow("GELU by tanh") { GELU(.tanh) },
  LayerRow("SiLU") { SiLU() },
  LayerRow("Mish") { Mish() },
  LayerRow("softplus") { Softplus() },
  LayerRow("softsign") { Softsign() },
  LayerRow("softmax") { Softmax() },
  LayerRow("softmax over an inner axis") { Softmax(axis: 1) },
  LayerRow("log-softmax") { LogSoftmax() },
  LayerRow("dense", input: [3], output: [4], parameters: 16) { Dense(3, 4) },
  LayerRow("dense without bias", input: [2, 3], output: [2, 4], parameters: 12) { Dense(3, 4, bias: false) },
  LayerRow("dropout", input: [8], output: [8]) { Dropout(0.4) },
  LayerRow("batch norm", input: [3], output: [3], parameters: 6) { BatchNorm(3) },
  LayerRow("batch norm over positions", input: [4, 3], output: [4, 3], parameters: 6) { BatchNorm(3, momentum: 0.5) },
  LayerRow("layer norm", input: [2, 4], output: [2, 4], parameters: 8) { LayerNorm(4) },
  LayerRow("layer norm over two axes", input: [2, 3], output: [2, 3], parameters: 12) { LayerNorm(shape: [2, 3]) },
  LayerRow("flatten", input: [2, 3, 2], output: [12]) { Flatten() },
  LayerRow("reshape", input: [6], output: [2, 3]) { Reshape(2, -1) },
  LayerRow("lambda", input: [2], output: [2]) { Lambda { $0.exp() } },
  LayerRow("basis expansion", input: [3], output: [30]) { BasisExpansion(BasisExpansion.Function.allCases) },
  LayerRow("polynomial features", input: [3], output: [19]) { PolynomialFeatures(degree: 3) },
  LayerRow("powers", input: [3], output: [9]) { PolynomialFeatures(degree: 3, interactions: false) },
  LayerRow("convolution", input: [4, 5, 2], output: [2, 3, 3], parameters: 57) { Convolution(2, 3, window: [3, 3]) },
  LayerRow("convolution over a line", input: [5, 4], output: [3, 6], parameters: 36) {
    Convolution(4, 6, window: [3], strides: [2], padding: .same, groups: 2, bias: false)
  },
  LayerRow("convolution over space", input: [2, 3, 2, 1], output: [1, 3, 1, 2], parameters: 10) {
    Convolution(1, 2, window: [2, 1, 2])
  },
  LayerRow("convolution, padded and dilated", input: [5, 4, 1], output: [4, 2, 2], parameters: 14) {
    Convolution(1, 2, window: [2, 3], padding: .symmetric([1, 1]), dilation: [3, 2])
  },
  LayerRow("transposed convolution", input: [2, 3, 2], output: [4, 6, 3], parameters: 57) {
    TransposedConvolution(2, 3, window: [3, 3], strides: [2, 2], padding: .same)
  },
  LayerRow("transposed convolution, padded", input: [3, 2], output: [6, 1], parameters: 7) {
    TransposedConvolution(2, 1, window: [3], strides: [2], padding: .symmetric([1]), outputPadding: [1])
  },
  LayerRow("max pooling", input: [4, 5, 2], output: [2, 2, 2]) { MaxPooling([2, 2]) },
  LayerRow("average pooling", input: [4, 5, 2], output: [2, 3, 2]) {
    AveragePooling([3, 3], strides: [2, 2], padding: .symmetric([1, 1]))
  },
  LayerRow("global average pooling", input: [3, 2, 4], output: [4]) { GlobalAveragePooling() },
  LayerRow("batch norm over pixels", input: [2, 3, 2], output: [2, 3, 2], parameters: 4) { BatchNorm(2) },
  LayerRow("residual", input: [3], output: [3], parameters: 38) {
    Residual {
      Dense(3, 5)
      Tanh()
      Dense(5, 3)
    }
  },
  LayerRow("sequential", input: [2, 3], output: [1], parameters: 35 + 6) {
    Sequential {
      Flatten()
      Dense(6, 5)
      Dropout(0.2)
      Sigmoid()
      Dense(5, 1)
    }
  },
]

struct LayerTableTests {
  @Test(arguments: rows) func conforms(row: LayerRow) throws { try row.conformance.check() }

  @Test(arguments: rows) func hasItsParameters(row: LayerRow) {
    #expect(row.conformance.make().parameterCount == row.parameterCount)
  }

  @Test func everyLayerThatAFileCanNameHasARow() {
    let tested = Set(rows.map { "\(type(of: $0.conformance.make()))" })
    #expect(tested.subtracting(["Lambda"]) == Set(namedLayers.map { $0.name }))
  }
}
