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
