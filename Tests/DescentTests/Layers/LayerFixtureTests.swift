import Descent
import DescentTesting
import Foundation
import Testing

/// PyTorch's outputs and gradients in float64.
private struct LayerFixtures: Decodable {
  struct Numbers: Decodable {
    let shape: [Int]
    let values: [Double]
    var tensor: Tensor { Tensor(values, shape: shape, dtype: .float64) }
  }

  struct Case: Decodable, CustomTestStringConvertible {
    let name: String
    let layer: String
    let input, output, upstream: Numbers
    let parameters, gradients: [String: Numbers]
    var testDescription: String { name }
  }

  struct BatchNormStep: Decodable {
    let input, runningMean, runningVariance: Numbers
  }

  let cases: [Case]
  let batchNormSteps: [BatchNormStep]

  static let all: LayerFixtures = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fixtures/layers.json")
    do {
      return try JSONDecoder().decode(LayerFixtures.self, from: Data(contentsOf: file.standardized))
    } catch {
      fatalError("\(file.standardized.path): \(error)")
    }
  }()
}

struct LayerFixtureTests {
  /// The layer a case is about, and how its parameters are called here.
  private func layer(for fixture: LayerFixtures.Case) throws -> (layer: any Layer, names: [String: String]) {
    let norm = ["weight": "scale", "bias": "shift"]
    let plain: [String: any Layer] = [
      "flatten": Flatten(), "sigmoid": Sigmoid(), "tanh": Tanh(), "relu": ReLU(), "leakyReLU": LeakyReLU(slope: 0.01),
      "elu": ELU(), "selu": SELU(), "gelu": GELU(), "geluTanh": GELU(.tanh), "silu": SiLU(), "mish": Mish(),
      "softplus": Softplus(), "softsign": Softsign(), "softmax": Softmax(), "logSoftmax": LogSoftmax(),
    ]
    switch fixture.layer {
    case "linear":
      let shape = try #require(fixture.parameters["weight"]).shape
      let layer = Dense(shape[0], shape[1], bias: fixture.parameters["bias"] != nil)
      return (layer, ["weight": "weight", "bias": "bias"])
    case "batchNorm": return (BatchNorm(3), norm)
    case "layerNorm": return (LayerNorm(6), norm)
    default: return (try #require(plain[fixture.layer]), [:])
    }
  }

  @Test(arguments: LayerFixtures.all.cases) fileprivate func agrees(fixture: LayerFixtures.Case) throws {
    let (layer, names) = try layer(for: fixture)
    let model = Sequential([layer])
    model.convert(to: .float64)
    for (name, numbers) in fixture.parameters {
      try model.load(["0.\(try #require(names[name]))": numbers.tensor], verify: .lenient)
    }
    if fixture.name == "batchNormInference" {
      let last = try #require(LayerFixtures.all.batchNormSteps.last)
      let running: ModuleValues = [
        "0.runningMean": last.runningMean.tensor, "0.runningVariance": last.runningVariance.tensor,
      ]
      try model.load(running, verify: .lenient)
    }
    let phase: Phase = fixture.name == "batchNormTraining" ? .training : .inference
    let x = fixture.input.tensor
    let point = [x] + model.parameters.tensors
    let gradients = gradients(at: point) { values in
      withParameters(of: model, replacedBy: Array(values.dropFirst())) { model in
        withPhase(phase) { (model(values[0]) * fixture.upstream.tensor).sum() }
      }
    }
    try expectClose(withPhase(phase) { model(x) }, fixture.output.tensor, tolerance: 1e-9, "the output")
    try expectClose(
      gradients[0], try #require(fixture.gradients["input"]).tensor, tolerance: 1e-9, "the input's gradient")
    for (name, path) in names where fixture.parameters[name] != nil {
      let position = try #require(model.parameters.paths.firstIndex(of: "0.\(path)"))
      let expected = try #require(fixture.gradients[name]).tensor
      try expectClose(gradients[position + 1], expected, tolerance: 1e-9, "the gradient of \(path)")
    }
  }

  @Test func runningStatisticsFollowTheBatches() throws {
    let norm = BatchNorm(3)
    norm.convert(to: .float64)
    for step in LayerFixtures.all.batchNormSteps {
      _ = withPhase(.training) { norm(step.input.tensor) }
      try expectClose(norm.runningMean, step.runningMean.tensor, tolerance: 1e-12)
      try expectClose(norm.runningVariance, step.runningVariance.tensor, tolerance: 1e-12)
    }
  }
}
