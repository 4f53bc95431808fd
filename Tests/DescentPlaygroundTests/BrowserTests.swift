import DescentCPU
import DescentCore
import DescentPlayground
import Testing

@Suite(
  .enabled(
    if: BrowserModule.missing == nil,
    "needs Node and the Swift toolchain's wasm-ld; missing here: \(BrowserModule.missing ?? "nothing")"))
struct BrowserTests {
  /// The same settings in both languages.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let steps: Int
    let native: PlaygroundSettings
    let browser: [String: BrowserModule.Setting]

    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(
      name: "xor, gradient descent", steps: 200,
      native: settings {
        $0.pattern = .xor
        $0.seed = 1
      },
      browser: ["pattern": .name("xor"), "seed": .number(1)]),
    Case(
      name: "xor, ReLU, momentum, L2", steps: 200,
      native: settings {
        $0.pattern = .xor
        $0.noise = 0.2
        $0.features = [.x, .y, .product]
        $0.hiddenLayers = [5]
        $0.activation = .relu
        $0.optimizer = .momentum
        $0.learningRate = 0.01
        $0.penalty = .l2
        $0.penaltyRate = 0.003
        $0.seed = 2
      },
      browser: [
        "pattern": .name("xor"), "noise": .number(0.2), "features": .names(["x", "y", "product"]),
        "hiddenLayers": .numbers([5]), "activation": .name("relu"), "optimizer": .name("momentum"),
        "learningRate": .number(0.01), "penalty": .name("l2"), "penaltyRate": .number(0.003), "seed": .number(2),
      ]),
    Case(
      name: "spiral, Adam, all features", steps: 200,
      native: settings {
        $0.pattern = .spiral
        $0.noise = 0.1
        $0.trainingShare = 0.7
        $0.features = PointFeature.allCases
        $0.hiddenLayers = [8, 8]
        $0.optimizer = .adam
        $0.learningRate = 0.01
        $0.batchSize = 30
        $0.seed = 3
      },
      browser: [
        "pattern": .name("spiral"), "noise": .number(0.1), "trainingShare": .number(0.7),
        "features": .names(["x", "y", "xSquared", "ySquared", "product", "sineOfX", "sineOfY"]),
        "hiddenLayers": .numbers([8, 8]), "optimizer": .name("adam"), "learningRate": .number(0.01),
        "batchSize": .number(30), "seed": .number(3),
      ]),
    Case(
      name: "gauss, sigmoid, L1, one layer", steps: 100,
      native: settings {
        $0.pattern = .gauss
        $0.noise = 0.3
        $0.hiddenLayers = [3]
        $0.activation = .sigmoid
        $0.penalty = .l1
        $0.penaltyRate = 0.001
        $0.seed = 4
      },
      browser: [
        "pattern": .name("gauss"), "noise": .number(0.3), "hiddenLayers": .numbers([3]),
        "activation": .name("sigmoid"), "penalty": .name("l1"), "penaltyRate": .number(0.001), "seed": .number(4),
      ]),
    Case(
      name: "circle, no hidden layer", steps: 100,
      native: settings {
        $0.features = [.xSquared, .ySquared]
        $0.hiddenLayers = []
      },
      browser: ["features": .names(["xSquared", "ySquared"]), "hiddenLayers": .numbers([])]),
  ]

  private static func settings(_ change: (inout PlaygroundSettings) -> Void) -> PlaygroundSettings {
    var result = PlaygroundSettings()
    change(&result)
    return result
  }

  private static let probes: [Float] = [1, 1, -1, 1, -2.5, -3, 4, 0.25, 0, 0]

  /// The module and the definition of every operation learn the same from the same seed.
  @Test(arguments: cases) func learnsAsTheInterpreter(_ training: Case) throws {
    let outcome = try BrowserModule.train(training.browser, steps: training.steps, points: Self.probes)
    let browser = try #require(outcome.curves, "\(outcome.refusal ?? "")")
    let network = try PlaygroundNetwork(training.native, engine: .interpreter)
    expectClose(browser.points, network.training.points.array(), "points")
    expectClose(browser.labels, network.training.labels.array(), "labels")
    expectClose(browser.losses, network.train(steps: training.steps), "losses")
    expectClose([browser.trainingLoss, browser.testLoss], [network.trainingLoss, network.testLoss], "losses of parts")
    expectClose(browser.predictions, network.predict(Tensor(Self.probes, shape: [5, 2])), "predictions")
  }

  /// Wrong settings are refused with the sentence the Swift library has for them.
  @Test(arguments: [
    (
      "batchSize", BrowserModule.Setting.number(1000),
      "batchSize: must lie in 1 ... 250, the number of training points"
    ),
    ("noise", .number(2), "noise: must lie in 0 ... 0.5"),
    ("features", .names([]), "features: a network needs at least one"),
    ("pointCount", .number(2.5), "pointCount: must be a whole number, not negative"),
    ("pattern", .name("moon"), "pattern: \"moon\" is none of circle, xor, gauss, spiral"),
  ]) func refuses(_ name: String, _ value: BrowserModule.Setting, _ sentence: String) throws {
    #expect(try BrowserModule.train([name: value]).refusal == sentence)
  }

  @Test func moduleIsSmall() throws {
    let bytes = try BrowserModule.size.get()
    print("descent.wasm: \(bytes) bytes")
    #expect(bytes <= 500_000)
  }

  private func expectClose(_ found: [Float], _ expected: [Float], _ what: String) {
    #expect(found.count == expected.count, "\(what)")
    let wrong = zip(found, expected).enumerated().first { _, pair in
      !(abs(pair.0 - pair.1) <= 1e-5 * (1 + abs(pair.1)))
    }
    if let (index, pair) = wrong {
      Issue.record("\(what): \(pair.0) at \(index), the interpreter has \(pair.1)")
    }
  }
}
