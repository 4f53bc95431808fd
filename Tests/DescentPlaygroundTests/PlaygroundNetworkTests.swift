import DescentCPU
import DescentCore
import DescentPlayground
import Testing

struct PlaygroundNetworkTests {
  @Test func learnsXor() throws {
    var settings = PlaygroundSettings()
    settings.pattern = .xor
    settings.optimizer = .adam
    let network = try PlaygroundNetwork(settings)
    let before = network.testLoss
    _ = network.train(steps: 2000)
    #expect(before > 0.3)
    #expect(network.testLoss < 0.05)
    let corners = network.predict([[3, 3], [-3, -3], [3, -3], [-3, 3]])
    #expect(corners.map { $0 > 0 } == [true, true, false, false])
  }

  @Test(arguments: OptimizerChoice.allCases) func engineAgreesWithInterpreter(_ optimizer: OptimizerChoice) throws {
    var settings = PlaygroundSettings()
    settings.optimizer = optimizer
    settings.learningRate = 0.01
    let fast = try PlaygroundNetwork(settings, engine: .cpu).train(steps: 60)
    let slow = try PlaygroundNetwork(settings, engine: .interpreter).train(steps: 60)
    for (a, b) in zip(fast, slow) { #expect(abs(a - b) <= 1e-5 * (1 + abs(b))) }
  }

  @Test func trainingInPartsIsTrainingAtOnce() throws {
    let whole = try PlaygroundNetwork(PlaygroundSettings())
    let parts = try PlaygroundNetwork(PlaygroundSettings())
    let losses = whole.train(steps: 70)
    #expect(parts.train(steps: 30) + parts.train(steps: 40) == losses)
    #expect(parts.stepCount == 70 && parts.stepsPerPass == 25)
  }

  @Test func seedDecides() throws {
    var settings = PlaygroundSettings()
    let first = try PlaygroundNetwork(settings).train(steps: 5)
    settings.seed = 1
    #expect(try PlaygroundNetwork(settings).train(steps: 5) != first)
  }

  /// Without noise the class follows from the place, and there are about as many points of either.
  @Test(arguments: PointPattern.allCases) func pointsFollowTheirPattern(_ pattern: PointPattern) throws {
    var settings = PlaygroundSettings()
    settings.pattern = pattern
    let network = try PlaygroundNetwork(settings)
    let points: [Float] = network.training.points.array() + network.test.points.array()
    let labels: [Float] = network.training.labels.array() + network.test.labels.array()
    #expect(points.count == 1000 && labels.count == 500)
    #expect(labels.allSatisfy { $0 == 1 || $0 == -1 })
    #expect((200...300).contains(labels.count { $0 == 1 }))
    for (index, label) in labels.enumerated() {
      let (x, y) = (points[2 * index], points[2 * index + 1])
      let radius = (x * x + y * y).squareRoot()
      switch pattern {
      case .circle: #expect(label == 1 ? radius < 2.5001 : (3.4999...5.0001).contains(radius))
      case .xor: #expect(label == (x * y > 0 ? 1 : -1) && abs(x) >= 0.3 && abs(y) >= 0.3)
      case .gauss: #expect(abs(x - 2 * label) < 3.6 && abs(y - 2 * label) < 3.6)  // five deviations
      case .spiral: #expect(radius < 5)
      }
    }
  }
}
