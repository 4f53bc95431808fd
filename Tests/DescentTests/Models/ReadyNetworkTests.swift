import Descent
import DescentTesting
import Testing

/// The ready networks: their sizes as papers and PyTorch's model collection state them, and small ones at work.
struct ReadyNetworkTests {
  struct Published: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let image: [Int]
    let classes: Int
    let parameters: Int
    let make: @Sendable (_ image: [Int], _ classes: Int) -> Sequential
  }

  static let published: [Published] = [
    Published(testDescription: "LeNet-5, 28×28", image: [28, 28, 1], classes: 10, parameters: 61_706) {
      .leNet5(image: $0, classes: $1)
    },
    Published(testDescription: "LeNet-5, 32×32", image: [32, 32, 1], classes: 10, parameters: 61_706) {
      .leNet5(image: $0, classes: $1, activation: Tanh(), pooling: AveragePooling([2, 2]))
    },
    Published(testDescription: "VGG-11", image: [224, 224, 3], classes: 1000, parameters: 132_863_336) {
      .vgg(image: $0, classes: $1)
    },
    Published(testDescription: "VGG-16", image: [224, 224, 3], classes: 1000, parameters: 138_357_544) {
      .vgg(
        image: $0, classes: $1,
        stages: [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]])
    },
    Published(testDescription: "ResNet-20", image: [32, 32, 3], classes: 10, parameters: 269_722) {
      .resNet20(image: $0, classes: $1)
    },
    Published(testDescription: "ResNet-18", image: [224, 224, 3], classes: 1000, parameters: 11_689_512) {
      .resNet18(image: $0, classes: $1)
    },
    Published(testDescription: "ResNet-18 for small images", image: [32, 32, 3], classes: 10, parameters: 11_173_962) {
      .resNet18(image: $0, classes: $1)
    },
    Published(testDescription: "ResNet-34", image: [224, 224, 3], classes: 1000, parameters: 21_797_672) {
      .resNet34(image: $0, classes: $1)
    },
    Published(testDescription: "ConvNeXt-T", image: [224, 224, 3], classes: 1000, parameters: 28_589_128) {
      .convNeXt(image: $0, classes: $1)
    },
  ]

  @Test(arguments: published) func hasThePublishedSize(network: Published) throws {
    let model = network.make(network.image, network.classes)
    let summary = model.summary(input: network.image)
    #expect(summary.trainableCount == network.parameters)
    #expect(summary.rows.last?.output == "[batch, \(network.classes)]")
    let copy = try Sequential(architecture: model.architecture())
    #expect(copy.parameterCount == network.parameters)
    #expect(copy.state.paths == model.state.paths)
  }

  @Test func theSummaryShowsHowTheImageShrinks() {
    let rows = Sequential.resNet20().summary(input: [32, 32, 3]).rows
    #expect(rows.map(\.type)[..<4] == ["Convolution", "BatchNorm", "ReLU", "ResidualBlock"])
    #expect(
      rows.filter { $0.type == "ResidualBlock" }.map(\.output)
        == [[Int]]([[32, 16], [16, 32], [8, 64]]).flatMap { size in
          [String](repeating: "[batch, \(size[0]), \(size[0]), \(size[1])]", count: 3)
        })
    #expect(
      Sequential.resNet18().summary(input: [224, 224, 3]).rows[3].output == "[batch, 56, 56, 64]")
    let pooled = Sequential.leNet5().summary(input: [28, 28, 1]).rows.filter { $0.type == "MaxPooling" }
    #expect(pooled.map(\.output) == ["[batch, 14, 14, 6]", "[batch, 5, 5, 16]"])
  }

  static let small: [([Int], Sequential)] = [
    ([12, 13, 2], .leNet5(image: [12, 13, 2], classes: 3)),
    (
      [9, 8, 2],
      .vgg(image: [9, 8, 2], classes: 3, stages: [[4], [6, 5], [4], [4], [4]], hidden: [7], normalizes: true)
    ),
    ([9, 8, 2], .resNet(image: [9, 8, 2], classes: 3, widths: [4, 6], blocks: [1, 2])),
    ([64, 65, 2], .resNet(image: [64, 65, 2], classes: 3, widths: [2, 4], blocks: [1, 1], shortcut: .zeros)),
    ([13, 12, 2], .convNeXt(image: [13, 12, 2], classes: 3, widths: [4, 6], depths: [1, 2])),
  ]

  /// Small ones of every kind: training halves the loss on a few images, so the gradients arrive.
  @Test(arguments: small) func smallOnesLearn(image: [Int], model: Sequential) throws {
    let x = RandomKey(1).normal([6] + image)
    let targets = Tensor([0, 1, 2, 0, 1, 2] as [Int32])
    let step = try CompiledStep(model, .adam(learningRate: 3e-3)) { model, batch in
      softmaxCrossEntropy(logits: model(batch.inputs), targets: batch.targets)
    }
    let first = try step(Batch(inputs: x, targets: targets))
    var last = first
    for _ in 0..<80 { last = try step(Batch(inputs: x, targets: targets)) }
    #expect(last < first / 2)
  }
}
