import DescentCPU
import DescentCore
import DescentRules
import DescentTesting
import Testing

/// Learning rates of PyTorch's schedulers over 50 steps.
struct ScheduleFixture: Decodable {
  struct Case: Decodable, CustomTestStringConvertible {
    struct Arguments: Decodable {
      let learningRate, factor, minimum, maximum, warmUpShare, initialDivisor, finalDivisor, startFactor: Double?
      let power, threshold: Double?
      let every, period, periodFactor, totalSteps, warmUpSteps, patience, cooldown: Int?
      let milestones: [Int]?
      let mode, thresholdMode: String?
    }
    let name, schedule: String
    let arguments: Arguments
    let learningRates: [Double]
    let metrics: [Double]?

    var testDescription: String { name }

    var made: Schedule? {
      let a = arguments
      let rate = a.learningRate ?? 0
      switch schedule {
      case "step": return .step(rate, every: a.every!, factor: a.factor!)
      case "multiStep": return .milestones(rate, at: a.milestones!, factor: a.factor!)
      case "exponential": return .exponential(rate, factor: a.factor!)
      case "cosine": return .cosine(rate, period: a.period!, minimum: a.minimum!)
      case "cosineRestarts":
        return .cosineRestarts(rate, period: a.period!, periodFactor: a.periodFactor!, minimum: a.minimum!)
      case "oneCycle":
        return .oneCycle(
          maximum: a.maximum!, totalSteps: a.totalSteps!, warmUpShare: a.warmUpShare!,
          initialDivisor: a.initialDivisor!, finalDivisor: a.finalDivisor!)
      case "linearWarmUp": return .warmUp(a.warmUpSteps!, from: a.startFactor!, then: rate)
      case "polynomial": return .polynomial(rate, totalSteps: a.totalSteps!, power: a.power!)
      default: return nil
      }
    }
  }

  let schedules: [Case]

  static func cases(plateau: Bool) throws -> [Case] {
    try fixture("optimizers", as: ScheduleFixture.self).schedules.filter {
      ($0.schedule == "reduceOnPlateau") == plateau
    }
  }
}

@Test("Schedules agree with PyTorch", arguments: try ScheduleFixture.cases(plateau: false))
func schedulesAgree(_ testCase: ScheduleFixture.Case) throws {
  let schedule = try #require(testCase.made, "no such schedule")
  #expect(testCase.learningRates.count == 50)
  for (index, expected) in testCase.learningRates.enumerated() {
    let exact = schedule.value(at: index + 1)
    #expect((exact - expected).magnitude <= 1e-12 * max(expected, 1e-3), "step \(index + 1): \(exact), not \(expected)")
  }
  let steps = Tensor.arange(1, 51, dtype: .float32)
  let rates = vmap { step in schedule(step) }(steps)
  #expect(rates.dtype == .float32)
  try expectClose(rates, testCase.learningRates, tolerance: 1e-7, "learning rates in float32")
}

@Test("Plateaus agree with PyTorch", arguments: try ScheduleFixture.cases(plateau: true))
func plateausAgree(_ testCase: ScheduleFixture.Case) throws {
  let a = testCase.arguments
  let rate = try #require(a.learningRate)
  var plateau = ReduceOnPlateau(
    a.mode == "max" ? .maximum : .minimum, factor: a.factor!, patience: a.patience!,
    threshold: a.thresholdMode == "relative" ? .relative(a.threshold!) : .absolute(a.threshold!),
    cooldown: a.cooldown!, minimumScale: a.minimum! / rate)
  var rates = [rate]
  for metric in try #require(testCase.metrics).dropLast() { rates.append(rate * plateau.update(metric)) }
  for (index, (actual, expected)) in zip(rates, testCase.learningRates).enumerated() {
    #expect((actual - expected).magnitude < 1e-15, "step \(index + 1): \(actual), not \(expected)")
  }
  #expect(rates.count == testCase.learningRates.count)
}

struct ScheduleTests {
  @Test func plateauCountsNaNAsNoBetter() {
    var plateau = ReduceOnPlateau(factor: 0.5, patience: 1)
    #expect([1, .nan, .nan, 0.5].map { plateau.update($0) } == [1, 1, 0.5, 0.5])
    #expect(plateau.best == 0.5)
  }

  @Test func constantsKeepFullPrecision() {
    #expect(Schedule(0.1).value(at: 5) == 0.1)
    #expect((0.1 as Schedule)(Tensor(1.0)).dtype == .float32)
  }

  @Test func endsStay() {
    #expect(Schedule.cosine(1, period: 10, minimum: 0.25).value(at: 100) == 0.25)
    #expect(Schedule.polynomial(1, totalSteps: 10).value(at: 100) == 0)
    let cycle = Schedule.oneCycle(maximum: 1, totalSteps: 20)
    #expect(cycle.value(at: 500) == cycle.value(at: 20))
  }

  @Test func piecewiseChangesAtItsBoundaries() {
    let schedule = Schedule.piecewise([1, 0.5, 2], boundaries: [2, 3])
    #expect((1...5).map { schedule.value(at: $0) } == [1, 1, 0.5, 2, 2])
  }

  @Test func warmUpHandsOverToTheNextScheduleFromItsFirstStep() {
    let next = Schedule.exponential(1, factor: 0.5)
    let schedule = Schedule.warmUp(4, from: 0, then: next)
    #expect((1...7).map { schedule.value(at: $0) } == [0, 0.25, 0.5, 0.75, 1, 0.5, 0.25])
  }

  @Test func equalPeriodsRestart() {
    let schedule = Schedule.cosineRestarts(1, period: 4)
    let one = (1...4).map { Schedule.cosine(1, period: 4).value(at: $0) }
    #expect((1...12).map { schedule.value(at: $0) } == one + one + one)
  }

  /// Restarts at 10 · (2ᵏ − 1) steps, also where float32 has few digits left.
  @Test func restartsAreExactForMillionsOfSteps() {
    let schedule = Schedule.cosineRestarts(1, period: 10, periodFactor: 2)
    for power in 1...20 {
      let restart = 10 * ((1 << power) - 1)
      let rates = [restart, restart + 1].map { schedule(Tensor($0, dtype: .float32)).scalar(of: Float.self) }
      #expect(rates[0] < 0.1 && rates[1] == 1, "around step \(restart)")
    }
  }
}
