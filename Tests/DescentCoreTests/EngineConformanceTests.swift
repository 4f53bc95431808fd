import DescentCPU
import DescentCore
import DescentTesting
import Testing

@Suite struct EngineConformanceTests {
  @Test func interpreterConforms() { expectConformance(of: .interpreter) }

  @Test func processorConforms() { expectConformance(of: .cpu) }

  private func expectConformance(of engine: Engine) {
    let report = EngineConformance(of: engine).run()
    print("\(engine.name): \(report.caseCount) cases")
    #expect(report.caseCount > 40_000)
    #expect(report.failures.isEmpty, "\(report)")
  }

  /// The harness notices an engine that is wrong in one operation.
  @Test func harnessFindsAWrongEngine() {
    let wrong = Engine(name: "wrong") { program, precision in
      let honest = Engine.interpreter.compile(program, precision: precision)
      return Executable(program) { (inputs, outputs) throws(EvaluationError) in
        try honest.run(inputs, into: outputs)
        for output in outputs where output.count == 37 { output[5] = .real(output[5].real + 1e-3) }
      }
    }
    let rows = OpTable.rows.filter { $0.name == "exp" }
    let report = EngineConformance(of: wrong).run(rows)
    #expect(rows.count == 1)
    let modes = Set(report.failures.map(\.mode))
    #expect(modes.isSuperset(of: [.value, .forward, .reverse, .second]), "\(report)")
    #expect(report.failures.allSatisfy { $0.shapes == [[37]] }, "\(report)")
  }
}
