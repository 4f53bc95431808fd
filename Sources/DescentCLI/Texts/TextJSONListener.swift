import Descent

extension JSONListener where Event == TextEvent, Model == TextModel, Report == TextReport {
  static var texts: JSONListener {
    JSONListener { event in
      switch event {
      case .planned(let plan): TextPlanLine(plan)
      case .progressed(let progress): progress.isEpochEnd ? TextStepLine(progress) : nil
      case .sampled(let step, let text): SampleLine(step: step, text: text)
      case .counted, .trained: nil
      }
    } result: {
      TextResultLine($0, $1, path: $2, page: $3)
    }
  }
}

private struct TextPlanLine: Encodable {
  var event = "plan"
  let source: String
  let characters: Int
  let validationCharacters: Int
  let tokens: Int
  let network: GPT.Configuration
  let parameters: Int
  let batchSize: Int
  let steps: Int
  let warmUp: Int
  let passes: Double

  init(_ plan: TextPlan) {
    source = plan.source
    characters = plan.characterCount
    validationCharacters = plan.validationCharacterCount
    tokens = plan.tokenCount + plan.validationTokenCount
    network = plan.network
    parameters = plan.parameterCount
    batchSize = plan.batchSize
    steps = plan.steps
    warmUp = plan.warmUp
    passes = plan.passes
  }
}

private struct TextStepLine: Encodable {
  var event = "step"
  let step: Int
  let loss: Double
  /// Measured on a part of the end of the text.
  let validationLoss: Double?
  let learningRate: Double
  let seconds: Double

  init(_ progress: Progress) {
    step = progress.step
    loss = progress.loss
    validationLoss = progress.validationLoss.flatMap { $0.isFinite ? $0 : nil }
    learningRate = progress.learningRate
    seconds = progress.seconds
  }
}

private struct SampleLine: Encodable {
  var event = "sample"
  let step: Int
  let text: String
}

private struct TextResultLine: Encodable {
  var event = "result"
  let steps: Int
  let interrupted: Bool
  let nats: Double
  let bits: Double
  let natsPerToken: Double
  let baselines: [TextBaseline]
  let model: String
  let report: String?

  init(_ model: TextModel, _ report: TextReport, path: String, page: String?) {
    steps = model.provenance.steps
    interrupted = report.wasCancelled
    nats = report.loss.perCharacter
    bits = report.loss.bitsPerCharacter
    natsPerToken = report.loss.perToken
    baselines = report.baselines
    self.model = path
    self.report = page
  }
}
