import Descent
import DescentTesting
import Testing

/// One row a layer: its name, the conformance check it must pass, and how many parameters it has.
struct LayerRow: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let parameterCount: Int
  let conformance: LayerConformance

  init(
    _ name: String, input: [Int], output: [Int], parameters: Int = 0, isSmooth: Bool = true, indices: Int? = nil,
    _ make: @escaping @Sendable () -> any Layer
  ) {
    testDescription = name
    parameterCount = parameters
    conformance = LayerConformance(input: input, output: output, isSmooth: isSmooth, indices: indices, make)
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
  LayerRow("global max pooling", input: [3, 2, 4], output: [4]) { GlobalMaxPooling() },
  LayerRow("adaptive average pooling", input: [4, 5, 2], output: [2, 3, 2]) { AdaptiveAveragePooling([2, 3]) },
  LayerRow("adaptive average pooling, enlarging", input: [2, 3], output: [5, 3]) { AdaptiveAveragePooling([5]) },
  LayerRow("adaptive max pooling", input: [5, 2, 2], output: [3, 1, 2]) { AdaptiveMaxPooling([3, 1]) },
  LayerRow("nearest up-sampling", input: [2, 3, 2], output: [4, 9, 2]) { UpSampling([2, 3]) },
  LayerRow("linear up-sampling", input: [2, 3, 1, 2], output: [6, 6, 4, 2]) { UpSampling([3, 2, 4], .linear) },
  LayerRow("zero padding", input: [2, 3, 2], output: [5, 4, 2]) { ZeroPadding([1, 0], [2, 1]) },
  LayerRow("spatial dropout", input: [2, 3, 4], output: [2, 3, 4]) { SpatialDropout(0.4) },
  LayerRow("stochastic depth", input: [3], output: [3]) { StochasticDepth(0.4) },
  LayerRow("group norm", input: [2, 3, 6], output: [2, 3, 6], parameters: 12) { GroupNorm(6, groups: 2) },
  LayerRow("group norm of features", input: [4], output: [4], parameters: 8) { GroupNorm(4, groups: 2) },
  LayerRow("instance norm", input: [2, 3, 2], output: [2, 3, 2], parameters: 4) { InstanceNorm(2) },
  LayerRow("RMS norm", input: [2, 4], output: [2, 4], parameters: 4) { RMSNorm(4) },
  LayerRow("layer scale", input: [2, 3], output: [2, 3], parameters: 3) { LayerScale(3, initial: 0.5) },
  LayerRow("squeeze and excitation", input: [2, 3, 4], output: [2, 3, 4], parameters: 22) {
    SqueezeExcitation(4, squeezed: 2)
  },
  LayerRow("residual block", input: [4, 3, 2], output: [4, 3, 2], parameters: 80, isSmooth: false) {
    ResidualBlock(2, 2)
  },
  LayerRow("residual block with projection", input: [4, 3, 2], output: [2, 2, 3], parameters: 159, isSmooth: false) {
    ResidualBlock(2, 3, stride: 2)
  },
  LayerRow("residual block with zeros", input: [4, 3, 2], output: [2, 2, 3], parameters: 147, isSmooth: false) {
    ResidualBlock(2, 3, stride: 2, shortcut: .zeros)
  },
  LayerRow("embedding", input: [2, 3], output: [2, 3, 4], parameters: 20, indices: 5) { Embedding(5, 4) },
  LayerRow("RNN", input: [3, 2], output: [3, 4], parameters: 32) { RNN(2, 4) },
  LayerRow("LSTM", input: [3, 2], output: [3, 3], parameters: 84) { LSTM(2, 3) },
  LayerRow("LSTM in two layers and both directions", input: [2, 2], output: [2, 4], parameters: 224) {
    LSTM(2, 2, layers: 2, bidirectional: true)
  },
  LayerRow("GRU", input: [3, 2], output: [3, 3], parameters: 63) { GRU(2, 3) },
  LayerRow("last step", input: [3, 2], output: [2]) { LastStep() },
  LayerRow("multi-head attention", input: [3, 4], output: [3, 4], parameters: 80) { MultiHeadAttention(4, heads: 2) },
  LayerRow("multi-head attention, grouped and rotary", input: [3, 4], output: [3, 4], parameters: 60) {
    MultiHeadAttention(4, heads: 2, keyValueHeads: 1, isCausal: true, rotaryBase: 100)
  },
  LayerRow("feed-forward", input: [2, 4], output: [2, 4], parameters: 58) { FeedForward(4, hidden: 6) },
  // Two normalisations of four features one after the other curve too much for differences; their gradients are PyTorch's.
  LayerRow("transformer block", input: [3, 4], output: [3, 4], parameters: 154, isSmooth: false) {
    TransformerBlock(4, heads: 2, hidden: 6, isCausal: true, dropout: 0.25)
  },
  LayerRow("transformer block, normalised after", input: [3, 4], output: [3, 4], parameters: 154, isSmooth: false) {
    TransformerBlock(4, heads: 2, hidden: 6, normalization: .after, activation: Tanh())
  },
  LayerRow("transformer encoder", input: [3, 4], output: [3, 4], parameters: 316, isSmooth: false) {
    TransformerEncoder(4, layers: 2, heads: 2, hidden: 6)
  },
  LayerRow("learned positions", input: [3, 4], output: [3, 4], parameters: 20) {
    LearnedPositions(context: 5, width: 4)
  },
  LayerRow("sinusoidal positions", input: [3, 4], output: [3, 4]) { SinusoidalPositions(width: 4) },
  LayerRow("GPT", input: [3], output: [3, 5], parameters: 288, isSmooth: false, indices: 5) {
    GPT(.init(vocabulary: 5, context: 4, layers: 1, heads: 2, width: 4))
  },
  LayerRow("residual", input: [3], output: [3], parameters: 38) {
    Residual {
      Dense(3, 5)
      Tanh()
      Dense(5, 3)
    }
  },
  LayerRow("residual with a shortcut", input: [3], output: [2], parameters: 40) {
    Residual(shortcut: Dense(3, 2)) {
      Dense(3, 5)
      Tanh()
      Dense(5, 2)
    }
  },
  LayerRow("recomputed", input: [3], output: [2], parameters: 26) {
    Recomputed {
      Dense(3, 4)
      Tanh()
      Dense(4, 2)
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
