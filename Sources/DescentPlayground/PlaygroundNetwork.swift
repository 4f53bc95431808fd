public import DescentCPU
public import DescentCore
import DescentRules

/// A small network that learns to tell two classes of points in the plane apart: features, hidden layers of units, one
/// output tanh(…) whose sign is the class. The loss is the mean of ½(output − label)².
///
/// ```swift
/// var settings = PlaygroundSettings()
/// settings.pattern = .xor
/// let network = try PlaygroundNetwork(settings)
/// let losses = network.train(steps: 100)
/// ```
public final class PlaygroundNetwork {
  public let settings: PlaygroundSettings
  /// Points trained on, [points, 2], and their classes, 1 or −1, [points, 1].
  public let training: (points: Tensor, labels: Tensor)
  /// Points kept aside.
  public let test: (points: Tensor, labels: Tensor)
  /// How many steps were made.
  public private(set) var stepCount = 0

  private let pass: ForwardPass
  private let engine: Engine
  private let parameters: [Memory]
  private var step: TrainingStep
  private let batches: BatchPass

  /// - Parameter engine: what computes everything, the drawing of points and weights included.
  /// - Throws: `SettingsError` if the settings describe no network.
  public init(_ settings: PlaygroundSettings, engine: Engine = .cpu) throws(SettingsError) {
    try settings.validate()
    self.settings = settings
    self.engine = engine
    let pass = ForwardPass(settings: settings)
    self.pass = pass
    let keys = RandomKey(settings.seed).split(3)
    let (points, labels) = settings.pattern.points(settings.pointCount, noise: settings.noise, key: keys[0])
    let drawn = trapping { () throws(EvaluationError) in try engine.compute([points, labels]) }
    let all = (Tensor(drawn[0], shape: points.shape), Tensor(drawn[1], shape: labels.shape))
    func part(_ start: Int, _ count: Int) -> (points: Tensor, labels: Tensor) {
      (all.0.slice(axis: 0, from: start, count: count), all.1.slice(axis: 0, from: start, count: count))
    }
    training = part(0, settings.trainingCount)
    test = part(settings.trainingCount, settings.pointCount - settings.trainingCount)
    let trained = training
    let parameters = trapping { () throws(EvaluationError) in try engine.compute(pass.initialParameters(keys[1])) }
    self.parameters = parameters
    batches = trapping { () throws(EvaluationError) in
      try BatchPass(
        features: settings.features(trained.points), labels: trained.labels, batchSize: settings.batchSize,
        key: keys[2], engine: engine)
    }
    step = trapping { () throws(EvaluationError) in
      try TrainingStep(pass, parameters: parameters, rule: settings.rule, engine: engine)
    }
  }

  /// The number of steps in one pass over the training points.
  public var stepsPerPass: Int { batches.batches.count }

  /// Makes steps, and gives the loss of each one's batch before it.
  public func train(steps: Int) -> [Float] {
    var losses: [Float] = []
    losses.reserveCapacity(steps)
    trapping { () throws(EvaluationError) in
      for _ in 0..<steps {
        let place = stepCount % stepsPerPass
        if place == 0 { try batches.shuffle() }
        try step.run(batches.batches[place])
        losses.append(step.loss)
        stepCount += 1
      }
    }
    return losses
  }

  /// The network's output at points [points, 2]: one number in −1 ... 1 each.
  public func predict(_ points: Tensor) -> [Float] {
    compute([pass.layers(settings.features(points), weights).last!])[0].array()
  }

  /// The loss over the training points.
  public var trainingLoss: Float { loss(training) }

  /// The loss over the points kept aside.
  public var testLoss: Float { loss(test) }

  private func loss(_ part: (points: Tensor, labels: Tensor)) -> Float {
    compute([pass.loss(settings.features(part.points), part.labels, weights)])[0].array()[0]
  }

  /// Copies, because a tensor never changes and training changes the parameters where they lie.
  private var weights: [Tensor] { zip(parameters, pass.parameterShapes).map { Tensor($0.copy(), shape: $1) } }

  private func compute(_ tensors: [Tensor]) -> [Memory] {
    trapping { () throws(EvaluationError) in try engine.compute(tensors) }
  }
}

extension PlaygroundSettings {
  fileprivate var rule: UpdateRule {
    switch optimizer {
    case .gradientDescent: UpdateRule(SGD(learningRate: learningRate))
    case .momentum: UpdateRule(SGD(learningRate: learningRate, momentum: 0.9))
    case .adam: UpdateRule(Adam(learningRate: learningRate))
    }
  }
}

/// The playground's programs read no index from outside, so that a failure to run one is a defect in it.
private func trapping<R>(_ body: () throws(EvaluationError) -> R) -> R {
  do {
    return try body()
  } catch {
    fatalError(error.description)
  }
}
