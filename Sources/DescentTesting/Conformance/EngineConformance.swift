import DescentCPU
public import DescentCore

/// What makes an engine an engine: every operation of the table gives the interpreter's values, in both floating-point
/// types and in the integer types the operation accepts; both modes of differentiation and the second order agree with
/// it, with each other and with differences of values; and a batched function gives what a loop over examples gives.
///
/// ```swift
/// let report = EngineConformance(of: .cpu).run()
/// precondition(report.failures.isEmpty, report.description)
/// ```
public struct EngineConformance: Sendable {
  private let engine: Engine
  private let seeds: Int

  /// Every row is drawn `seeds` times.
  public init(of engine: Engine, seeds: Int = 3) {
    self.engine = engine
    self.seeds = seeds
  }

  /// Runs the whole table.
  public func run() -> ConformanceReport { run(OpTable.rows) }

  package func run(_ rows: [OpRow]) -> ConformanceReport {
    var report = ConformanceReport()
    for row in rows {
      for shapes in row.shapes {
        for seed in 0..<seeds { run(Trial(row, shapes, seed: seed), into: &report) }
      }
    }
    return report
  }

  private func run(_ trial: Trial, into report: inout ConformanceReport) {
    let row = trial.row
    let definition: Answers
    do throws(EvaluationError) {
      definition = try trial.answers(.float64, on: .interpreter)
    } catch {
      report.record(trial, .float64, .value, "the interpreter stopped: \(error.description)")
      return
    }
    for dtype in [DType.float64, .float32] + row.integerTypes {
      do throws(EvaluationError) {
        let isFloat = dtype.isFloat
        let sameType = dtype != .float64 && (row.dependsOnType || !isFloat)
        let expected = sameType ? try trial.answers(dtype, on: .interpreter) : definition
        let isDefinition = engine.name == Engine.interpreter.name && (dtype == .float64 || sameType)
        let answers = isDefinition ? expected : try trial.answers(dtype, on: engine)
        check(trial, dtype, answers, expected, into: &report)
      } catch {
        report.record(trial, dtype, .value, "stopped: \(error.description)")
      }
    }
  }

  private func check(
    _ trial: Trial, _ dtype: DType, _ answers: Answers, _ expected: Answers, into report: inout ConformanceReport
  ) {
    let row = trial.row
    let isDouble = dtype == .float64
    let rounding = (isDouble && answers.type != .float32 ? 1e-11 : 4e-6) * row.looseness
    func compare(_ actual: [HostArray], _ wanted: [HostArray], _ tolerance: Double, _ what: String) -> String? {
      difference(actual, wanted, tolerance: tolerance).map { "\(what): \($0)" }
    }

    var problem = compare([answers.value], [expected.value], rounding, "against the interpreter")
    if problem == nil, isDouble || !dtype.isFloat, let reference = row.reference {
      let wanted =
        answers.type.isFloat ? reference(trial.inputs(dtype)) : reference(trial.inputs(dtype)).wrapped(to: answers.type)
      problem = compare(
        [answers.value], [wanted], max(rounding, 1e-10 * row.looseness), "against the independent reference")
    }
    report.record(trial, dtype, .value, problem)

    problem =
      compare(answers.batched, expected.batched, 4 * rounding, "against the interpreter")
      ?? compare(answers.batched, answers.looped, 4 * rounding, "against a loop over the examples")
    report.record(trial, dtype, .batched, problem)

    guard let slopes = answers.slopes, let expectedSlopes = expected.slopes else { return }
    let tolerance = isDouble ? max(rounding, 1e-10) : 4 * rounding
    let differences = row.isSmooth && isDouble ? slopes.differences : nil
    problem =
      compare([slopes.forward], [expectedSlopes.forward], tolerance, "against the interpreter")
      ?? differences.flatMap { compare([slopes.forward], [$0.values], 1e-7, "against differences of values") }
    report.record(trial, dtype, .forward, problem)

    let forward = dot(trial.weights, slopes.forward)
    let reverse = dot(trial.flatDirection, slopes.reverse)
    problem =
      compare([slopes.reverse], [expectedSlopes.reverse], tolerance, "against the interpreter")
      ?? compare([reverse], [forward], 20 * tolerance, "⟨Jᵀc, v⟩ against ⟨c, Jv⟩")
    report.record(trial, dtype, .reverse, problem)

    problem =
      compare([slopes.second], [expectedSlopes.second], 4 * tolerance, "against the interpreter")
      ?? compare(
        [slopes.secondByReverse], [slopes.second], 20 * tolerance, "reverse over reverse against forward over reverse")
      ?? differences.flatMap { compare([slopes.second], [$0.slopes], 1e-6, "against differences of gradients") }
    report.record(trial, dtype, .second, problem)
  }

  private func dot(_ a: HostArray, _ b: HostArray) -> HostArray {
    HostArray([], [zip(a.values, b.values).map(*).reduce(0, +)])
  }

  /// The worst excess of |actual − expected| over tolerance · max(1, |expected|), in words.
  private func difference(_ actual: [HostArray], _ expected: [HostArray], tolerance: Double) -> String? {
    var worst = (excess: tolerance, text: "")
    for (index, (actual, expected)) in zip(actual, expected).enumerated() {
      guard actual.shape == expected.shape else { return "shape \(actual.shape) instead of \(expected.shape)" }
      for (place, (a, b)) in zip(actual.values, expected.values).enumerated() where a != b && !(a.isNaN && b.isNaN) {
        let distance = (a - b).magnitude / max(1, b.magnitude)
        let excess = distance.isFinite ? distance : .infinity
        if excess > worst.excess { worst = (excess, "\(a) instead of \(b) at element \(place) of result \(index)") }
      }
    }
    return worst.text.isEmpty ? nil : "\(worst.text) (off by \(worst.excess), allowed \(tolerance))"
  }
}

extension HostArray {
  /// Whole numbers as an integer type holds them.
  fileprivate func wrapped(to dtype: DType) -> HostArray {
    mapped { ScalarValue.integer(Int64($0.rounded(.towardZero))).converted(to: dtype).real }
  }
}
